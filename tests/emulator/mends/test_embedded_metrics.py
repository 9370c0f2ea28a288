from __future__ import annotations

import json
from typing import Any

import pytest

from streamctl.emulator.mends.embedded_metrics import metrics_in


def line(values: dict[str, Any], *, dimensions: list[list[str]], metrics: list[dict[str, str]]) -> str:
    directive = {"Namespace": "Shop", "Dimensions": dimensions, "Metrics": metrics}
    return json.dumps({"_aws": {"Timestamp": 1_700_000_000_500, "CloudWatchMetrics": [directive]}} | values)


def found(text: str) -> list[tuple[Any, ...]]:
    return [(each.name, each.dimensions, each.value, each.count, each.unit) for each in metrics_in(text)]


def test_a_line_becomes_a_metric() -> None:
    text = line({"Sold": 3, "Shop": "a"}, dimensions=[["Shop"]], metrics=[{"Name": "Sold", "Unit": "Count"}])
    [datum] = metrics_in(text)
    assert (datum.namespace, datum.timestamp) == ("Shop", 1_700_000_000.5)
    assert found(text) == [("Sold", (("Shop", "a"),), 3.0, 1.0, "Count")]


def test_each_set_of_dimensions_is_a_metric_of_its_own() -> None:
    text = line({"Sold": 1, "Shop": "a", "Till": 7}, dimensions=[[], ["Shop", "Till"]], metrics=[{"Name": "Sold"}])
    assert found(text) == [("Sold", (), 1.0, 1.0, "None"), ("Sold", (("Shop", "a"), ("Till", "7")), 1.0, 1.0, "None")]


def test_a_line_without_dimensions_publishes_without_them() -> None:
    assert found(line({"Sold": 1}, dimensions=[], metrics=[{"Name": "Sold"}])) == [("Sold", (), 1.0, 1.0, "None")]


def test_an_array_is_many_values() -> None:
    text = line({"Paid": [1.5, 2]}, dimensions=[[]], metrics=[{"Name": "Paid"}])
    assert [(value, count) for _, _, value, count, _ in found(text)] == [(1.5, 1.0), (2.0, 1.0)]


def test_values_and_counts_are_values_with_their_counts() -> None:
    text = line({"Paid": {"Values": [1, 2], "Counts": [10, 20]}}, dimensions=[[]], metrics=[{"Name": "Paid"}])
    assert [(value, count) for _, _, value, count, _ in found(text)] == [(1.0, 10.0), (2.0, 20.0)]


def test_a_metric_without_a_value_is_left_out() -> None:
    text = line({"Sold": 1}, dimensions=[[]], metrics=[{"Name": "Sold"}, {"Name": "Paid"}])
    assert [name for name, *_ in found(text)] == ["Sold"]


def test_a_metric_with_more_values_than_cloudwatch_takes_is_left_out() -> None:
    metrics = [{"Name": "Paid"}, {"Name": "Counted"}, {"Name": "Sold"}]
    values = {"Paid": [1] * 101, "Counted": {"Values": list(range(101))}, "Sold": [1] * 100}
    assert [name for name, *_ in found(line(values, dimensions=[[]], metrics=metrics))] == ["Sold"] * 100


@pytest.mark.parametrize(("count", "expected"), [(100, 100), (101, 0)])
def test_a_directive_with_more_metrics_than_cloudwatch_takes_is_left_out(count: int, expected: int) -> None:
    names = [f"m{number}" for number in range(count)]
    text = line(dict.fromkeys(names, 1), dimensions=[[]], metrics=[{"Name": name} for name in names])
    assert len(found(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "plain words",
        '{"message": "json, but no metrics"}',
        '{"_aws": 5}',
        '{"_aws": {}}',
        '{"_aws": {"Timestamp": "x", "CloudWatchMetrics": []}}',
        '{"_aws": {"Timestamp": 1, "CloudWatchMetrics": 7}}',
        '{"_aws"',
        "[INFO] " + line({"Sold": 1}, dimensions=[[]], metrics=[{"Name": "Sold"}]),
        line({"Sold": 1}, dimensions=[[]], metrics=[{"Name": "Sold"}]) + " and more",
        line({}, dimensions=[["Missing"]], metrics=[{"Name": "Sold"}]),
        line({"Sold": "many"}, dimensions=[[]], metrics=[{"Name": "Sold"}]),
    ],
)
def test_any_other_line_is_left_alone(text: str) -> None:
    assert found(text) == []

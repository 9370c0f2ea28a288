from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from streamctl.emulator.driver.filters import Filter, matches
from streamctl.emulator.driver.records import Record


def record(data: bytes, partition_key: str = "user-1") -> Record:
    element = {
        "kinesis": {"partitionKey": partition_key, "data": base64.b64encode(data).decode(), "sequenceNumber": "7"},
        "eventName": "aws:kinesis:record",
    }
    return Record("7", partition_key, 0.0, json.dumps(element))


def of(*patterns: Any) -> Filter:
    return Filter.of({"Filters": [{"Pattern": json.dumps(each)} for each in patterns]})


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        (["a", "b"], "b", True),
        (["a", "b"], "c", False),
        ([1], 1.0, True),
        ([1], True, False),
        ([True], 1, False),
        ([None], None, True),
        (["1"], 1, False),
        (["red"], ["blue", "red"], True),
        ([{"prefix": "us-"}], "us-east-1", True),
        ([{"prefix": "us-"}], 5, False),
        ([{"prefix": {"equals-ignore-case": "US-"}}], "us-east-1", True),
        ([{"suffix": ".png"}], "a.png", True),
        ([{"equals-ignore-case": "Alice"}], "ALICE", True),
        ([{"wildcard": "*/x/*.png"}], "a/x/b.png", True),
        ([{"wildcard": "a[b]*"}], "ab", False),
        ([{"anything-but": ["a", "b"]}], "c", True),
        ([{"anything-but": "a"}], "a", False),
        ([{"anything-but": {"prefix": "a"}}], "abc", False),
        ([{"numeric": [">", 0, "<=", 5]}], 5, True),
        ([{"numeric": [">", 0, "<=", 5]}], 6, False),
        ([{"numeric": ["=", 1]}], "1", False),
        ([{"cidr": "10.0.0.0/24"}], "10.0.0.9", True),
        ([{"cidr": "10.0.0.0/24"}], "no address", False),
        ([{"exists": True}], "x", True),
        ([{"exists": False}], "x", False),
    ],
)
def test_a_rule_on_a_field(rule: list[Any], value: Any, expected: bool) -> None:
    assert matches({"field": rule}, {"field": value}) is expected


@pytest.mark.parametrize(
    ("rule", "expected"), [([{"exists": False}], True), ([{"exists": True}], False), ([{"anything-but": "a"}], False)]
)
def test_a_rule_on_a_field_that_is_not_there(rule: list[Any], expected: bool) -> None:
    assert matches({"field": rule}, {}) is expected


def test_all_fields_of_a_pattern_must_match() -> None:
    pattern = {"data": {"type": ["purchase"], "amount": [{"numeric": [">", 100]}]}}
    assert of(pattern).passes(record(b'{"type": "purchase", "amount": 101}'))
    assert not of(pattern).passes(record(b'{"type": "purchase", "amount": 99}'))


def test_one_pattern_of_several_is_enough() -> None:
    either = of({"data": {"type": ["click"]}}, {"data": {"type": ["purchase"]}})
    assert either.passes(record(b'{"type": "purchase"}'))


def test_or_joins_alternatives_within_a_pattern() -> None:
    either = of({"data": {"$or": [{"type": ["click"]}, {"amount": [{"numeric": [">", 5]}]}]}})
    assert either.passes(record(b'{"type": "other", "amount": 6}'))
    assert not either.passes(record(b'{"type": "other", "amount": 1}'))


def test_a_pattern_reaches_into_lists_of_objects() -> None:
    assert of({"data": {"items": {"id": [7]}}}).passes(record(b'{"items": [{"id": 1}, {"id": 7}]}'))


def test_the_partition_key_can_be_filtered_on() -> None:
    assert of({"partitionKey": [{"prefix": "user-"}]}).passes(record(b"{}", "user-9"))
    assert not of({"partitionKey": [{"prefix": "user-"}]}).passes(record(b"{}", "shop-9"))


@pytest.mark.parametrize("data", [b"plain text", b"\xff\xfe", b""])
def test_data_that_is_not_json_never_matches_a_pattern_on_data(data: bytes) -> None:
    assert not of({"data": {"type": [{"exists": False}]}}).passes(record(data))
    assert of({"partitionKey": ["user-1"]}).passes(record(data))


@pytest.mark.parametrize("criteria", [None, {}, {"Filters": []}])
def test_without_a_filter_everything_passes(criteria: Any) -> None:
    assert Filter.of(criteria).passes(record(b"anything"))


def test_a_pattern_that_is_not_json_is_refused() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        Filter.of({"Filters": [{"Pattern": "{"}]})


@pytest.mark.parametrize("criteria", [{"Filters": [{"Pattern": 5}]}, {"Filters": ["{}"]}, {"Filters": 5}])
def test_criteria_of_another_shape_are_refused(criteria: Any) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        Filter.of(criteria)


def test_a_pattern_that_lambda_would_not_take_is_refused() -> None:
    with pytest.raises(ValueError, match="no operator bogus"):
        of({"data": {"amount": [{"bogus": 1}]}})


def test_a_pattern_that_is_nested_too_deep_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        Filter.of({"Filters": [{"Pattern": '{"a":' * 100_000 + "[1]" + "}" * 100_000}]})


def change(name: str = "INSERT", **image: Any) -> Record:
    element = {"eventName": name, "dynamodb": {"Keys": {"id": {"S": "e-1"}}, "NewImage": image}}
    return Record("7", "e-1", 0.0, json.dumps(element))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"eventName": ["INSERT"]}, True),
        ({"eventName": [{"anything-but": ["INSERT", "MODIFY"]}]}, False),
        ({"dynamodb": {"Keys": {"id": {"S": [{"prefix": "e-"}]}}}}, True),
        ({"dynamodb": {"NewImage": {"kind": {"S": ["click", "purchase"]}}}}, True),
        ({"dynamodb": {"NewImage": {"kind": {"S": [{"anything-but": ["purchase"]}]}}}}, False),
        ({"dynamodb": {"NewImage": {"amount": {"N": ["12"]}}}}, True),
        ({"dynamodb": {"NewImage": {"amount": {"N": [{"numeric": ["=", 12]}]}}}}, False),
        ({"dynamodb": {"NewImage": {"kind": {"S": [{"exists": True}]}}}}, True),
        ({"dynamodb": {"NewImage": {"score": {"N": [{"exists": False}]}}}}, True),
        ({"dynamodb": {"NewImage": {"kind": {"S": [{"exists": False}]}}}}, False),
        ({"dynamodb": {"NewImage": {"kind": [{"exists": True}]}}}, False),
        ({"userIdentity": {"type": ["Service"]}}, False),
        ({"data": {"kind": ["purchase"]}}, False),
    ],
)
def test_a_pattern_on_a_change_in_a_table_sees_what_the_function_would(pattern: Any, expected: bool) -> None:
    """Numbers are text there; an attribute is an object, and exists is about its leaf."""
    assert of(pattern).passes(change(kind={"S": "purchase"}, amount={"N": "12"})) is expected

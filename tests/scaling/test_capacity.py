from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamctl.scaling.capacity import LATELY, Load, load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
MIB = 1024 * 1024


class Metrics:
    """An `Aws` whose CloudWatch holds a sum for some minutes of each metric."""

    def __init__(self, minutes: Mapping[str, Sequence[float]]) -> None:
        self.minutes = minutes
        self.asked: list[dict[str, Any]] = []

    def client(self, _service: str) -> Metrics:
        return self

    def get_metric_statistics(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        return {"Datapoints": [{"Sum": value} for value in self.minutes.get(asked["MetricName"], ())]}


def filled(records: float = 0, size: float = 0) -> Load:
    return Load(900, busiest_records=records, busiest_bytes=size, mean_records=0, mean_bytes=0, refused=0)


def lately(**minutes: Sequence[float]) -> Load | None:
    aws: Any = Metrics(minutes)
    return load(aws, "events", NOW)


def test_the_busiest_minute_and_the_average_are_told_per_second() -> None:
    found = lately(
        IncomingRecords=[600, 6000, 2400], IncomingBytes=[60_000, 600_000], WriteProvisionedThroughputExceeded=[3, 4]
    )

    assert found == Load(
        seconds=900,
        busiest_records=100,
        busiest_bytes=10_000,
        mean_records=10,
        mean_bytes=pytest.approx(733.3, abs=0.1),
        refused=7,
    )


def test_without_a_record_nothing_is_claimed() -> None:
    assert lately() is None


def test_exactly_the_dimensions_that_kinesis_publishes_are_asked_for() -> None:
    metrics = Metrics({"IncomingRecords": [1]})
    aws: Any = metrics

    load(aws, "events", NOW)

    assert {asked["MetricName"] for asked in metrics.asked} == {
        "IncomingRecords",
        "IncomingBytes",
        "WriteProvisionedThroughputExceeded",
    }
    for asked in metrics.asked:
        assert asked["Dimensions"] == [{"Name": "StreamName", "Value": "events"}]
        assert (asked["StartTime"], asked["EndTime"]) == (NOW - LATELY, NOW)


@pytest.mark.parametrize(
    ("records", "size", "busy_percent", "needed"),
    [
        (0, 0, 80, 1),
        (800, 0, 80, 1),
        (801, 0, 80, 2),
        (1000, 0, 100, 1),
        (100, 4 * MIB, 80, 5),
        (2500, 1 * MIB, 50, 5),
    ],
)
def test_the_fuller_of_records_and_bytes_decides(records: float, size: float, busy_percent: int, needed: int) -> None:
    assert filled(records, size).shards_needed(busy_percent) == needed


@given(st.floats(0, 1e6), st.floats(0, 1e9), st.integers(10, 100))
def test_so_many_are_enough_and_one_less_is_not(records: float, size: float, busy_percent: int) -> None:
    load = filled(records, size)
    needed = load.shards_needed(busy_percent)

    assert load.shards_filled / needed <= busy_percent / 100 + 1e-6
    assert needed == 1 or load.shards_filled / (needed - 1) > busy_percent / 100 - 1e-6

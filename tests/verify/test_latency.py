"""Latency percentiles in bounded memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamctl.verify.latency import Latencies, Latency


def summary(*values: int) -> Latency:
    latencies = Latencies()
    for value in values:
        latencies.add(value)
    found = latencies.summary()
    assert found
    return found


def test_without_events_there_is_no_latency() -> None:
    assert Latencies().summary() is None


def test_percentiles_are_taken_by_nearest_rank() -> None:
    assert summary(*range(1, 101)) == Latency(events=100, p50_ms=50, p90_ms=90, p99_ms=99, max_ms=100)


def test_of_one_event_all_percentiles_are_its_latency() -> None:
    assert summary(42) == Latency(1, 42, 42, 42, 42)


def test_an_event_processed_before_it_came_took_no_time() -> None:
    assert summary(-3).max_ms == 0


@pytest.mark.parametrize(("value", "kept"), [(9_999, 9_999), (12_345, 12_340), (123_456, 123_400)])
def test_long_latencies_are_kept_to_a_thousandth(value: int, kept: int) -> None:
    assert summary(value).p50_ms == kept


@given(st.lists(st.integers(0, 9_999), min_size=1))
def test_below_ten_seconds_percentiles_are_exact(values: list[int]) -> None:
    ordered = sorted(values)

    found = summary(*values)

    for percent, value in ((50, found.p50_ms), (90, found.p90_ms), (99, found.p99_ms)):
        assert value == ordered[-(-len(values) * percent // 100) - 1]
    assert found.max_ms == ordered[-1]

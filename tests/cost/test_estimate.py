"""The lines of the bill, worked out by hand; with the made-up prices of `examples`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamctl.cost.demand import Demand
from streamctl.cost.design import Design, published
from streamctl.cost.estimate import bill

from .examples import DESIGN, PRICES, PROCESSING, with_

THOUSAND = Demand(1000)  # 2,628 million events a month


def dollars(design: Design, demand: Demand = THOUSAND) -> dict[str, float]:
    return {what: line.dollars for what, line in bill(demand, design, PRICES).items()}


def test_a_month_at_a_thousand_events_a_second() -> None:
    logged = PROCESSING.logged_bytes(100)

    assert dollars(DESIGN) == pytest.approx(
        {
            "shards": 2 * 730 * 0.01,
            "PUT payload units": 2628 * 0.02,
            "stream encryption": 2 * 12 * 730 / 10_000 * 0.03,
            "invocations": 26.28 * 0.2,
            "running time": 26_280_000 * 0.039 * 0.5 * 0.00002,
            "table writes": 2628 * 0.5,
            "logs": 26_280_000 * logged / 1e9 * 0.4,
            "custom metrics": 23 * 0.3,
            "alarms": 10 * 0.1,
        }
    )


def test_the_recipe_pays_for_every_metric_it_puts() -> None:
    found = dollars(published(1))

    # 1.25 requests an event at $0.01 a thousand: $12.50 a million.
    assert found["PutMetricData"] == pytest.approx(2628 * 12.5)
    # 225 calls of 5 ms, and 203.75 ms of CPU at 0.289 of a core: 1,829 ms.
    assert found["running time"] == pytest.approx(26_280_000 * 1.829 * 0.5 * 0.00002)
    assert found["table writes"] == dollars(DESIGN)["table writes"]
    assert found["alarms"] == pytest.approx(0.2)
    assert "stream encryption" not in found


def test_an_hour_of_sending_pays_the_stream_for_the_month_and_the_metrics_for_the_hour() -> None:
    found, month = dollars(DESIGN, Demand(1000, hours=1)), dollars(DESIGN)

    assert found["shards"] == month["shards"]
    assert found["alarms"] == month["alarms"]
    assert found["custom metrics"] == pytest.approx(month["custom metrics"] / 730)
    assert found["table writes"] == pytest.approx(month["table writes"] / 730)


def test_on_demand_pays_by_the_kilobyte_begun_on_the_way_in_and_by_the_byte_on_the_way_out() -> None:
    found = dollars(with_(shards=None))

    assert found["stream"] == pytest.approx(730 * 0.05)
    assert found["data in"] == pytest.approx(2628e6 * 1024 / 1e9 * 0.06)
    assert found["data out"] == pytest.approx(2628e6 * 350 / 1e9 * 0.07)
    assert not {"shards", "PUT payload units"} & found.keys()


def test_retention_beyond_a_day_is_by_the_shard_and_beyond_a_week_by_the_gigabyte() -> None:
    gb_an_hour = 3_600_000 * 350 / 1e9

    assert "retention" not in dollars(with_(retention_hours=24))
    assert dollars(with_(retention_hours=25))["retention"] == pytest.approx(2 * 730 * 0.03)
    longest = dollars(with_(retention_hours=268))
    assert longest["retention"] == pytest.approx(2 * 730 * 0.03)
    assert longest["long retention"] == pytest.approx(gb_an_hour * 100 * 0.04)


def test_retention_on_demand_is_by_the_gigabyte() -> None:
    gb_an_hour = 3_600_000 * 350 / 1e9

    found = dollars(with_(shards=None, retention_hours=268))

    assert found["retention"] == pytest.approx(gb_an_hour * 144 * 0.08)
    assert found["long retention"] == pytest.approx(gb_an_hour * 100 * 0.04)


def test_a_large_record_is_several_payload_units_and_write_units() -> None:
    found = dollars(DESIGN, Demand(1, 30_000))

    assert found["PUT payload units"] == pytest.approx(2.628 * 2 * 0.02)
    assert found["table writes"] == pytest.approx(2.628 * 30 * 0.5)  # 30,256 bytes


def test_aggregates_save_payload_units_and_invocations_and_no_writes() -> None:
    alone, packed = dollars(DESIGN), dollars(DESIGN, replace(THOUSAND, aggregate=True))

    assert packed["PUT payload units"] == pytest.approx(alone["PUT payload units"] / 71)
    assert packed["invocations"] < alone["invocations"] / 10
    assert packed["table writes"] == alone["table writes"]


@pytest.mark.parametrize(
    ("settings", "changed"),
    [
        ({"architecture": "arm64"}, {"running time"}),
        ({"memory_mb": 1024}, {"running time"}),
        ({"retention_hours": 48}, {"retention"}),
        ({"encrypted_stream": False}, {"stream encryption"}),
        ({"point_in_time_recovery": True}, {"point-in-time recovery"}),
        ({"alarms": 0}, {"alarms"}),
        ({"dashboards": 1}, {"dashboards"}),
        ({"keys": 1}, {"KMS keys"}),
        ({"shards": 3}, {"shards"}),
        ({"shards": None}, {"shards", "PUT payload units", "stream", "data in", "data out"}),
        ({"batch_size": 200}, {"invocations", "running time", "logs"}),
        ({"concurrency": 1}, set()),
        ({"keeps_payload": False, "keeps_checksum": True}, set()),  # still one write unit
    ],
)
def test_a_setting_changes_its_own_lines_only(settings: dict[str, Any], changed: set[str]) -> None:
    before, after = dollars(DESIGN), dollars(with_(**settings))

    assert {what for what in before | after if before.get(what) != after.get(what)} == changed


def test_recovery_is_billed_for_what_the_month_has_added() -> None:
    found = dollars(with_(point_in_time_recovery=True))

    assert found["point-in-time recovery"] == pytest.approx(2628e6 * (350 + 256) / 1e9 * 0.1)


DESIGNS = st.builds(
    with_,
    shards=st.none() | st.integers(1, 40),
    batch_size=st.integers(1, 10_000),
    batching_window_seconds=st.integers(0, 300),
    parallelization_factor=st.integers(1, 10),
    memory_mb=st.integers(128, 10_240),
    retention_hours=st.integers(24, 8760),
    point_in_time_recovery=st.booleans(),
)
RATES = st.floats(0.001, 100_000)


@given(design=DESIGNS, rates=st.tuples(RATES, RATES), event_bytes=st.integers(1, 100_000), packed=st.booleans())
def test_more_events_never_cost_less(
    design: Design, rates: tuple[float, float], event_bytes: int, packed: bool
) -> None:
    few, many = (bill(Demand(rate, event_bytes, aggregate=packed), design, PRICES) for rate in sorted(rates))

    # A batch is billed in whole milliseconds, so that larger ones round away a little of what smaller ones cost.
    assert sum(each.dollars for each in few.values()) <= sum(each.dollars for each in many.values()) * 1.001 + 1e-9


@given(design=DESIGNS, sizes=st.tuples(st.integers(1, 390_000), st.integers(1, 390_000)), rate=RATES)
def test_larger_events_never_cost_less(design: Design, sizes: tuple[int, int], rate: float) -> None:
    small, large = (bill(Demand(rate, size), design, PRICES) for size in sorted(sizes))

    assert sum(each.dollars for each in small.values()) <= sum(each.dollars for each in large.values()) * 1.001

from __future__ import annotations

from streamctl.cost.demand import Demand
from streamctl.cost.limits import limits

from .examples import DESIGN, with_


def test_what_fits_is_not_spoken_of() -> None:
    assert limits(Demand(2000), DESIGN) == []


def test_a_stream_that_is_too_small_is_told_the_shards_it_needs() -> None:
    (said,) = limits(Demand(2500), DESIGN)

    assert "[stream] shards = 3" in said
    assert "--aggregate" in said


def test_aggregates_fit_where_single_records_do_not() -> None:
    assert limits(Demand(2500, aggregate=True), DESIGN) == []


def test_a_function_that_falls_behind_is_told_the_batches_it_needs() -> None:
    # 10 events in a batch of 11 ms on each of two lanes: 1,818 a second.
    (said,) = limits(Demand(2000), with_(batch_size=10))

    assert "1,818 events a second" in said
    assert "parallelization_factor = 2 would do" in said


def test_where_ten_batches_a_shard_are_not_enough_more_shards_are() -> None:
    said = limits(Demand(2000), with_(batch_size=1, memory_mb=128))

    assert any("shards with [event_source] parallelization_factor = 10" in each for each in said)


def test_reserved_concurrency_is_named_where_it_is_the_limit() -> None:
    (said,) = limits(Demand(2000), with_(batch_size=10, concurrency=1))

    assert "parallelization_factor = 2 would do, with [function] reserved_concurrency = 3" in said


def test_a_new_table_and_a_new_stream_on_demand_need_time_to_grow() -> None:
    said = limits(Demand(5000), with_(shards=None, parallelization_factor=2))

    assert any(each.startswith("A new stream on demand") for each in said)
    assert any(each.startswith("A new table") for each in said)

from __future__ import annotations

import pytest

from streamctl.cost.demand import Demand
from streamctl.cost.flow import Flow, needed_shards

from .examples import DESIGN, with_


def test_a_month_of_sending_has_so_many_events() -> None:
    assert Demand(10, hours=2).events == 72_000


def test_full_batches_are_invocations_of_a_hundred() -> None:
    flow = Flow(Demand(1000, hours=1), DESIGN)

    assert flow.invocations == 36_000
    assert flow.events_per_batch == 100


def test_half_full_batches_go_when_their_window_is_over() -> None:
    # 20 events a second on two shards are 50 in a shard's window of 5 seconds: 2 / 5 invocations a second.
    flow = Flow(Demand(20, hours=1), DESIGN)

    assert flow.invocations == 1440
    assert flow.events_per_batch == 50


def test_rare_events_go_alone() -> None:
    flow = Flow(Demand(0.1, hours=1), DESIGN)

    assert (flow.invocations, flow.events_per_batch) == (360, 1)


def test_concurrent_batches_of_a_shard_fill_more_slowly() -> None:
    assert Flow(Demand(20, hours=1), with_(parallelization_factor=2)).events_per_batch == 25
    assert Flow(Demand(20, hours=1), with_(parallelization_factor=2, concurrency=2)).events_per_batch == 50


def test_without_a_window_lambda_reads_once_a_second() -> None:
    assert Flow(Demand(20, hours=1), with_(batch_size=10, batching_window_seconds=0)).events_per_batch == 10
    assert Flow(Demand(8, hours=1), with_(batch_size=10, batching_window_seconds=0)).events_per_batch == 4


def test_a_batch_holds_no_more_than_lambdas_six_megabytes() -> None:
    # 3,000 bytes are 4,000 in Base64 and 4,500 in all: 1,333 of them are 6 MB.
    assert Flow(Demand(9000, 3000), with_(batch_size=10_000)).most_records_per_batch == 1333


def test_an_aggregate_holds_what_fits_in_25_kib_or_comes_in_a_second() -> None:
    # 350 + 10 bytes an event: 71 fit.
    assert Flow(Demand(1000, aggregate=True), DESIGN).events_per_record == 71
    assert Flow(Demand(20, aggregate=True), DESIGN).events_per_record == 10
    assert Flow(Demand(1, aggregate=True), DESIGN).events_per_record == 1
    assert Flow(Demand(1000), DESIGN).events_per_record == 1


def test_invocations_count_the_records_of_aggregates() -> None:
    flow = Flow(Demand(28_400, hours=1, aggregate=True), DESIGN)

    assert flow.events_per_batch == pytest.approx(7100)


@pytest.mark.parametrize(
    ("demand", "shards"),
    [
        (Demand(1000), 1),
        (Demand(1001), 2),
        (Demand(1000, 2000), 2),  # 2 MB a second
        (Demand(1000, aggregate=True), 1),
        (Demand(5000, aggregate=True), 2),  # 1.8 MB a second
        (Demand(0.1), 1),
    ],
)
def test_a_shard_takes_a_thousand_records_and_a_mebibyte_a_second(demand: Demand, shards: int) -> None:
    assert needed_shards(demand) == shards


def test_on_demand_has_the_shards_that_are_needed_and_four_at_least() -> None:
    assert Flow(Demand(1), with_(shards=None)).shards == 4
    assert Flow(Demand(9000), with_(shards=None)).shards == 9


def test_the_function_keeps_up_with_its_full_batches() -> None:
    # 100 events in 39 ms on each of two lanes.
    assert Flow(Demand(1), DESIGN).events_kept_up_with == pytest.approx(2 * 100 / 0.039)

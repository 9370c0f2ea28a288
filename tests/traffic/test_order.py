"""What is asked of a run's events."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from decimal import Decimal

from streamctl.ledger import Fault
from streamctl.traffic.chunk import Chunk
from streamctl.traffic.faults import Faults
from streamctl.traffic.generators import RecipeEvents
from streamctl.traffic.order import Order
from streamctl.traffic.shards import Shard, ShardMap

RUN_ID = "20261123T161154-k3f9"
SHARDS = ShardMap(Shard(2**128 * number // 8, f"shard-{number}") for number in range(8))


def taken(order: Order, count: int = 1000) -> Chunk:
    return Chunk.of(order.made_by(RecipeEvents(), "recipe").take(RUN_ID, count))


def test_spread_over_all_shards_each_gets_about_the_same() -> None:
    shares = Counter(SHARDS.places[key] for key in taken(Order(seed=1, spread_keys=True), 8000).keys)

    assert set(shares) == set(range(8))
    assert all(850 < share < 1150 for share in shares.values())


def test_spread_events_are_the_same_under_other_keys() -> None:
    own, spread = taken(Order(seed=1)), taken(Order(seed=1, spread_keys=True))

    assert [without_time(payload) for payload in spread.payloads] == [without_time(payload) for payload in own.payloads]
    assert set(spread.keys).isdisjoint(own.keys)


def without_time(payload: bytes) -> dict[str, object]:
    return {name: value for name, value in json.loads(payload).items() if name != "timestamp"}


def test_a_copy_has_the_partition_key_that_its_event_had() -> None:
    chunk = taken(Order(seed=1, faults=Faults(duplicate=Decimal(1)), spread_keys=True), 3)

    assert [event.partition_key for event in chunk] == chunk.keys == ["key-0", "key-1", "key-2"]


def test_a_poisoned_event_can_be_spread_too() -> None:
    chunk = taken(Order(seed=1, faults=Faults(poison=Decimal("0.1")), spread_keys=True), 100)

    assert sum(bool(event.fault & Fault.POISONED) for event in chunk) == 10
    assert set(chunk.keys) == {f"key-{number}" for number in range(100)}


def test_an_order_can_be_handed_to_another_process() -> None:
    order = Order(seed=7, faults=Faults(late=Decimal("0.5")))

    assert pickle.loads(pickle.dumps(order)) == order  # noqa: S301  our own

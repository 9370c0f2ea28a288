"""What fits into one request."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamctl.functions.processor.aggregates import UserRecord, is_aggregate, taken_apart
from streamctl.traffic.chunk import Chunk
from streamctl.traffic.events import Event
from streamctl.traffic.requests import TOO_LARGE, Cutter, Request
from streamctl.traffic.shards import Shard, ShardMap

HALF = 2**127
TWO_SHARDS = ShardMap([Shard(0, "shard-0"), Shard(HALF, "shard-1")])
MANY_SHARDS = ShardMap(Shard(2**128 * number // 2000, f"shard-{number}") for number in range(2000))


def event(size: int, key: str = "k") -> Event:
    return Event(id="e", type="click", partition_key=key, payload=b"x" * (size - len(key.encode())))


def cut(events: list[Event], shards: ShardMap = TWO_SHARDS, first: int = 0, **settings: int | bool) -> list[Request]:
    return list(Cutter(**settings).requests(Chunk.of(events), first, shards))  # type: ignore[arg-type]


@given(st.lists(st.integers(1, 300), min_size=1, max_size=1200))
def test_requests_hold_every_event_once_in_order_and_keep_the_limits(sizes: list[int]) -> None:
    requests = cut([event(size) for size in sizes], request_bytes=1000)

    assert [each.size for request in requests for each in request.chunk] == sizes
    assert [request.first for request in requests] == starts(requests)
    assert all(0 < len(request.pending) <= 500 for request in requests)
    assert all(sum(each.size for each in request.chunk) <= 1000 for request in requests)


def starts(requests: list[Request]) -> list[int]:
    return [sum(len(before.chunk) for before in requests[:place]) for place in range(len(requests))]


def test_an_event_larger_than_a_request_stands_alone() -> None:
    requests = cut([event(10), event(2000), event(10)], request_bytes=1000)

    assert [len(request.chunk) for request in requests] == [1, 1, 1]


def test_an_event_too_large_for_a_record_is_not_pending() -> None:
    (request,) = cut([event(10), event(200), event(10)], record_bytes=100)

    assert request.pending == [0, 2]
    assert (request.unsent, request.reasons) == ([0, 1, 2], {1: TOO_LARGE})


def test_a_key_counts_with_its_bytes() -> None:
    (request,) = cut([event(100, "ü" * 25), event(101, "ü" * 25)], record_bytes=100)

    assert request.pending == [0]


def test_what_was_refused_is_left_with_its_reason() -> None:
    (request,) = cut([event(size) for size in (11, 12, 13, 14)])

    request.answered({1: "Throttled", 3: "Failed"})
    assert [len(payload) for payload in request.left()[0]] == [11, 13]
    request.answered({1: "Throttled"})
    assert (request.unsent, request.reasons) == ([3], {1: "Throttled", 3: "Throttled"})


def test_small_records_load_a_shard_by_their_number() -> None:
    (request,) = cut([event(300, key) for key in "abcdefgh"])

    assert sum(request.load(TWO_SHARDS).values()) == 8


def test_large_records_load_a_shard_by_their_size() -> None:
    (request,) = cut([event(500), event(5 * 1024 * 1024 // 1000 * 2)])

    assert request.load(TWO_SHARDS) == {TWO_SHARDS.places["k"]: pytest.approx(1 + 10, abs=0.01)}


@given(
    st.lists(st.tuples(st.integers(20, 2000), st.sampled_from(["a", "b", "user_1", "üüü"])), min_size=1, max_size=300),
    st.sampled_from([TWO_SHARDS, MANY_SHARDS]),
)
def test_packed_together_every_event_is_there_once_in_the_shard_of_its_key(
    wanted: list[tuple[int, str]], shards: ShardMap
) -> None:
    events = [event(size, key) for size, key in wanted]
    requests = cut(events, shards, aggregates=True)

    found: list[tuple[int, UserRecord]] = []
    for request in requests:
        assert request.members is not None
        assert request.hash_keys is not None
        columns = zip(request.payloads, request.keys, request.hash_keys, request.members, strict=True)
        for data, key, hash_key, places in columns:
            records = taken_apart(data) if is_aggregate(data) else [UserRecord(key, data)]
            found += [(request.first + place, record) for place, record in zip(places, records, strict=True)]
            assert len(data) + len(key.encode()) <= 25 * 1024
            for record in records:
                assert int(hash_key) == shards.shards[shards.places[record.partition_key]].first_hash_key
    assert [record for _, record in sorted(found)] == [UserRecord(e.partition_key, e.payload) for e in events]


def test_packed_together_the_events_of_a_refused_record_are_unsent() -> None:
    (request,) = cut([event(9000, "a") for _ in range(4)], aggregates=True)
    assert request.members == [[0, 1], [2, 3]]

    request.answered({1: "Throttled"})
    assert request.unsent == [2, 3]


def test_of_very_many_shards_a_request_still_holds_500_records_at_most() -> None:
    requests = cut([event(30, f"user_{number}") for number in range(3000)], MANY_SHARDS, aggregates=True)

    assert all(len(request.pending) <= 500 for request in requests)
    assert sum(len(request.chunk) for request in requests) == 3000


def test_copies_have_no_number_in_the_run() -> None:
    requests = cut([event(600), event(600)], first=-1, request_bytes=1000)

    assert [request.is_copy for request in requests] == [True, True]

"""Events packed together; what takes them apart again is tested beside the processor."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streamctl.functions.processor.aggregates import UserRecord, taken_apart
from streamctl.traffic.aggregation import aggregate, packed

RECORDS = st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.binary(max_size=300)))


@given(RECORDS)
def test_what_is_packed_can_be_taken_apart(records: list[tuple[str, bytes]]) -> None:
    data = aggregate([key for key, _ in records], [payload for _, payload in records])

    assert taken_apart(data) == [UserRecord(key, payload) for key, payload in records]


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c", "a much longer key"]), st.integers(0, 400)), max_size=200))
def test_a_record_holds_events_of_one_shard_in_order_and_keeps_the_limit(
    wanted: list[tuple[str, int]],
) -> None:
    keys, payloads = [key for key, _ in wanted], [b"x" * size for _, size in wanted]
    shards = {"a": 0, "b": 1, "c": 0, "a much longer key": 1}

    records = list(packed(payloads, keys, shards, most_bytes=1000))

    assert sorted(place for _, places in records for place in places) == list(range(len(wanted)))
    for shard, places in records:
        assert places == sorted(places)
        assert {shards[keys[place]] for place in places} == {shard}
        data = aggregate([keys[place] for place in places], [payloads[place] for place in places])
        assert len(data) + len(keys[places[0]]) <= 1000


def test_an_event_larger_than_a_record_stands_alone() -> None:
    records = list(packed([b"x", b"x" * 5000, b"x"], ["k"] * 3, {"k": 0}, most_bytes=1000))

    assert records == [(0, [0]), (0, [1]), (0, [2])]

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streamctl.emulator.driver.batching import Batcher
from streamctl.emulator.driver.records import Record


def record(number: int, size: int = 10) -> Record:
    return Record(str(number), "key", 0.0, "x" * (size - 1))


def numbers(batch: list[Record]) -> list[int]:
    return [int(each.sequence_number) for each in batch]


def test_without_a_window_what_is_there_goes_at_once() -> None:
    batcher = Batcher(batch_size=100, window_seconds=0)
    batcher.add(record(1), now=5.0)
    assert numbers(batcher.take(now=5.0)) == [1]


def test_nothing_to_take_waits_for_ever() -> None:
    batcher = Batcher(batch_size=100, window_seconds=0)
    assert batcher.take(now=0.0) == []
    assert batcher.wait_seconds(now=0.0) == float("inf")


def test_a_full_batch_does_not_wait_for_its_window() -> None:
    batcher = Batcher(batch_size=2, window_seconds=300)
    for number in range(3):
        batcher.add(record(number), now=0.0)
    assert numbers(batcher.take(now=0.0)) == [0, 1]
    assert batcher.take(now=0.0) == []


def test_a_part_of_a_batch_goes_when_the_window_of_its_first_record_is_over() -> None:
    batcher = Batcher(batch_size=100, window_seconds=5)
    batcher.add(record(1), now=10.0)
    batcher.add(record(2), now=14.0)
    assert batcher.take(now=14.9) == []
    assert batcher.wait_seconds(now=14.0) == 1.0
    assert numbers(batcher.take(now=15.0)) == [1, 2]


def test_a_batch_that_would_outgrow_the_payload_goes_without_the_next_record() -> None:
    batcher = Batcher(batch_size=100, window_seconds=300, payload_bytes=25)
    for number in range(3):
        batcher.add(record(number, size=10), now=0.0)
    assert numbers(batcher.take(now=0.0)) == [0, 1]


def test_a_record_larger_than_the_payload_goes_alone() -> None:
    batcher = Batcher(batch_size=100, window_seconds=0, payload_bytes=25)
    batcher.add(record(1, size=100), now=0.0)
    batcher.add(record(2), now=0.0)
    assert numbers(batcher.take(now=0.0)) == [1]
    assert numbers(batcher.take(now=0.0)) == [2]


@given(
    sizes=st.lists(st.integers(2, 60), max_size=60),
    batch_size=st.integers(1, 20),
    payload_bytes=st.integers(30, 200),
)
def test_no_batch_breaks_a_limit_and_no_record_is_lost_or_moved(
    sizes: list[int], batch_size: int, payload_bytes: int
) -> None:
    batcher = Batcher(batch_size, window_seconds=0, payload_bytes=payload_bytes)
    for number, size in enumerate(sizes):
        batcher.add(record(number, size), now=0.0)
    batches = []
    while batch := batcher.take(now=0.0):
        assert len(batch) <= batch_size
        assert len(batch) == 1 or sum(each.size for each in batch) <= payload_bytes
        batches += numbers(batch)
    assert batches == list(range(len(sizes)))
    assert batcher.bytes == len(batcher) == 0

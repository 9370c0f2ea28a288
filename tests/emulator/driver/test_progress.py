from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streamctl.emulator.driver.progress import Progress
from streamctl.emulator.driver.records import Record


def record(number: int) -> Record:
    return Record(f"{number:05}", "key", 0.0, "{}")


def read(count: int) -> Progress:
    progress = Progress()
    for number in range(count):
        progress.read(record(number))
    return progress


def test_the_checkpoint_moves_with_records_that_finish_in_order() -> None:
    progress = read(3)
    assert progress.finish([record(0), record(1)]) == "00001"
    assert len(progress) == 1


def test_a_record_that_is_not_finished_holds_the_checkpoint_back() -> None:
    progress = read(3)
    assert progress.finish([record(1), record(2)]) is None
    assert progress.finish([record(0)]) == "00002"


def test_a_record_that_finishes_twice_changes_nothing() -> None:
    progress = read(2)
    progress.finish([record(0)])
    assert progress.finish([record(0)]) is None
    assert len(progress) == 1


@given(st.permutations(range(8)), st.integers(0, 8))
def test_the_checkpoint_never_passes_an_unfinished_record(order: list[int], finished: int) -> None:
    progress = read(8)
    checkpoints = [progress.finish([record(number)]) for number in order[:finished]]
    reached = max((int(each) for each in checkpoints if each is not None), default=-1)
    expected = next((number for number in range(8) if number not in order[:finished]), 8) - 1
    assert reached == expected

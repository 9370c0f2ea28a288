"""The contract's heart, point by point, without any server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamctl.emulator.driver.delivery import Condition, Discarded, Policy, World, deliver, pause_seconds
from streamctl.emulator.driver.records import Record
from streamctl.emulator.driver.responses import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NOW = 1_000_000.0
FAILED = Answer(function_error="Unhandled", request_id="r")
THROTTLED = Answer(invoked=False)


def record(number: int, arrived_at: float = NOW) -> Record:
    return Record(str(number), f"key-{number}", arrived_at, "{}")


def records(count: int) -> list[Record]:
    return [record(number) for number in range(count)]


def numbers(batch: Sequence[Record]) -> list[int]:
    return [int(each.sequence_number) for each in batch]


class Stage:
    """A world in which everything is remembered and no time passes but by sleeping."""

    def __init__(self, function: Callable[[Sequence[Record]], Answer], *, destination_fails: int = 0) -> None:
        self.function = function
        self.invoked: list[list[int]] = []
        self.finished: list[int] = []
        self.discarded: list[Discarded] = []
        self.slept: list[float] = []
        self.destination_fails = destination_fails
        self.now = NOW

    def run(self, batch: Sequence[Record], policy: Policy) -> Stage:
        deliver(batch, policy, World(self.invoke, self.discard, self.finish, lambda: self.now, self.sleep))
        return self

    def invoke(self, batch: Sequence[Record]) -> Answer:
        self.invoked.append(numbers(batch))
        return self.function(batch)

    def discard(self, discarded: Discarded) -> bool:
        if self.destination_fails:
            self.destination_fails -= 1
            return False
        self.discarded.append(discarded)
        return True

    def finish(self, batch: Sequence[Record]) -> None:
        self.finished += numbers(batch)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def always(answer: Answer) -> Callable[[Sequence[Record]], Answer]:
    return lambda _: answer


def in_turn(*answers: Answer) -> Callable[[Sequence[Record]], Answer]:
    remaining = iter(answers)
    return lambda _: next(remaining)


def poisoned(*poison: int) -> Callable[[Sequence[Record]], Answer]:
    return lambda batch: FAILED if set(numbers(batch)) & set(poison) else Answer()


def reporting(*failing: int) -> Callable[[Sequence[Record]], Answer]:
    """A function that reports its failing records, as ReportBatchItemFailures has it."""

    def function(batch: Sequence[Record]) -> Answer:
        failures = [{"itemIdentifier": str(each)} for each in numbers(batch) if each in failing]
        return Answer(payload=json.dumps({"batchItemFailures": failures}).encode())

    return function


def test_a_batch_that_succeeds_is_invoked_once_and_finished() -> None:
    stage = Stage(always(Answer())).run(records(3), Policy())
    assert stage.invoked == [[0, 1, 2]]
    assert stage.finished == [0, 1, 2]
    assert stage.slept == []


def test_a_failed_batch_is_retried_whole_until_it_succeeds() -> None:
    stage = Stage(in_turn(FAILED, FAILED, Answer())).run(records(2), Policy())
    assert stage.invoked == [[0, 1]] * 3
    assert stage.finished == [0, 1]


def test_retries_wait_longer_each_time() -> None:
    stage = Stage(in_turn(FAILED, FAILED, FAILED, Answer())).run(records(1), Policy())
    assert stage.slept == [0.1, 0.2, 0.4]


def test_no_pause_is_longer_than_ten_seconds() -> None:
    assert pause_seconds(10_000) == 10


@pytest.mark.parametrize(("retries", "invocations"), [(0, 1), (1, 2), (3, 4)])
def test_a_batch_is_discarded_after_its_retries(retries: int, invocations: int) -> None:
    stage = Stage(always(FAILED)).run(records(2), Policy(maximum_retries=retries))
    assert stage.invoked == [[0, 1]] * invocations
    [discarded] = stage.discarded
    assert discarded.condition == Condition.RETRIES == "RetryAttemptsExhausted"
    assert numbers(discarded.records) == [0, 1]
    assert discarded.invocations == invocations
    assert discarded.answer is FAILED
    assert stage.finished == [0, 1]


def test_minus_one_retries_is_without_end() -> None:
    stage = Stage(in_turn(*[FAILED] * 500, Answer())).run(records(1), Policy(maximum_retries=-1))
    assert len(stage.invoked) == 501
    assert stage.discarded == []


def test_throttling_uses_up_no_retry() -> None:
    stage = Stage(in_turn(*[THROTTLED] * 7, FAILED, THROTTLED, Answer())).run(records(1), Policy(maximum_retries=1))
    assert stage.discarded == []
    assert stage.finished == [0]


def test_throttling_is_not_counted_as_an_invocation() -> None:
    stage = Stage(in_turn(THROTTLED, THROTTLED, FAILED)).run(records(1), Policy(maximum_retries=0))
    assert stage.discarded[0].invocations == 1


def test_throttling_backs_off() -> None:
    stage = Stage(in_turn(THROTTLED, THROTTLED, THROTTLED, Answer())).run(records(1), Policy())
    assert stage.slept == [0.1, 0.2, 0.4]


def test_bisecting_isolates_one_bad_record() -> None:
    stage = Stage(poisoned(5)).run(records(8), Policy(bisect=True, maximum_retries=0))
    assert [numbers(each.records) for each in stage.discarded] == [[5]]
    assert stage.finished == [0, 1, 2, 3, 4, 5, 6, 7]


def test_bisecting_goes_on_in_order() -> None:
    stage = Stage(poisoned(2)).run(records(4), Policy(bisect=True, maximum_retries=0))
    assert stage.invoked == [[0, 1, 2, 3], [0, 1], [2, 3], [2], [3]]


def test_bisecting_uses_up_no_retry() -> None:
    stage = Stage(poisoned(0)).run(records(4), Policy(bisect=True, maximum_retries=2))
    assert stage.invoked == [[0, 1, 2, 3], [0, 1], [0], [0], [0], [1], [2, 3]]


def test_without_bisecting_good_records_are_discarded_with_the_bad_one() -> None:
    stage = Stage(poisoned(1)).run(records(3), Policy(maximum_retries=0))
    assert numbers(stage.discarded[0].records) == [0, 1, 2]


def test_a_partial_answer_finishes_what_comes_before_the_lowest_failure() -> None:
    stage = Stage(in_turn(reporting(2, 3)(records(5)), Answer())).run(records(5), Policy(partial=True))
    assert stage.invoked == [[0, 1, 2, 3, 4], [2, 3, 4]]
    assert stage.finished == [0, 1, 2, 3, 4]


def test_a_partial_answer_uses_up_a_retry() -> None:
    stage = Stage(reporting(2)).run(records(4), Policy(partial=True, maximum_retries=1))
    assert stage.invoked == [[0, 1, 2, 3], [2, 3]]
    assert numbers(stage.discarded[0].records) == [2, 3]


def test_with_bisecting_a_batch_is_split_at_the_reported_record() -> None:
    stage = Stage(reporting(2)).run(records(4), Policy(partial=True, bisect=True, maximum_retries=0))
    assert stage.invoked == [[0, 1, 2, 3], [2, 3], [2], [3]]
    assert [numbers(each.records) for each in stage.discarded] == [[2]]


def test_with_bisecting_the_rest_of_a_batch_waits_longer_each_time() -> None:
    stage = Stage(in_turn(*(reporting(number)(records(4)) for number in (1, 2, 3)), Answer()))
    stage.run(records(4), Policy(partial=True, bisect=True, maximum_retries=0))
    assert stage.invoked == [[0, 1, 2, 3], [1, 2, 3], [2, 3], [3]]
    assert stage.slept == [0.1, 0.2, 0.4]
    assert stage.discarded == []


def test_a_partial_answer_is_success_when_it_was_not_asked_for() -> None:
    stage = Stage(reporting(0)).run(records(2), Policy(partial=False))
    assert stage.invoked == [[0, 1]]
    assert stage.finished == [0, 1]


def test_a_record_older_than_the_limit_is_discarded_without_an_invocation() -> None:
    batch = [record(0, NOW - 61), record(1, NOW - 60.5), record(2, NOW - 1)]
    stage = Stage(always(Answer())).run(batch, Policy(maximum_age_seconds=60))
    [discarded] = stage.discarded
    assert (numbers(discarded.records), discarded.condition, discarded.invocations) == ([0, 1], "RecordAgeExceeded", 0)
    assert discarded.answer is None
    assert stage.invoked == [[2]]


def test_retries_end_when_the_records_are_too_old() -> None:
    stage = Stage(always(FAILED)).run(records(1), Policy(maximum_age_seconds=1))
    assert stage.discarded[0].condition == Condition.AGE
    assert stage.discarded[0].answer is FAILED
    assert sum(stage.slept) > 1


def test_throttling_ends_when_the_records_are_too_old() -> None:
    stage = Stage(always(THROTTLED)).run(records(1), Policy(maximum_age_seconds=1))
    assert stage.discarded[0].condition == Condition.AGE


def test_a_record_is_not_finished_before_its_destination_was_told() -> None:
    stage = Stage(always(FAILED), destination_fails=3)
    stage.run(records(1), Policy(maximum_retries=0))
    assert len(stage.discarded) == 1
    assert stage.slept == [0.1, 0.2, 0.4]
    assert stage.finished == [0]


def test_a_stop_while_waiting_leaves_the_rest_unfinished() -> None:
    class StopError(Exception):
        pass

    def stop(_: float) -> None:
        raise StopError

    stage = Stage(reporting(1))
    with pytest.raises(StopError):
        deliver(records(3), Policy(partial=True), World(stage.invoke, stage.discard, stage.finish, lambda: NOW, stop))
    assert stage.finished == [0]


@given(
    count=st.integers(1, 40),
    poison=st.sets(st.integers(0, 39)),
    bisect=st.booleans(),
    partial=st.booleans(),
    retries=st.integers(0, 3),
)
def test_every_record_is_finished_once_and_in_order(
    count: int, poison: set[int], bisect: bool, partial: bool, retries: int
) -> None:
    function = reporting(*poison) if partial else poisoned(*poison)
    stage = Stage(function).run(records(count), Policy(bisect=bisect, partial=partial, maximum_retries=retries))
    assert stage.finished == list(range(count))


@given(count=st.integers(1, 40), poison=st.sets(st.integers(0, 39)), partial=st.booleans())
def test_bisecting_discards_the_poison_and_nothing_else(count: int, poison: set[int], partial: bool) -> None:
    function = reporting(*poison) if partial else poisoned(*poison)
    stage = Stage(function).run(records(count), Policy(bisect=True, partial=partial, maximum_retries=1))
    discarded = [number for each in stage.discarded for number in numbers(each.records)]
    assert discarded == sorted(each for each in poison if each < count)

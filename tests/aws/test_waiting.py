from __future__ import annotations

from itertools import accumulate, islice, pairwise, takewhile

import pytest

from streamctl.aws.waiting import backoff, growing_pauses, wait_for
from streamctl.errors import DeadlineError


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.pauses.append(seconds)


def test_the_answer_is_given_as_soon_as_there_is_one() -> None:
    clock, answers = Clock(), iter([None, None, "there"])

    assert wait_for(lambda: next(answers), what="it", timeout_seconds=10, clock=clock, sleep=clock.sleep) == "there"
    assert len(clock.pauses) == 2


def test_nothing_is_slept_where_the_first_look_succeeds() -> None:
    clock = Clock()
    wait_for(lambda: True, what="it", timeout_seconds=0, clock=clock, sleep=clock.sleep)

    assert clock.pauses == []


def test_the_deadline_is_kept_and_says_what_was_waited_for() -> None:
    clock = Clock()

    with pytest.raises(DeadlineError, match="Gave up waiting for the stream after 10 s"):
        wait_for(lambda: None, what="the stream", timeout_seconds=10, clock=clock, sleep=clock.sleep)
    assert clock.now <= 10


def test_pauses_grow_to_two_seconds() -> None:
    pauses = list(islice(growing_pauses(), 500))

    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.1, 2.0)


@pytest.mark.parametrize("seconds", [3, 20, 25, 90, 190])
def test_what_is_ready_is_noticed_within_a_hundredth_of_a_long_wait(seconds: float) -> None:
    clock = Clock()

    def ready() -> bool | None:
        return True if clock.now >= seconds else None

    wait_for(ready, what="it", timeout_seconds=600, clock=clock, sleep=clock.sleep)
    assert clock.now <= seconds + max(0.3, seconds / 100)


def test_nobody_is_asked_more_than_four_times_a_second_for_long() -> None:
    looks = list(takewhile(lambda waited: waited < 30, accumulate(growing_pauses())))

    assert len(looks) <= 30 * 4
    assert all(later - earlier >= 0.25 for earlier, later in pairwise(looks[4:]))


def test_backing_off_is_random_and_bounded() -> None:
    draws = [backoff(attempt) for attempt in range(50)]

    assert all(0 <= draw <= 5 for draw in draws)
    assert len(set(draws)) > 25

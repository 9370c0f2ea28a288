from __future__ import annotations

import pytest

from streamctl.functions.aws.errors import CallError
from streamctl.functions.aws.retrying import Retry, calls

from ..processor.lambda_events import Invocation, refusal


def retry(invocation: Invocation, pauses: list[float] | None = None, **settings) -> Retry:
    def sleep(seconds: float) -> None:
        if pauses is not None:
            pauses.append(seconds)
        invocation.sleep(seconds)

    limits = {"reserve": 1 / 10, "most_seconds": 60, "draw": lambda: 1.0} | settings
    return Retry(invocation.get_remaining_time_in_millis, sleep=sleep, **limits)


def always(error: Exception):
    def send(pending):
        raise error

    return send


def test_only_what_was_not_accepted_is_sent_again():
    sent = []

    def send(pending):
        sent.append(pending)
        return pending[2:]

    left, _ = retry(Invocation()).until_accepted(send, [1, 2, 3, 4, 5])

    assert left == []
    assert sent == [[1, 2, 3, 4, 5], [3, 4, 5], [5]]


def test_pauses_grow_up_to_five_seconds():
    pauses: list[float] = []

    retry(Invocation(60_000), pauses).until_accepted(lambda pending: pending, [1])

    assert pauses[:9] == [0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0]
    assert max(pauses) == 5.0


def test_each_pause_is_drawn():
    pauses: list[float] = []
    draws = iter([0.5, 0.5, 0.0, 1.0])

    retry(Invocation(1_000), pauses, draw=lambda: next(draws, 1000.0)).until_accepted(lambda pending: pending, [1])

    assert pauses == [0, 0.025, 0.0, 0.2]


def test_the_reserve_is_left_untouched():
    invocation = Invocation(30_000)

    assert retry(invocation, reserve=1 / 3).until_accepted(lambda pending: pending, [1]) == ([1], "not accepted")
    assert 10_000 < invocation.remaining_ms < 15_000


def test_the_reserve_is_bounded():
    invocation = Invocation(300_000)

    retry(invocation, reserve=1 / 3, most_seconds=30).until_accepted(lambda pending: pending, [1])

    assert 30_000 < invocation.remaining_ms < 35_000


def test_nothing_is_sent_once_the_time_is_over():
    invocation = Invocation(10_000)
    late = retry(invocation)
    invocation.sleep(9.5)

    assert late.until_accepted(always(AssertionError("sent")), [1]) == ([1], "out of time")


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (refusal("ProvisionedThroughputExceededException"), "ProvisionedThroughputExceededException"),
        (refusal("ThrottlingException"), "ThrottlingException"),
        (refusal("InternalServerError", status=500), "InternalServerError"),
        (refusal("RequestThrottled", status=403), "RequestThrottled"),
        (CallError("ConnectionResetError", is_passing=True), "ConnectionResetError"),
    ],
)
def test_a_passing_failure_is_tried_again_until_the_time_is_over(error, why):
    invocation = Invocation()

    assert retry(invocation).until_accepted(always(error), [1, 2]) == ([1, 2], why)
    assert invocation.remaining_ms < 40_000


@pytest.mark.parametrize(
    "error",
    [
        refusal("AccessDeniedException"),
        refusal("ResourceNotFoundException"),
        refusal("ValidationException"),
        refusal("ExpiredTokenException"),
        CallError("no credentials"),
    ],
    ids=repr,
)
def test_a_failure_that_waiting_does_not_cure_is_raised_at_once(error):
    invocation = Invocation()

    with pytest.raises(CallError) as caught:
        retry(invocation).until_accepted(always(error), [1])
    assert caught.value is error
    assert invocation.remaining_ms == 300_000


def test_a_mistake_of_ours_is_not_tried_again():
    with pytest.raises(KeyError):
        retry(Invocation()).until_accepted(always(KeyError("mistake")), [1])


def test_calls_hold_at_most_so_many_things_and_bytes():
    things = ["aa", "b", "c", "dddddd", "e", "f", "g", "h"]

    assert list(calls(things, len, most=3, most_bytes=6)) == [["aa", "b", "c"], ["dddddd"], ["e", "f", "g"], ["h"]]


def test_a_thing_larger_than_a_call_goes_alone():
    assert list(calls(["a", "bbbb", "c"], len, most=3, most_bytes=2)) == [["a"], ["bbbb"], ["c"]]


def test_nothing_makes_no_call():
    assert list(calls([], len, most=3, most_bytes=6)) == []

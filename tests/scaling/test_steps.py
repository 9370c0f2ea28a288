"""Scaling a stream that behaves as AWS documents it: slow, told late, with limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streamctl.errors import AwsError, DeadlineError, UsageError
from streamctl.scaling.steps import Scaling, steps

from .cloud import SlowStream, refused

if TYPE_CHECKING:
    from streamctl.scaling.capacity import Shards


def scale(stream: SlowStream, wanted: int) -> list[Shards]:
    """What was seen on the way."""
    seen: list[Shards] = []
    aws: Any = stream
    Scaling(aws, "events", wanted, seen.append, clock=stream.clock, sleep=stream.sleep).run()
    return seen


@settings(max_examples=60)
@given(current=st.integers(1, 300), wanted=st.integers(1, 300), step_seconds=st.sampled_from([0.5, 3.0, 60.0, 400.0]))
@example(current=2, wanted=2, step_seconds=60.0)
def test_any_number_is_reached_in_the_fewest_steps_that_aws_allows(
    current: int, wanted: int, step_seconds: float
) -> None:
    stream = SlowStream(current, step_seconds=step_seconds)

    seen = scale(stream, wanted)

    assert (seen[-1].open, seen[-1].status) == (wanted, "ACTIVE")
    assert stream.asked == list(steps(current, wanted))


def test_every_look_is_told_so_that_progress_can_be_shown() -> None:
    seen = scale(SlowStream(2), 8)

    assert {(now.open, now.status) for now in seen} >= {(2, "UPDATING"), (4, "ACTIVE"), (4, "UPDATING"), (8, "ACTIVE")}


def test_a_scaling_that_was_cut_off_is_waited_for_and_continued() -> None:
    stream = SlowStream(2)
    stream.begin(4)
    stream.now = 5

    scale(stream, 8)

    assert stream.asked == [8]


def test_a_stream_that_is_being_made_is_waited_for() -> None:
    stream = SlowStream(0)
    stream.begin(2)
    stream.now = 5

    assert list(steps(0, 4)) == []
    assert scale(stream, 4)[-1].open == 4


def test_many_shards_have_time_to_be_merged_even_into_few() -> None:
    stream = SlowStream(64, step_seconds=32 * 30)  # AWS takes about half a minute for each
    stream.begin(32)
    stream.step_seconds = 30

    assert scale(stream, 1)[-1].open == 1


def test_a_step_whose_answer_was_lost_is_not_asked_for_again() -> None:
    stream = SlowStream(2)
    stream.lost = True

    assert scale(stream, 4)[-1].open == 4

    assert stream.asked == [4]


def test_somebody_elses_scaling_is_waited_for() -> None:
    stream = SlowStream(2)
    stream.begin(3)  # a moment ago, so that looks do not show it yet

    assert scale(stream, 6)[-1].open == 6


def test_the_limit_of_a_day_is_said_in_words_and_at_once() -> None:
    stream = SlowStream(1, step_seconds=1)
    stream.asked = [2] * 10

    with pytest.raises(AwsError, match=r"scale events from 1 to 2 shards: Rate exceeded") as raised:
        scale(stream, 2)

    assert "ten times in any 24 hours" in (raised.value.hint or "")
    assert stream.now < 1


def test_a_look_that_aws_does_not_allow_now_is_only_missed() -> None:
    stream = SlowStream(2)
    stream.faults = {"look": [refused("LimitExceededException", "Rate exceeded")] * 3}

    assert scale(stream, 4)[-1].open == 4


def test_a_stream_that_aws_scales_is_refused_with_the_way_out() -> None:
    with pytest.raises(UsageError, match="on demand") as raised:
        scale(SlowStream(4, mode="ON_DEMAND"), 8)

    assert 'mode = "provisioned"' in (raised.value.hint or "")


def test_a_stream_that_never_begins_is_given_up_on() -> None:
    stream = SlowStream(2)
    stream.idle = True

    with pytest.raises(DeadlineError, match="still has 2 shards"):
        scale(stream, 4)


def test_what_aws_refuses_otherwise_is_said() -> None:
    stream = SlowStream(2)
    stream.faults = {"ask": [refused("ValidationException", "no such thing")]}

    with pytest.raises(AwsError, match="Could not scale the stream events: no such thing"):
        scale(stream, 4)

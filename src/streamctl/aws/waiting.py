"""Waiting for AWS: look often, give up at a deadline, never sleep blindly.

The SDK's own waiters look every 10 to 30 seconds; most of what they wait for takes 5. What is ready is noticed half a
pause later on average, so a pause is 0.3 s or a hundredth of the wait so far: below the lowest limit of all that is
looked at so, which is ListTagsForStream's 5 calls a second.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, TypeVar

from streamctl.errors import DeadlineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

FIRST_PAUSE_SECONDS = 0.1
USUAL_PAUSE_SECONDS = 0.3
PART_OF_THE_WAIT = 0.01
LONGEST_PAUSE_SECONDS = 2.0


def wait_for(
    look: Callable[[], T | None],
    *,
    what: str,
    timeout_seconds: float,
    pause_seconds: float = USUAL_PAUSE_SECONDS,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Look until the answer is not None. Raises DeadlineError; `what` completes "Gave up waiting for …"."""
    deadline = clock() + timeout_seconds
    for pause in growing_pauses(pause_seconds):
        found = look()
        if found is not None:
            return found
        if clock() + pause > deadline:
            break
        sleep(pause)
    raise DeadlineError(
        f"Gave up waiting for {what} after {timeout_seconds:.0f} s.",
        "It may still get there: run the command again, it continues where this one stopped.",
    )


def growing_pauses(usual_seconds: float = USUAL_PAUSE_SECONDS) -> Iterator[float]:
    """Seconds between looks: short at first, soon the usual, and longer when the wait is long: up to 2 s."""
    pause, waited = FIRST_PAUSE_SECONDS, 0.0
    while True:
        yield pause
        waited += pause
        pause = min(pause * 1.5, max(usual_seconds, waited * PART_OF_THE_WAIT), LONGEST_PAUSE_SECONDS)


def backoff(attempt: int, *, longest_seconds: float = 5.0, rng: random.Random | None = None) -> float:
    """Seconds to wait before sending again, with full jitter; `attempt` counts from 0."""
    draw = (rng or random).random()
    return draw * min(longest_seconds, 0.1 * 2.0**attempt)

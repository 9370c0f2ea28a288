"""Waiting for AWS: look often, give up at a deadline, never sleep blindly.

The SDK's own waiters look every 10 to 30 seconds; most of what they wait for takes 5. What is ready is noticed half a
pause later on average, so a pause is half a second or 2 % of the wait so far: several pipelines at once stay below
the lowest limit there is, ListTagsForStream's 5 a second.
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
USUAL_PAUSE_SECONDS = 0.5
PART_OF_THE_WAIT = 0.02
LONGEST_PAUSE_SECONDS = 2.0


def wait_for(
    look: Callable[[], T | None],
    *,
    what: str,
    timeout_seconds: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Look until the answer is not None. Raises DeadlineError; `what` completes "Gave up waiting for …"."""
    deadline = clock() + timeout_seconds
    for pause in growing_pauses():
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


def growing_pauses() -> Iterator[float]:
    """Seconds between looks: short at first, soon 0.5 s, and 2 s after 100."""
    pause, waited = FIRST_PAUSE_SECONDS, 0.0
    while True:
        yield pause
        waited += pause
        usual = max(USUAL_PAUSE_SECONDS, waited * PART_OF_THE_WAIT)
        pause = min(pause * 1.5, usual, LONGEST_PAUSE_SECONDS)


def backoff(attempt: int, *, longest_seconds: float = 5.0, rng: random.Random | None = None) -> float:
    """Seconds to wait before sending again, with full jitter; `attempt` counts from 0."""
    draw = (rng or random).random()
    return draw * min(longest_seconds, 0.1 * 2.0**attempt)

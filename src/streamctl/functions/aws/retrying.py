"""Sending again what AWS did not take, with pauses that grow, inside the time this invocation has left.

What an answer of 200 left undone is sent again, too.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, TypeVar

from .errors import CallError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 5.0
OUT_OF_TIME = "out of time"
NOT_ACCEPTED = "not accepted"


class Retry:
    """Until when an invocation may try again: until `reserve` of its time, at most `most_seconds`, is left."""

    def __init__(
        self,
        remaining_ms: Callable[[], int],
        *,
        reserve: float,
        most_seconds: float,
        sleep: Callable[[float], None],
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._remaining_ms = remaining_ms
        self._reserve_ms = min(reserve * remaining_ms(), most_seconds * 1000)
        self._sleep = sleep
        self._draw = draw

    def until_accepted(self, send: Callable[[list[T]], list[T]], pending: list[T]) -> tuple[list[T], str]:
        """Send until nothing is pending: what still is when the time is over, and why.

        `send` answers with what was not accepted. A failure that waiting does not cure is raised at once.
        """
        why, longest_pause = OUT_OF_TIME, 0.0
        while pending:
            pause = self._draw() * longest_pause  # full jitter: those refused together do not come back together
            if not self._allows(pause):
                break
            self._sleep(pause)
            try:
                pending, why = send(pending), NOT_ACCEPTED
            except CallError as error:
                if not error.is_passing:
                    raise
                why = error.code
            longest_pause = min(max(longest_pause * 2, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
        return pending, why

    def _allows(self, pause_seconds: float) -> bool:
        return self._remaining_ms() - pause_seconds * 1000 > self._reserve_ms


def calls(things: Iterable[T], size: Callable[[T], int], *, most: int, most_bytes: int) -> Iterator[list[T]]:
    """The things in order, cut into the largest calls that an API takes."""
    call: list[T] = []
    total = 0
    for thing in things:
        if call and (len(call) == most or total + size(thing) > most_bytes):
            yield call
            call, total = [], 0
        call.append(thing)
        total += size(thing)
    if call:
        yield call

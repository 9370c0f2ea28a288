"""How fast events go out: in batches with a pause between them, at a steady rate, or as they come.

A pace cuts what it takes into chunks of one request at most, and sleeps between them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count as counting
from typing import TYPE_CHECKING, Protocol

from streamctl.traffic.requests import RECORDS_PER_REQUEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from streamctl.traffic.events import Event

    Take = Callable[[int], Sequence[Event]]
    Clock = Callable[[], float]
    Sleep = Callable[[float], None]

TICK_SECONDS = 0.02
GRACE_SECONDS = 1.0
"""What is due within a duration may still go out this long after it."""


class Pace(Protocol):
    def shared(self, parts: int) -> Sequence[Pace]:
        """The paces of so many processes, which together are this one."""

    def chunks(
        self, take: Take, clock: Clock, sleep: Sleep, most: int = RECORDS_PER_REQUEST, /
    ) -> Iterator[Sequence[Event]]:
        """Chunks of at most `most` events, each when its time has come, until the source ends or enough were taken."""


@dataclass(frozen=True)
class AsItComes:
    """Everything, as soon as it is there."""

    def shared(self, parts: int) -> Sequence[Pace]:
        return [self] * parts

    def chunks(
        self, take: Take, _clock: Clock, _sleep: Sleep, most: int = RECORDS_PER_REQUEST, /
    ) -> Iterator[Sequence[Event]]:
        while chunk := take(most):
            yield chunk


@dataclass(frozen=True)
class Batches:
    """`size` events, a pause, and again; `count` None goes on to the end of the source."""

    count: int | None = 3
    size: int = 10
    interval_seconds: float = 2.0

    def chunks(
        self, take: Take, _clock: Clock, sleep: Sleep, most: int = RECORDS_PER_REQUEST, /
    ) -> Iterator[Sequence[Event]]:
        for number in self._numbers():
            if number:
                sleep(self.interval_seconds)
            wanted = self.size
            while wanted:
                chunk = take(min(wanted, most))
                if not chunk:
                    return
                yield chunk
                wanted -= len(chunk)

    def shared(self, parts: int) -> list[Batches]:
        """The batches of so many processes, which together are these."""
        whole, more = divmod(self.size, parts)
        return [replace(self, size=whole + (part < more)) for part in range(parts)]

    def _numbers(self) -> Iterable[int]:
        return counting() if self.count is None else range(self.count)


@dataclass(frozen=True)
class Rate:
    """`per_second` events each second for `duration_seconds`, or to the end of the source.

    Where the stream cannot keep up, the duration ends the run and not the number of events. Requests are at least
    `tick_seconds` apart: fuller ones cost less.
    """

    per_second: float
    duration_seconds: float | None = None
    tick_seconds: float = TICK_SECONDS
    part: int = 0
    parts: int = 1
    """Of so many equal parts this is the one with that number: together they send what the whole would."""

    def shared(self, parts: int) -> list[Rate]:
        return [replace(self, part=part, parts=parts) for part in range(parts)]

    def chunks(
        self, take: Take, clock: Clock, sleep: Sleep, most: int = RECORDS_PER_REQUEST, /
    ) -> Iterator[Sequence[Event]]:
        started, made = clock(), 0
        while not self._over(clock() - started, made):
            due = self.due(self._within(clock() - started)) - made
            if due < 1:
                sleep(max(self.tick_seconds, started + self._due_at(made + 1) - clock()))
                continue
            chunk = take(min(due, most))
            if not chunk:
                return
            yield chunk
            made += len(chunk)

    def due(self, elapsed_seconds: float) -> int:
        """Events to be made until then."""
        return (int(elapsed_seconds * self.per_second + 1e-9) + self.part) // self.parts

    def _due_at(self, event: int) -> float:
        """When the event of this number, from 1 on, is due."""
        return (event * self.parts - self.part) / self.per_second

    def _within(self, elapsed_seconds: float) -> float:
        return elapsed_seconds if self.duration_seconds is None else min(elapsed_seconds, self.duration_seconds)

    def _over(self, elapsed_seconds: float, made: int) -> bool:
        if self.duration_seconds is None:
            return False
        return made >= self.due(self.duration_seconds) or elapsed_seconds >= self.duration_seconds + GRACE_SECONDS

"""One batch until the end: invoked, retried, bisected, discarded. The heart of Lambda's contract, without any plumbing.

finished      every record exactly once: processed, or discarded after its destination was told
retry         uses up one of MaximumRetryAttempts; so does delivering the rest of a partly done batch again
bisect        splits without using up a retry: at the record the function named, after a pause, else in the middle
not invoked   throttled or no answer: tried again without using up a retry, until the records are too old
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from streamctl.emulator.driver.records import Record
from streamctl.emulator.driver.responses import Answer, first_unfinished

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 10.0

Records = Sequence[Record]


class Condition(StrEnum):
    """Why records were discarded, as the destination is told."""

    RETRIES = "RetryAttemptsExhausted"
    AGE = "RecordAgeExceeded"


@dataclass(frozen=True)
class Policy:
    """What a mapping asks for when an invocation fails; -1 retries means no end."""

    bisect: bool = False
    partial: bool = False
    maximum_retries: int = -1
    maximum_age_seconds: float = float("inf")


@dataclass(frozen=True)
class Discarded:
    """Records that are given up; `answer` is that of the last invocation, if there was one."""

    records: Records
    condition: Condition
    invocations: int
    answer: Answer | None


@dataclass(frozen=True)
class Attempt:
    """Records that are delivered together, and what was tried with them."""

    records: Records
    retries: int = 0
    refusals: int = 0
    splits: int = 0  # at a record the function named
    invocations: int = 0
    answer: Answer | None = None


@dataclass(frozen=True)
class World:
    """What a delivery needs of its surroundings. `sleep` may raise to end it: what is not finished comes again."""

    invoke: Callable[[Records], Answer]
    discard: Callable[[Discarded], bool]  # false: the destination could not be written
    finished: Callable[[Records], None]
    clock: Callable[[], float]  # epoch seconds
    sleep: Callable[[float], None]


def deliver(records: Records, policy: Policy, world: World) -> None:
    """Return when every record is finished."""
    waiting = [Attempt(records)]
    while waiting:
        attempt = _without_expired(waiting.pop(), policy, world)
        if attempt.records:
            waiting.extend(reversed(_try(attempt, policy, world)))


def _try(attempt: Attempt, policy: Policy, world: World) -> list[Attempt]:
    """Invoke once; returns what is left to deliver, in order."""
    answer = world.invoke(attempt.records)
    if not answer.invoked:
        world.sleep(pause_seconds(attempt.refusals))
        return [replace(attempt, refusals=attempt.refusals + 1)]
    attempt = replace(attempt, refusals=0, invocations=attempt.invocations + 1, answer=answer)
    done = first_unfinished(answer, attempt.records, partial=policy.partial)
    if done:
        world.finished(attempt.records[:done])
    rest = replace(attempt, records=attempt.records[done:])
    if not rest.records:
        return []
    if policy.bisect and done:
        world.sleep(pause_seconds(attempt.splits))  # it may have stopped there because something is throttled
        return [replace(rest, splits=attempt.splits + 1)]
    if policy.bisect and len(rest.records) > 1:
        return _halves(rest)
    if 0 <= policy.maximum_retries <= attempt.retries:
        _discard(rest, Condition.RETRIES, world)
        return []
    world.sleep(pause_seconds(attempt.retries))
    return [replace(rest, retries=attempt.retries + 1)]


def _halves(attempt: Attempt) -> list[Attempt]:
    middle = len(attempt.records) // 2
    return [replace(attempt, records=attempt.records[:middle]), replace(attempt, records=attempt.records[middle:])]


def _without_expired(attempt: Attempt, policy: Policy, world: World) -> Attempt:
    oldest = world.clock() - policy.maximum_age_seconds
    expired = next((i for i, each in enumerate(attempt.records) if each.arrived_at >= oldest), len(attempt.records))
    if expired:
        _discard(replace(attempt, records=attempt.records[:expired]), Condition.AGE, world)
    return replace(attempt, records=attempt.records[expired:])


def _discard(attempt: Attempt, condition: Condition, world: World) -> None:
    """Give records up, but not before their destination knows of them."""
    given_up = Discarded(attempt.records, condition, attempt.invocations, attempt.answer)
    failures = 0
    while not world.discard(given_up):
        world.sleep(pause_seconds(failures))
        failures += 1
    world.finished(attempt.records)


def pause_seconds(failures: int) -> float:
    """Longer after each failure in a row; `failures` counts from 0."""
    return min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(failures, 20))

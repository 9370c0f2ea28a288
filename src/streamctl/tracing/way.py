"""The way of an event as it is told: steps, each with its time as far as that is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime


class Outcome(StrEnum):
    """Where an event is."""

    STORED = "stored"
    EXPIRED = "expired"
    """Its time in the table is over: it is there until it is deleted, or nowhere any more."""
    SET_ASIDE = "set aside"
    GIVEN_UP = "given up"
    """By Lambda: not stored, and to be had from the stream until it expires."""
    IN_FLIGHT = "in flight"
    """Accepted by the stream so lately that the pipeline need not be done with it."""
    MISSING = "missing"
    """Accepted, and nowhere, though it should be by now."""
    UNCONFIRMED = "unconfirmed"
    """The run was killed before an answer: it may be out or not."""
    UNSENT = "unsent"
    """The stream never took it."""
    UNKNOWN = "unknown"
    """Not sent from this machine, and nowhere."""

    @property
    def is_accounted_for(self) -> bool:
        return self not in {Outcome.MISSING, Outcome.UNKNOWN}


@dataclass(frozen=True)
class Step:
    """One thing that happened to the event."""

    name: str
    at: datetime | None
    """In UTC, by the clock of whoever did it; None where nobody wrote the time down."""
    what: str
    """In words."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The same for programs, and what the words leave out."""


@dataclass(frozen=True)
class Way:
    event_id: str
    outcome: Outcome
    steps: tuple[Step, ...]

    def after_ms(self) -> Iterator[tuple[Step, int | None]]:
        """Each step with the milliseconds since the last one before it that has a time.

        Clocks of the producer, of the stream and of the function differ a little: it can be negative.
        """
        before = None
        for step in self.steps:
            yield step, round((step.at - before).total_seconds() * 1000) if step.at and before else None
            before = step.at or before

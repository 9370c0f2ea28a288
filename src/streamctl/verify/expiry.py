"""Which events the table need no longer hold: their time in it is over.

An item that is there says itself until when it is kept. Of one that is gone only the run tells: when its last event was
sent, and how long items were kept then. What cannot be proved to be past its time
counts as lost when it is gone, as without any expiry.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from streamctl.ledger import CLOCK_TOLERANCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from streamctl.ledger import Run
    from streamctl.verify.items import Item


@dataclass(frozen=True)
class Expiry:
    """How items expire now."""

    attribute: str = ""
    """Holds the epoch second until which an item is kept; empty where items do not expire."""
    seconds: int = 0
    """From the arrival of an event on."""

    def has_passed(self, item: Item, now_seconds: float) -> bool:
        """The item may be deleted any moment; until it is, it can be read."""
        until = item.get(self.attribute, {}).get("N") if self.attribute else None
        return until is not None and int(until) <= now_seconds


NEVER = Expiry()


def is_over(run: Run, now: datetime) -> bool:
    """Every item of the run may be gone by now."""
    return bool(run.info.kept_seconds) and _end(run) <= now


def remarks(runs: Sequence[Run], now: datetime, expiry: Expiry) -> Iterator[str]:
    """What makes it uncertain whether something of a run is lost or has expired, a sentence each."""
    for run in runs:
        kept = run.info.kept_seconds
        if kept and _begin(run) <= now < _end(run):
            yield (
                f"Items of run {run.run_id} expire until {_end(run):%Y-%m-%d %H:%M:%S} UTC: some of what counts as "
                "lost may have expired. Account for it again after that."
            )
        if kept and kept != expiry.seconds:
            present = f"for {_worded(expiry.seconds)}" if expiry.seconds else "for ever"
            then = f"Items of run {run.run_id} are kept for {_worded(kept)}, as when it was sent"
            yield f"{then}; what comes now {present}."
        if expiry.seconds and not kept:
            yield f"Run {run.run_id} was sent when items did not expire, so nothing of it counts as expired."


def _begin(run: Run) -> datetime:
    return run.info.started_at + timedelta(seconds=(run.info.kept_seconds or 0) - CLOCK_TOLERANCE_SECONDS)


def _end(run: Run) -> datetime:
    """By our clock, as the times of the run are."""
    return run.last_sent_at + timedelta(seconds=(run.info.kept_seconds or 0) + CLOCK_TOLERANCE_SECONDS)


def _worded(seconds: int) -> str:
    return f"{seconds / 86_400:g} d" if seconds >= 86_400 else f"{seconds:,} s"

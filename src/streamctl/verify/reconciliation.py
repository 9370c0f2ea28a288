"""The outcome of a reconciliation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamctl.verify.latency import Latency


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """Every event in exactly one count; `duplicates` alone are counted among `stored` as well."""

    runs: tuple[str, ...]
    sent: int
    """All but `unsent`."""
    unsent: int
    """The stream never took them, as far as the producer knows, and they are nowhere."""
    stored: int
    duplicates: int
    """Of the stored: those in more than one row."""
    changed: int
    """Stored, but not as they were sent."""
    set_aside: int
    dead_lettered: int
    """Given up by Lambda: not stored, and to be had from the stream until it expires."""
    superseded: int
    """Only another event of the same id is stored."""
    in_flight: int
    """Missing, and may still come: too new to be lost, or looks did not agree, or another reader hides messages."""
    unconfirmed: int
    """Nowhere, and never known to have been accepted: the run was killed."""
    lost: int
    """Missing everywhere for longer than the pipeline takes. Where a dead letter's range holds more missing events
    than its batch had (a parallelization factor above 1), those it speaks of cannot be told apart and count here."""
    lost_examples: tuple[str, ...] = ()
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Why events were set aside."""
    dead_letters: tuple[str, ...] = ()
    """The first batches that Lambda gave up on since the runs began, in words, and until when the stream has them."""
    latency: Latency | None = None

    @property
    def holds(self) -> bool:
        """Every event is stored once and as it was sent, or set aside with its reason."""
        failed = self.lost, self.in_flight, self.dead_lettered, self.changed, self.duplicates, self.superseded
        return not any(failed)

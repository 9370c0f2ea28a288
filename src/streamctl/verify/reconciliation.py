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
    superseded: int
    """Only another event of the same id is stored."""
    in_flight: int
    unconfirmed: int
    """Nowhere, and never known to have been accepted: the run was killed."""
    lost: int
    lost_examples: tuple[str, ...] = ()
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Why events were set aside."""
    dead_letters: tuple[str, ...] = ()
    """The first batches that Lambda gave up on since the runs began, in words."""
    latency: Latency | None = None

    @property
    def holds(self) -> bool:
        """Every event is stored once and as it was sent, or kept aside where it can be got at."""
        return not (self.lost or self.in_flight or self.changed or self.duplicates or self.superseded)

"""The outcome of a reconciliation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamctl.verify.latency import Latency


@dataclass(frozen=True)
class FaultAccount:
    """What became of the events to which one thing was done on purpose."""

    sent: int
    as_expected: int
    """Set aside where they were poisoned or a rule of the owner's says so; otherwise stored once, as they were sent."""
    open: int
    """In flight, or unconfirmed."""
    wrong: int
    """Anything else became of them; the reconciliation has a count for it, too."""


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """Every event in exactly one count; only `duplicates` and `compared_by_checksum` are counted among `stored` as
    well, and `sorted_out` and `sound_set_aside` among `set_aside`."""

    runs: tuple[str, ...]
    sent: int
    """All but `unsent`."""
    unsent: int
    """The stream never took them, as far as the producer knows, and they are nowhere."""
    stored: int
    duplicates: int
    """Of the stored: those in more than one row."""
    repaired: int
    """Stored as `replay` sent them: with another payload, on purpose."""
    changed: int
    """Stored, but not as they were sent."""
    compared_by_checksum: int
    """Of the stored: those whose payload the table does not hold as it was sent, but its sha256."""
    set_aside: int
    sorted_out: int
    """Of those set aside: by rules of the pipeline's owner, a schema or a processor that refuses."""
    sound_set_aside: int
    """Of those set aside by no such rule: events of runs with faults that were not poisoned."""
    poisoned_stored: int
    """Stored in some form, though nobody can read them."""
    given_up: int
    """Set aside before, and given up on purpose by the repair of a replay."""
    dead_lettered: int
    """Given up by Lambda: not stored, and to be had from the stream until it expires."""
    superseded: int
    """Only another event of the same id is stored."""
    expired: int
    """Past the time that the table keeps an item: still there, or deleted. Of what is gone nobody can tell any more
    whether it was stored. Not counted here is what the run does not prove to be past it; `remarks` says so."""
    in_flight: int
    """Missing, and may still come: too new to be lost, or looks did not agree, or another reader hides messages."""
    unconfirmed: int
    """Nowhere, and never known to have been accepted: the run was killed."""
    lost: int
    """Missing everywhere for longer than the pipeline takes. Where in a dead letter's range events are missing of more
    records than its batch had (a parallelization factor above 1), those it speaks of cannot be told apart and count
    here."""
    lost_examples: tuple[str, ...] = ()
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Why events were set aside."""
    faults: Mapping[str, FaultAccount] = field(default_factory=dict)
    """By `poison`, `duplicate`, `late` and `hot_key`; empty where no run has faults."""
    dead_letters: tuple[str, ...] = ()
    """The first batches that Lambda gave up on since the runs began, in words, and until when the stream has them."""
    metrics_compared: bool = True
    """False where a processor of the owner's makes the metrics: nobody else knows what they should be."""
    latency: Latency | None = None
    remarks: tuple[str, ...] = ()
    """What makes it uncertain whether something is lost or has expired."""

    @property
    def holds(self) -> bool:
        """Every event is stored once and as it was sent or repaired, or has expired, or is set aside with its reason,
        or given up on purpose; in a run with faults the poisoned ones are set aside, or were before they were repaired
        or given up, and no others but by rules of the owner's."""
        missing = self.lost, self.in_flight, self.dead_lettered, self.superseded
        return not any((*missing, self.changed, self.duplicates, self.poisoned_stored, self.sound_set_aside))

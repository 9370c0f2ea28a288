"""The figures of a run under way."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamctl.ledger import Fault

TYPES_COUNTED = 50
"""Event types told apart in the figures; data must not be able to make them grow without bound."""


@dataclass
class Progress:
    """A run so far. The observer is handed the same object again and again: read it, do not keep it."""

    events: int = 0
    accepted: int = 0
    unsent: int = 0
    bytes: int = 0
    """Payloads accepted, each counted once."""
    copies: int = 0
    """Records accepted of events that had been accepted before."""
    requests: int = 0
    """Sent, including those sent again."""
    retried: int = 0
    """Requests sent again."""
    refused: int = 0
    """Records refused, each time it happened."""
    in_flight: int = 0
    """Events sent, or waiting to be sent again, that nobody has answered for yet."""
    paced_seconds: float = 0.0
    """Waited so that no shard gets more than it takes."""
    by_type: Counter[str] = field(default_factory=Counter)
    """Events accepted, for each of the first 50 types."""
    by_fault: Counter[Fault] = field(default_factory=Counter)
    """Events accepted to which this was done."""
    by_shard: Counter[str] = field(default_factory=Counter)
    """Records accepted, copies included."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Why events are unsent: AWS's error code, or one of ours, and how many."""

    def count_types(self, types: list[str]) -> None:
        """Count accepted events by type."""
        counted = self.by_type
        for kind, number in Counter(types).items():
            if kind in counted or len(counted) < TYPES_COUNTED:
                counted[kind] += number


def added_up(parts: Iterable[Progress]) -> Progress:
    """The figures of several runs as those of one."""
    total = Progress()
    for part in parts:
        for figure in fields(Progress):
            setattr(total, figure.name, getattr(total, figure.name) + getattr(part, figure.name))
    return total

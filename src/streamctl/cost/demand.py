"""What is sent: how much, how large, how long."""

from __future__ import annotations

from dataclasses import dataclass

HOURS_OF_A_MONTH = 730
AGGREGATE_BYTES = 25 * 1024
"""What a KPL aggregate is filled to: one PUT payload unit."""
ENTRY_BYTES = 10
"""What an aggregate adds to an event: the tags, lengths and place of its protobuf entry, and its share of the keys."""


@dataclass(frozen=True)
class Demand:
    """Events a second while sending, bytes of an event, hours of sending a month (730 is always)."""

    events_per_second: float
    event_bytes: int = 350
    hours: float = HOURS_OF_A_MONTH
    aggregate: bool = False

    @property
    def events(self) -> float:
        """A month's."""
        return self.events_per_second * 3600 * self.hours

    @property
    def most_events_per_record(self) -> int:
        """What fits in one Kinesis record."""
        return max(1, AGGREGATE_BYTES // (self.event_bytes + ENTRY_BYTES)) if self.aggregate else 1

    def record_bytes(self, events: float) -> float:
        """The size of a Kinesis record with so many events."""
        return events * (self.event_bytes + ENTRY_BYTES) if self.aggregate else self.event_bytes

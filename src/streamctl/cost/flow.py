"""How a design's events reach its function: records in the stream, batches, invocations."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamctl.cost.demand import Demand
    from streamctl.cost.design import Design

SHARD_RECORDS_PER_SECOND = 1000
SHARD_BYTES_PER_SECOND = 1024 * 1024
ON_DEMAND_SHARDS = 4
"""What a new stream on demand can take: 4,000 records or 4 MiB a second."""
INVOCATION_BYTES = 6_000_000
ENVELOPE_BYTES = 500
"""What Lambda wraps a record's Base64 in."""
POLL_SECONDS = 1.0
"""How often Lambda reads a shard, where no window makes it wait longer."""


@dataclass(frozen=True)
class Flow:
    """A design under a demand. A lane is one of the batches that can be under way at a time."""

    demand: Demand
    design: Design

    @property
    def shards(self) -> int:
        return self.design.shards or max(ON_DEMAND_SHARDS, needed_shards(self.demand))

    @property
    def events_per_record(self) -> float:
        """An aggregate is sent after a second at the latest, full or not."""
        return min(self.demand.most_events_per_record, max(1.0, self.demand.events_per_second / self.shards))

    @property
    def record_bytes(self) -> float:
        return self.demand.record_bytes(self.events_per_record)

    @property
    def records(self) -> float:
        """A month's."""
        return self.demand.events / self.events_per_record

    @property
    def lanes(self) -> int:
        possible = self.shards * self.design.parallelization_factor
        return min(possible, self.design.concurrency or possible)

    @property
    def most_records_per_batch(self) -> int:
        """What the batch size and Lambda's 6 MB allow."""
        delivered = self.record_bytes * 4 / 3 + ENVELOPE_BYTES
        return max(1, min(self.design.batch_size, int(INVOCATION_BYTES // delivered)))

    @property
    def invocations(self) -> float:
        """A month's: a batch goes when it is full or its window over, and never empty."""
        lane_records = self.demand.events_per_second / self.events_per_record / self.lanes
        window = max(self.design.batching_window_seconds, POLL_SECONDS)
        a_second = min(lane_records, max(1 / window, lane_records / self.most_records_per_batch))
        return a_second * self.lanes * 3600 * self.demand.hours

    @property
    def events_per_batch(self) -> float:
        return self.demand.events / self.invocations

    @property
    def events_kept_up_with(self) -> float:
        """Events a second that the function takes with full batches on every lane."""
        full = self.most_records_per_batch * self.events_per_record
        return self.lanes * full / self.design.processing.seconds(full, self.design.memory_mb)


def needed_shards(demand: Demand) -> int:
    """The fewest shards that take the demand, spread evenly."""
    events = demand.most_events_per_record
    records_per_second = demand.events_per_second / events
    bytes_per_second = records_per_second * demand.record_bytes(events)
    return max(1, ceil(records_per_second / SHARD_RECORDS_PER_SECOND), ceil(bytes_per_second / SHARD_BYTES_PER_SECOND))

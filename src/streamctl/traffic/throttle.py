"""How fast a stream may be written to: so that a run does not run into the limits of its own shards.

A shard takes 1,000 records and 1 MiB a second, partition keys included. Both are one measure here: a record is worth
what it uses of either, whichever is more. A request to several shards waits for the fullest of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

RECORDS_PER_SECOND = 1000
BYTES_PER_RECORD = 1024 * 1024 / RECORDS_PER_SECOND
"""A record up to this size is worth one, a larger one is worth more."""
STEADY = 0.95
AHEAD_SECONDS = 0.05
"""Of a limit a twentieth is set apart, so that a shard may get so much more than its share for a moment: among many
shards one is always ahead, and the others need not wait for it."""


class Throttle:
    """Says how long to wait before a request. `share` of every shard's limit is ours; others write, too."""

    def __init__(self, clock: Callable[[], float], share: float = 1.0) -> None:
        self._clock = clock
        self._seconds_each = 1 / (RECORDS_PER_SECOND * STEADY * share)
        self._free_at: dict[int, float] = {}

    def reserve(self, records: Mapping[int, float]) -> float:
        """Take room for so many records a shard: the seconds to wait before they are sent.

        A shard is free again once what was sent to it would have passed at an even pace; so within any second it gets
        no more than its limit and one request.
        """
        now, free_at, seconds_each = self._clock(), self._free_at, self._seconds_each
        pause = max(0.0, max(free_at.get(shard, 0.0) for shard in records) - AHEAD_SECONDS - now) if records else 0.0
        at = now + pause
        for shard, count in records.items():
            free = free_at.get(shard, 0.0)
            free_at[shard] = (free if free > at else at) + count * seconds_each
        return pause

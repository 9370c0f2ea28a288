"""Partition keys other than the events' own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from streamctl.traffic.chunk import Chunk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamctl.traffic.events import Event
    from streamctl.traffic.sources import Source

SPREAD = [f"key-{number}" for number in range(20_000)]
"""Enough for their hashes to fill some hundred shards evenly, and few enough to be remembered."""


class SpreadKeys:
    """The events of another source, each with the next of many partition keys: every shard gets its share."""

    def __init__(self, source: Source) -> None:
        self.name = source.name
        self.seed = source.seed
        self.faults: Mapping[str, str] = source.faults
        self._source = source
        self._taken = 0

    def take(self, run_id: str, count: int) -> Sequence[Event]:
        chunk = Chunk.of(self._source.take(run_id, count))
        first, self._taken = self._taken, self._taken + len(chunk)
        keys = [SPREAD[number % len(SPREAD)] for number in range(first, self._taken)]
        events = chunk.events and [
            replace(event, partition_key=key) for event, key in zip(chunk.events, keys, strict=True)
        ]
        return replace(chunk, keys=keys, events=events)

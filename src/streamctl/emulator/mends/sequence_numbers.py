"""Kinesis: sequence numbers that never go back, and are numbers.

MiniStack makes them of the wall clock, so that a clock which was set back hides new records from every reader that has
seen later numbers. It begins them with zeros and compares them as text; AWS's have no zero in front, so that whoever
takes one for a number can hand it back.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from ministack.services import kinesis

from streamctl.emulator.mends.replacing import after, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LEAST = 4 * 10**29  # 30 digits as MiniStack's own, which are milliseconds and a count of ten digits; a 4 is AWS's first
COUNTS = 10**10


class SequenceNumbers:
    """Ever higher ones, close to the time where the clock allows. Safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last = 0

    def next(self) -> str:
        with self._lock:
            self._last = max(LEAST + int(self._clock() * 1000) * COUNTS, self._last + 1)
            return str(self._last)

    def start_after(self, number: str) -> None:
        with self._lock:
            self._last = max(self._last, int(number))


def apply() -> None:
    numbers = SequenceNumbers()
    replace(kinesis, "_next_sequence_number", numbers.next)
    after(kinesis, "load_persisted_state", lambda _saved, _loaded: _start_after_all(numbers))


def _start_after_all(numbers: SequenceNumbers) -> None:
    for _, stream in kinesis._streams.all_items():
        for number in _numbers_of(stream):
            numbers.start_after(number)


def _numbers_of(stream: dict[str, Any]) -> Iterator[str]:
    for shard in stream["shards"].values():
        yield shard["starting_sequence_number"]
        yield shard.get("ending_sequence_number", "0")
        yield from (record["SequenceNumber"] for record in shard["records"][-1:])

"""When a batch is complete: enough records, enough bytes, or the batching window is over."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamctl.emulator.driver.records import Record

PAYLOAD_BYTES = 6 * 1024 * 1024 - 100  # Lambda's limit for a synchronous invocation, less the frame around the records


class Batcher:
    """Records waiting for their invocation, in order. Times are seconds of any steady clock."""

    def __init__(self, batch_size: int, window_seconds: float, payload_bytes: int = PAYLOAD_BYTES) -> None:
        self._batch_size = batch_size
        self._window_seconds = window_seconds
        self._payload_bytes = payload_bytes
        self._waiting: deque[tuple[Record, float]] = deque()
        self.bytes = 0  # of all records that wait

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, record: Record, now: float) -> None:
        self._waiting.append((record, now))
        self.bytes += record.size

    def take(self, now: float) -> list[Record]:
        """The next batch, or nothing when it is better to wait."""
        if not self._waiting or self.wait_seconds(now) > 0:
            return []
        batch: list[Record] = []
        room = self._payload_bytes
        while self._waiting and len(batch) < self._batch_size:
            record = self._waiting[0][0]
            if batch and record.size > room:  # a record that fits in no payload still goes, alone
                break
            room -= record.size
            batch.append(self._waiting.popleft()[0])
        self.bytes -= sum(record.size for record in batch)
        return batch

    def wait_seconds(self, now: float) -> float:
        """How long the next batch may still wait for more records; infinite while there is none."""
        if not self._waiting:
            return float("inf")
        if len(self._waiting) >= self._batch_size or self.bytes > self._payload_bytes:
            return 0
        return max(0.0, self._waiting[0][1] + self._window_seconds - now)

"""Latency percentiles in bounded memory: exact to the millisecond below 10 s, to three figures above."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

EXACT_BELOW_MS = 10_000


@dataclass(frozen=True)
class Latency:
    """From a record's arrival in the stream to its processing, in milliseconds."""

    events: int
    p50_ms: int
    p90_ms: int
    p99_ms: int
    max_ms: int


class Latencies:
    """Counts per millisecond; a few thousand numbers, however many events."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._most = 0

    def add(self, latency_ms: int) -> None:
        """The clocks of stream and function differ a little, so an event can seem to be processed before it came."""
        latency_ms = max(0, latency_ms)
        self._most = max(self._most, latency_ms)
        self._counts[_rounded(latency_ms)] += 1

    def summary(self) -> Latency | None:
        """None before the first event."""
        if not self._counts:
            return None
        ordered = sorted(self._counts.items())
        total = self._counts.total()
        p50, p90, p99 = (_percentile(ordered, total, percent) for percent in (50, 90, 99))
        return Latency(total, p50, p90, p99, self._most)


def _rounded(latency_ms: int) -> int:
    step = 1
    while latency_ms >= EXACT_BELOW_MS * step:
        step *= 10
    return latency_ms // step * step


def _percentile(ordered: list[tuple[int, int]], total: int, percent: int) -> int:
    """By nearest rank: the smallest value that `percent` of all do not exceed."""
    rank = -(-total * percent // 100)
    for value, count in ordered:
        rank -= count
        if rank <= 0:
            return value
    raise AssertionError("a rank cannot exceed the number of values")

"""Windows in event time: who belongs into which, and when one is over.

Windows are aligned to the epoch. The watermark is the highest time seen that is both an event's own and not after its
arrival, so that an event with a time in the future closes nothing. A window is over once the watermark has passed its
end by the allowed lateness; what comes later is late, and in no window.

The shards of the table's stream are read at their own speed, after an outage at very different ones: windows wait for
the slowest that was heard of lately, or what it still has to bring would be late.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from .series import Tally, added

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .arrival import Arrival

HEARD_OF_SECONDS = 120
"""How long a slow shard is waited for: so much longer than a batch takes, with its retries."""
LAGS_EVERY_SECONDS = 10
MOST_WAITING = 240
"""Windows that wait for a slow shard, and no more: all that are open are one item of the state."""
MOST_EMPTY = 100
"""So many windows without any item are closed one by one; the rest of a long silence is left out."""

Fate = Literal["counted", "late", "ahead"]
Closed = tuple[int, Tally]
"""A window's start, epoch seconds, and its tally."""


class Windows:
    """All windows that are open, of `width` seconds each; `state` is that of another one that this one goes on from.

    With another width than the state's, open windows are given up: what they hold cannot be divided.
    """

    def __init__(self, width: int, lateness: int, state: Mapping[str, Any] | None = None) -> None:
        self._width = width
        self._lateness = lateness
        self.watermark: int | None = state["watermark"] if state else None
        kept = state if state and state["width"] == width else None
        self._closed_until: int | None = kept["closed_until"] if kept else None
        self._lags: dict[int, int] = {int(at): lag for at, lag in state["lags"].items()} if state else {}
        self._slowest: int | None = state["slowest"] if state else None
        self._empty: int = kept["empty"] if kept else 0
        self._open: dict[int, Tally] = _tallies(kept["open"]) if kept else {}

    def state(self) -> dict[str, Any]:
        """Plain JSON."""
        tallies = {
            start: {name: [count, str(total)] for name, (count, total) in tally.items()}
            for start, tally in self._open.items()
        }
        return {
            "width": self._width,
            "watermark": self.watermark,
            "lags": self._lags,
            "slowest": self._slowest,
            "closed_until": self._closed_until,
            "empty": self._empty,
            "open": tallies,
        }

    def read(self, arrived_at: int, now: int) -> None:
        """A shard is read up to what arrived then, both epoch seconds: others wait for it."""
        at = now // LAGS_EVERY_SECONDS * LAGS_EVERY_SECONDS
        lags = {**self._lags, at: max(self._lags.get(at, 0), now - arrived_at)}
        self._lags = {heard: lag for heard, lag in lags.items() if now - heard <= HEARD_OF_SECONDS}
        self._slowest = now - max(self._lags.values())

    def add(self, arrival: Arrival) -> Fate:
        """Put an item into its window, unless it is `late`, or so far `ahead` of its arrival that its time is wrong."""
        seen = min(arrival.at, arrival.arrived_at)
        self.watermark = seen if self.watermark is None else max(self.watermark, seen)
        start = arrival.at // self._width * self._width
        if start > arrival.arrived_at + self._lateness:
            return "ahead"
        if start < self._limit():
            return "late"
        self._open[start] = added(self._open.get(start, {}), arrival.brought)
        return "counted"

    def close(self, most: int) -> list[Closed]:
        """Take out windows that are over, the oldest first; those without items in between are empty."""
        closed: list[Closed] = []
        while len(closed) < most and self.has_closed:
            start = self._next()
            tally = self._open.pop(start, {})
            self._empty = 0 if tally else self._empty + 1
            self._closed_until = start + self._width
            closed.append((start, tally))
        return closed

    @property
    def has_closed(self) -> bool:
        """A window is over, and was not taken out yet."""
        return (bool(self._open) or self._closed_until is not None) and self._next() < self._limit()

    def _limit(self) -> int:
        """The start of the first window that is not over."""
        if self.watermark is None:
            return 0
        limit = (self._reached(self.watermark) - self._lateness) // self._width * self._width
        return limit if self._closed_until is None else max(limit, self._closed_until)

    def _reached(self, watermark: int) -> int:
        """What all shards have reached that were heard of lately."""
        slowest = watermark if self._slowest is None else self._slowest
        return min(watermark, max(slowest, watermark - MOST_WAITING * self._width))

    def _next(self) -> int:
        """The start of the window to be closed next."""
        first = min(self._open, default=self._limit())
        if self._closed_until is None:
            return first
        return min(first, self._limit()) if self._empty >= MOST_EMPTY else self._closed_until


def _tallies(state: Mapping[str, Mapping[str, Any]]) -> dict[int, Tally]:
    return {
        int(start): {name: (count, Decimal(total)) for name, (count, total) in tally.items()}
        for start, tally in state.items()
    }

"""Events side by side: the few things that sending needs of each, in columns.

Made for many events a second: what is done to a column at once costs a fraction of what it costs event by event.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from streamctl.ledger import event_id
from streamctl.traffic.events import Event


@dataclass(frozen=True, slots=True)
class Chunk(Sequence[Event]):
    """Some events of one run, in order."""

    payloads: list[bytes]
    keys: list[str]
    """Partition keys."""
    types: list[str]
    run_id: str = ""
    first: int = 0
    """The number of the first one in the run: an event without an id of its own is called by it."""
    events: list[Event] | None = None
    """The events themselves where there is more to know of them; otherwise each is named by its number, and sound."""

    @classmethod
    def of(cls, events: Sequence[Event]) -> Chunk:
        """The columns of these events."""
        if isinstance(events, Chunk):
            return events
        return cls(
            [event.payload for event in events],
            [event.partition_key for event in events],
            [event.type for event in events],
            events=list(events),
        )

    def line(self, number: int) -> bytes:
        """One of them as a line of a file that can be sent."""
        return self.payloads[number] if self.events is None else self.events[number].line

    def without(self, numbers: Collection[int]) -> Chunk:
        """The others."""
        left_out = set(numbers)
        return Chunk.of([event for number, event in enumerate(self) if number not in left_out])

    def __len__(self) -> int:
        return len(self.payloads)

    def __iter__(self) -> Iterator[Event]:
        return map(self._event, range(len(self)))

    @overload
    def __getitem__(self, place: int) -> Event: ...
    @overload
    def __getitem__(self, place: slice) -> Chunk: ...
    def __getitem__(self, place: int | slice) -> Event | Chunk:
        if not isinstance(place, slice):
            return self._event(range(len(self))[place])
        numbers = range(len(self))[place]
        if numbers.step != 1:
            raise ValueError("a chunk is cut, not thinned out: its events are numbered one by one")
        return Chunk(
            self.payloads[place],
            self.keys[place],
            self.types[place],
            self.run_id,
            self.first + numbers.start,
            None if self.events is None else self.events[place],
        )

    def _event(self, number: int) -> Event:
        if self.events is not None:
            return self.events[number]
        name = event_id(self.run_id, self.first + number)
        return Event(name, self.types[number], self.keys[number], self.payloads[number])

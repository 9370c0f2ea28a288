"""The books of a reconciliation: what was found of each event, at about 45 bytes an event.

An event is found by the hash of its payload; only a row whose payload nobody sent is looked up by its id.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections import Counter
from enum import IntEnum
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from streamctl.ledger import Entries, Fault, Outcome, Run, RunInfo, id_hash
from streamctl.origins import Origins

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence
    from datetime import datetime

NO_ORIGINS = Origins()


class Found(IntEnum):
    """Where an event is, the more telling the higher: a higher one takes the place of a lower."""

    NOWHERE = 0
    LOST = 1
    """Nowhere, though it should be by now."""
    SUPERSEDED = 2
    """Lost, and another event of the same id is there."""
    GIVEN_UP = 3
    """Nowhere, as its owner wanted when it was replayed."""
    DEAD_LETTERED = 4
    SET_ASIDE = 5
    SORTED_OUT = 6
    """Set aside by a rule of the pipeline's owner: a schema, or a function that refuses."""
    EXPIRED = 7
    """Its time in the table is over: it is still there, or nowhere any more."""
    CHANGED = 8
    """Stored, but not as it was sent."""
    REPAIRED = 9
    """Stored as `replay` sent it again on purpose."""
    STORED = 10
    DUPLICATE = 11
    """Stored in more than one row."""


class HashIndex:
    """Where a hash stands in an array: open addressing, and a chain through those that repeat. About 8 bytes each,
    12 where some repeat."""

    def __init__(self, hashes: array[int]) -> None:
        slots = array("I", (0,)) * (1 << max(3, (2 * len(hashes)).bit_length()))
        mask = len(slots) - 1
        earlier = array("I")  # filled where a hash repeats at all
        self.repeats = 0
        for position, value in enumerate(hashes, 1):  # 0 is the empty slot
            slot = value & mask
            if last := slots[slot]:
                while last and hashes[last - 1] != value:
                    slot = (slot + 1) & mask
                    last = slots[slot]
                if last:
                    earlier = earlier or array("I", (0,)) * len(hashes)
                    earlier[position - 1] = last
                    self.repeats += 1
            slots[slot] = position
        self._hashes, self._slots, self._earlier, self._mask = hashes, slots, earlier, mask

    def last(self, value: int) -> int | None:
        """The last place it stands at."""
        slot = value & self._mask
        while position := self._slots[slot]:
            if self._hashes[position - 1] == value:
                return position - 1
            slot = (slot + 1) & self._mask
        return None

    def all(self, value: int) -> Iterator[int]:
        """Every place it stands at, the last one first."""
        place = self.last(value)
        while place is not None:
            yield place
            earlier = self._earlier[place] if self.repeats else 0
            place = earlier - 1 if earlier else None


class Book:
    """What was found of the events of some runs."""

    def __init__(self, runs: Sequence[Run], origins: Origins = NO_ORIGINS) -> None:
        self.runs = runs
        self._arrivals = [_arrivals(run.info) for run in runs]
        self._starts = [0]
        self._ids, self._payloads, self._outcomes = array("Q"), array("Q"), bytearray()
        self._faults, self._carried = bytearray(), array("I")
        for run in runs:
            self._append(run.read())
        self._found = bytearray(len(self))
        self._seen = bytearray(len(self))
        self._by_payload = HashIndex(self._payloads)
        self._origins = origins
        self._enter_given_up()

    def __len__(self) -> int:
        return self._starts[-1]

    @property
    def missing(self) -> int:
        """Events the stream accepted and nobody has seen since."""
        missing = Outcome.ACCEPTED, Found.NOWHERE
        return sum(count for (*known, _), count in self.tally().items() if tuple(known) == missing)

    def tally(self) -> Counter[tuple[int, int, int]]:
        """How many events of each (Outcome, Found, Fault)."""
        return Counter(zip(self._outcomes, self._found, self._faults, strict=True))

    def new_scan(self) -> None:
        """From here on every row is seen anew."""
        self._seen = bytearray(len(self))

    def row(
        self, event_id: str, payload_hash: int, arrived_at_ms: int | None, *, stored_at: int, faithful: bool
    ) -> bool:
        """Enter a row of the table; `stored_at` is its `timestamp`. True when it shows an event stored that was not
        known to be."""
        news = False
        place = None
        for origin in self._origins.of.get(payload_hash, ()):
            for place in self._by_payload.all(origin):
                news |= self._enter(place, Found.REPAIRED if faithful else Found.CHANGED, arrived_at_ms)
        for place in self._by_payload.all(payload_hash):
            right = faithful and (not self._carried[place] or self._carried[place] == stored_at)
            news |= self._enter(place, Found.STORED if right else Found.CHANGED, arrived_at_ms)
        if place is None:
            changed = self._by_id.last(id_hash(event_id))
            if changed is not None and not self._was_mended(changed, arrived_at_ms):
                self._enter(changed, Found.CHANGED, arrived_at_ms)
        return news

    def expired(self, event_id: str, payload_hash: int, arrived_at_ms: int | None) -> None:
        """Enter a row whose time is over, for the events sent before it arrived: what it holds concerns nobody now."""
        for place in [*self._sent_as(payload_hash)] or self._by_id.all(id_hash(event_id)):
            if arrived_at_ms is None or arrived_at_ms >= self._arrivals[self._which(place)][0]:
                self._found[place] = max(self._found[place], Found.EXPIRED)

    def knows(self, event_id: str, payload_hash: int) -> bool:
        """One of the events has this payload or this id."""
        if self._by_payload.last(payload_hash) is not None or payload_hash in self._origins.of:
            return True
        return self._by_id.last(id_hash(event_id)) is not None

    def pairs(self, event_id: str, payload_hash: int) -> bool:
        """One of the events has both this payload and this id, or a replay sent the payload: under any id."""
        if payload_hash in self._origins.of:
            return True
        name = id_hash(event_id)
        return any(self._ids[place] == name for place in self._by_payload.all(payload_hash))

    def aside(self, payload_hash: int, found: Found) -> int:
        """Enter a record that was set aside or dead-lettered: for how many events that is news."""
        places = [place for place in self._sent_as(payload_hash) if self._found[place] < found]
        for place in places:
            self._found[place] = found
        return len(places)

    def absent(self, most: int) -> list[int]:
        """The first `most` events of which nothing was found, however they were sent."""
        return list(islice(self._places(Found.NOWHERE), most))

    def is_absent(self, payload_hash: int) -> bool:
        """Nothing was found of one of the events with this payload."""
        return any(self._found[place] == Found.NOWHERE for place in self._sent_as(payload_hash))

    def overdue(self, sent_before: datetime) -> Iterator[int]:
        """The missing events of the runs that sent nothing since then."""
        for run, first, end in zip(self.runs, self._starts, self._starts[1:], strict=False):
            if run.last_sent_at < sent_before:
                places = self._places(Found.NOWHERE, first, end)
                yield from (place for place in places if self._outcomes[place] == Outcome.ACCEPTED)

    def conclude(self, sent_before: datetime, expired: Container[str] = frozenset()) -> None:
        """Mark what is overdue as lost; as superseded where another event of the same id is stored; as expired where it
        is of one of these runs, whose items may all be gone."""
        taken = self._taken()
        over = [run.run_id in expired for run in self.runs]
        for place in self.overdue(sent_before):
            if taken and taken[self._last_of(place)]:
                self._found[place] = Found.SUPERSEDED
            elif over[self._which(place)] and not self._faults[place] & Fault.POISONED:  # such a one was never there
                self._found[place] = Found.EXPIRED
            else:
                self._found[place] = Found.LOST

    def lost(self, most: int) -> list[int]:
        """The first `most` events marked as lost."""
        return list(islice(self._places(Found.LOST), most))

    def made_id(self, place: int) -> str | None:
        """The event's id where it can be told from its number."""
        run, number = self._run(place)
        return run.made_id(number, self._ids[place])

    def may_have_another_id(self, place: int) -> bool:
        """A replay sent another payload for the event, and may have given it another id."""
        return self._payloads[place] in self._replaced

    def describe(self, place: int) -> str:
        run, number = self._run(place)
        return run.describe(number, self._ids[place])

    def _append(self, entries: Entries) -> None:
        if self._ids:
            self._ids.extend(entries.ids)
            self._payloads.extend(entries.payloads)
            self._outcomes.extend(entries.outcomes)
            self._faults.extend(entries.faults)
            self._carried.extend(entries.carried)
        else:  # taken over, not copied: the first run is often the only one
            self._ids, self._payloads, self._outcomes = entries.ids, entries.payloads, entries.outcomes
            self._faults, self._carried = entries.faults, entries.carried
        self._starts.append(len(self._ids))

    @cached_property
    def _replaced(self) -> frozenset[int]:
        return frozenset().union(*self._origins.of.values())

    @cached_property
    def _by_id(self) -> HashIndex:
        return HashIndex(self._ids)

    def _enter(self, place: int, found: Found, arrived_at_ms: int | None) -> bool:
        """Enter a row for one event, if it arrived when the event was sent.

        A row from before is another run's, of the same id: the event itself is still on its way. One from after shows
        that the event was sent again later; it may have taken the place of the event's own row, or stand beside it.
        """
        began_ms, ended_ms = self._arrivals[self._which(place)]
        if arrived_at_ms is not None and arrived_at_ms < began_ms:
            return False
        before = self._found[place]
        again = arrived_at_ms is not None and arrived_at_ms > ended_ms
        self._found[place] = Found.DUPLICATE if self._seen[place] and not again else max(before, found)
        self._seen[place] |= not again
        return before < Found.STORED <= self._found[place]

    def _was_mended(self, place: int, arrived_at_ms: int | None) -> bool:
        """The event was poisoned, and this came after its run: the sound one was sent then."""
        ended_ms = self._arrivals[self._which(place)][1]
        is_after = arrived_at_ms is not None and arrived_at_ms > ended_ms
        return is_after and bool(self._faults[place] & Fault.POISONED)

    def _sent_as(self, payload_hash: int) -> Iterator[int]:
        """The events with this payload, and those for which a replay sent it."""
        yield from self._by_payload.all(payload_hash)
        for origin in self._origins.of.get(payload_hash, ()):
            yield from self._by_payload.all(origin)

    def _enter_given_up(self) -> None:
        """An event sent after the replay that gave up one like it is another one."""
        for payload_hash, replayed_at in self._origins.given_up.items():
            for place in self._by_payload.all(payload_hash):
                if self._run(place)[0].info.started_at <= replayed_at:
                    self._found[place] = Found.GIVEN_UP

    def _last_of(self, place: int) -> int:
        """The last event of the same id: itself, unless ids repeat."""
        last = self._by_id.last(self._ids[place])
        return place if last is None else last

    def _taken(self) -> bytearray:
        """For the last event of each id, whether any of that id is stored; empty where no id repeats."""
        if not self._by_id.repeats:
            return bytearray()
        taken = bytearray(len(self))
        for place, found in enumerate(self._found):
            if found >= Found.CHANGED:
                taken[self._last_of(place)] = 1
        return taken

    def _places(self, found: Found, first: int = 0, end: int | None = None) -> Iterator[int]:
        place = self._found.find(found, first, end)
        while place >= 0:
            yield place
            place = self._found.find(found, place + 1, end)

    def _which(self, place: int) -> int:
        """Which of the runs the event belongs to."""
        return bisect_right(self._starts, place) - 1

    def _run(self, place: int) -> tuple[Run, int]:
        """The event's run, and its number in it."""
        which = self._which(place)
        return self.runs[which], place - self._starts[which]


def _arrivals(info: RunInfo) -> tuple[float, float]:
    """When the events of a run arrived in the stream: not before the one, not after the other, in epoch ms."""
    ended = info.arrivals_to
    return info.arrivals_from.timestamp() * 1000, ended.timestamp() * 1000 if ended else math.inf

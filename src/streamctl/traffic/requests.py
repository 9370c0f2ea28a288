"""PutRecords requests: what one holds, cut from a chunk of events, and what has become of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

from streamctl.traffic.aggregation import aggregate, packed
from streamctl.traffic.throttle import BYTES_PER_RECORD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from streamctl.traffic.chunk import Chunk
    from streamctl.traffic.shards import ShardMap

RECORDS_PER_REQUEST = 500
AGGREGATED_PER_REQUEST = 5000
REQUEST_BYTES = 5 * 1024 * 1024
"""Kinesis takes 10 MiB; what was built before it did refuses more than 5, and 500 events rarely need it."""
RECORD_BYTES = 1024 * 1024
"""Payload and partition key, unless the stream's `MaxRecordSizeInKiB` is raised."""
CHARACTER_BYTES = 4
TOO_LARGE = "RecordTooLarge"


@dataclass
class Request:
    """The events of a chunk as records of one request. `pending` and `reasons` change while it is sent."""

    chunk: Chunk
    first: int
    """The number of the chunk's first event in the run; -1 for copies of events that were accepted before."""
    payloads: Sequence[bytes]
    keys: Sequence[str]
    hash_keys: Sequence[str] | None
    """Which shard each record goes to, where its key does not decide it."""
    members: Sequence[Sequence[int]] | None
    """The places in the chunk of each record's events; None where every event is a record."""
    pending: list[int]
    """The places of the records that are not taken yet."""
    reasons: dict[int, str] = field(default_factory=dict)
    """Why the stream took no event of these places, last."""

    @property
    def is_copy(self) -> bool:
        return self.first < 0

    def left(self) -> tuple[Sequence[bytes], Sequence[str], Sequence[str] | None]:
        """Payloads, partition keys and hash keys of the records that are pending."""
        if len(self.pending) == len(self.payloads):
            return self.payloads, self.keys, self.hash_keys
        hash_keys = None if self.hash_keys is None else [self.hash_keys[place] for place in self.pending]
        return [self.payloads[place] for place in self.pending], [self.keys[place] for place in self.pending], hash_keys

    def answered(self, refused: Mapping[int, str]) -> None:
        """Keep pending what was refused, by its place among the pending, and why."""
        for place, reason in refused.items():
            self.reasons |= dict.fromkeys(self.events_of([self.pending[place]]), reason)
        self.pending = [self.pending[place] for place in refused]

    @property
    def unsent(self) -> list[int]:
        """The places in the chunk of the events that nobody took."""
        too_large = [place for place, reason in self.reasons.items() if reason == TOO_LARGE]
        return sorted({*self.events_of(self.pending), *too_large})

    def events_of(self, records: Sequence[int]) -> Sequence[int]:
        """The places in the chunk of these records' events."""
        if self.members is None:
            return records
        return [place for record in records for place in self.members[record]]

    def load(self, shards: ShardMap) -> Mapping[int, float]:
        """What the pending records ask of each shard, as `throttle` measures it."""
        payloads, keys, _ = self.left()
        if _longest(payloads, keys) <= BYTES_PER_RECORD:  # each is worth one: there is nothing to add up
            return Counter(map(shards.places.__getitem__, keys))
        load: Counter[int] = Counter()
        for payload, key in zip(payloads, keys, strict=True):
            load[shards.places[key]] += max(1, (len(payload) + len(key.encode())) / BYTES_PER_RECORD)  # type: ignore[assignment]
        return load


@dataclass(frozen=True)
class Cutter:
    """Cuts chunks into requests. With `aggregates`, the events that go to one shard are packed together."""

    request_bytes: int = REQUEST_BYTES
    record_bytes: int = RECORD_BYTES
    aggregates: bool = False

    @property
    def events_per_request(self) -> int:
        return AGGREGATED_PER_REQUEST if self.aggregates else RECORDS_PER_REQUEST

    def requests(self, chunk: Chunk, first: int, shards: ShardMap) -> Iterator[Request]:
        """The chunk in order, in pieces that one request can hold; what is too large for a record is in none."""
        for begin, end in self._cuts(chunk):
            piece = chunk if (begin, end) == (0, len(chunk)) else chunk[begin:end]
            number = first if first < 0 else first + begin
            yield from self._aggregated(piece, number, shards) if self.aggregates else [self._plain(piece, number)]

    def _cuts(self, chunk: Chunk) -> Iterator[tuple[int, int]]:
        """Where a piece begins and ends."""
        sizes, most = list(map(len, chunk.payloads)), self.events_per_request
        if len(sizes) <= most and len(sizes) * _longest(chunk.payloads, chunk.keys) <= self.request_bytes:
            yield 0, len(sizes)  # as nearly always: nothing to add up
            return
        ends = list(accumulate(size + len(key.encode()) for size, key in zip(sizes, chunk.keys, strict=True)))
        begin, before = 0, 0
        for place in range(1, len(ends)):
            if ends[place] - before > self.request_bytes or place - begin == most:
                yield begin, place
                begin, before = place, ends[place - 1]
        yield begin, len(ends)

    def _plain(self, chunk: Chunk, first: int) -> Request:
        too_large, pending = self._too_large(chunk), list(range(len(chunk)))
        if too_large:
            pending = [place for place in pending if place not in too_large]
        reasons = dict.fromkeys(too_large, TOO_LARGE)
        return Request(chunk, first, chunk.payloads, chunk.keys, None, None, pending, reasons)

    def _too_large(self, chunk: Chunk) -> set[int]:
        if _longest(chunk.payloads, chunk.keys) <= self.record_bytes:
            return set()
        sizes = (len(payload) + len(key.encode()) for payload, key in zip(chunk.payloads, chunk.keys, strict=True))
        return {place for place, size in enumerate(sizes) if size > self.record_bytes}

    def _aggregated(self, chunk: Chunk, first: int, shards: ShardMap) -> Iterator[Request]:
        too_large = self._too_large(chunk)
        fitting = [place for place in range(len(chunk)) if place not in too_large]
        payloads, keys = [chunk.payloads[place] for place in fitting], [chunk.keys[place] for place in fitting]
        together = packed(payloads, keys, shards.places)
        records = [(shard, [fitting[place] for place in places]) for shard, places in together]
        if len(records) > RECORDS_PER_REQUEST:  # of very many shards each gets little
            half = len(chunk) // 2
            yield from self._aggregated(chunk[:half], first, shards)
            yield from self._aggregated(chunk[half:], first if first < 0 else first + half, shards)
            return
        yield Request(
            chunk,
            first,
            [_data(chunk, places) for _, places in records],
            [chunk.keys[places[0]] for _, places in records],
            [str(shards.shards[shard].first_hash_key) for shard, _ in records],
            [places for _, places in records],
            list(range(len(records))),
            dict.fromkeys(too_large, TOO_LARGE),
        )


def _longest(payloads: Sequence[bytes], keys: Sequence[str]) -> int:
    """No payload is longer, together with its key; a few bytes may be counted too many."""
    return max(map(len, payloads), default=0) + CHARACTER_BYTES * max(map(len, keys), default=0)


def _data(chunk: Chunk, places: Sequence[int]) -> bytes:
    """The record of these events; one alone goes out as it is."""
    if len(places) == 1:
        return chunk.payloads[places[0]]
    return aggregate([chunk.keys[place] for place in places], [chunk.payloads[place] for place in places])

"""Events packed into fewer Kinesis records, in the format of Amazon's producer library (KPL).

A record costs as one of 25 KB however small it is, and counts as one of the 1,000 a second that a shard takes: of small
events, one record can carry about ninety for the same price. The format is described where it is taken apart, in
`functions/processor/aggregates.py`.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING

from streamctl.functions.processor.aggregates import DIGEST_BYTES, MAGIC

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

AGGREGATE_BYTES = 25 * 1024
"""What Kinesis charges as one payload unit, partition key included."""
_ENTRY_BYTES = 4 * 6
"""At most, beside key and payload: tags, lengths and places of both."""


def aggregate(records: Iterable[tuple[str, bytes]]) -> bytes:
    """The data of one Kinesis record that holds these: partition key and payload each."""
    places: dict[str, int] = {}
    entries = []
    for key, payload in records:
        place = places.setdefault(key, len(places))
        entry = b"\x08" + _varint(place) + b"\x1a" + _varint(len(payload)) + payload
        entries.append(b"\x1a" + _varint(len(entry)) + entry)
    table = [b"\x0a" + _varint(len(encoded)) + encoded for encoded in map(str.encode, places)]
    message = b"".join([*table, *entries])
    return MAGIC + message + hashlib.md5(message, usedforsecurity=False).digest()


def packed(
    payloads: Sequence[bytes], keys: Sequence[str], shard_of: Mapping[str, int], most_bytes: int = AGGREGATE_BYTES
) -> Iterator[tuple[int, list[int]]]:
    """What to put together: a shard, and the places of the events for one record of it, in their order.

    A partition key stays in its shard, so that the order within a key is kept as well as it is without packing.
    """
    open_records: defaultdict[int, list[int]] = defaultdict(list)
    sizes: dict[int, int] = {}
    for place, (payload, key) in enumerate(zip(payloads, keys, strict=True)):
        shard = shard_of[key]
        size = len(payload) + len(key.encode()) + _ENTRY_BYTES
        taken = sizes.get(shard, 0)
        if taken and taken + size > most_bytes:
            yield shard, open_records.pop(shard)
            taken = 0
        if not taken:  # the record's own key is that of its first event
            taken = len(MAGIC) + DIGEST_BYTES + len(key.encode())
        open_records[shard].append(place)
        sizes[shard] = taken + size
    yield from open_records.items()


def _varint(number: int) -> bytes:
    """Seven bits a byte, the least first."""
    encoded = bytearray()
    while number > 127:
        encoded.append(number & 127 | 128)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)

"""Events packed into fewer Kinesis records, in the format of Amazon's producer library (KPL).

A record costs as one of 25 KB however small it is, and counts as one of the 1,000 a second that a shard takes: of small
events, one record can carry about seventy for the same price. The format is described where it is taken apart, in
`functions/processor/aggregates.py`.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import defaultdict
from itertools import accumulate
from typing import TYPE_CHECKING

from streamctl.functions.processor.aggregates import DIGEST_BYTES, MAGIC
from streamctl.traffic.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

AGGREGATE_BYTES = 25 * 1024
"""What Kinesis charges as one payload unit, partition key included."""
_ENTRY_BYTES = 4 * 6
"""At most, beside key and payload: tags, lengths and places of both."""


def aggregate(keys: Sequence[str], payloads: Sequence[bytes]) -> bytes:
    """The data of one Kinesis record that holds events of these partition keys and payloads."""
    places: dict[str, int] = {}
    numbers = [places.setdefault(key, len(places)) for key in keys]
    parts = [b""] * (len(places) + 2 * len(payloads))
    parts[: len(places)] = map(_TABLE_ENTRIES.__getitem__, places)
    parts[len(places) :: 2] = map(_HEADS.__getitem__, zip(numbers, map(len, payloads), strict=True))
    parts[len(places) + 1 :: 2] = payloads
    message = b"".join(parts)
    return b"".join((MAGIC, message, hashlib.md5(message, usedforsecurity=False).digest()))


def packed(
    payloads: Sequence[bytes], keys: Sequence[str], shard_of: Mapping[str, int], most_bytes: int = AGGREGATE_BYTES
) -> Iterator[tuple[int, list[int]]]:
    """What to put together: a shard, and the places of the events for one record of it, in their order.

    A partition key stays in its shard, so that the order within a key is kept as well as it is without packing.
    """
    by_shard: defaultdict[int, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        by_shard[shard_of[key]].append(place)
    sizes = [len(payload) + _KEY_BYTES[key] + _ENTRY_BYTES for payload, key in zip(payloads, keys, strict=True)]
    for shard, places in by_shard.items():
        ends = list(accumulate([sizes[place] for place in places]))
        begin, before = 0, 0
        while begin < len(places):
            own_key = len(MAGIC) + DIGEST_BYTES + _KEY_BYTES[keys[places[begin]]]  # the record's is that of its first
            end = max(begin + 1, bisect_right(ends, before + most_bytes - own_key, begin))
            yield shard, places[begin:end]
            begin, before = end, ends[end - 1]


def _varint(number: int) -> bytes:
    """Seven bits a byte, the least first."""
    encoded = bytearray()
    while number > 127:
        encoded.append(number & 127 | 128)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _table_entry(key: str) -> bytes:
    encoded = key.encode()
    return b"\x0a" + _varint(len(encoded)) + encoded


def _head(entry: tuple[int, int]) -> bytes:
    """What stands before a payload: the place of its key, and its length."""
    place, length = entry
    inner = b"\x08" + _varint(place) + b"\x1a" + _varint(length)
    return b"\x1a" + _varint(len(inner) + length) + inner


_TABLE_ENTRIES = Memory(_table_entry)
_HEADS = Memory(_head)
_KEY_BYTES: Memory[str, int] = Memory(lambda key: len(key.encode()))

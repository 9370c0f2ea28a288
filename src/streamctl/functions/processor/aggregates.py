"""KPL aggregates: several user records in one Kinesis record, as Amazon's producer library writes them.

The format is published (aggregation-format.md of amazon-kinesis-producer): four magic bytes, a protobuf message, the
MD5 of that message. The message has a table of partition keys (field 1), one of explicit hash keys (2), and the records
(3): of each the place of its key (1), that of its explicit hash key (2), its data (3) and tags (4).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = b"\xf3\x89\x9a\xc2"
DIGEST_BYTES = 16
_VARINT, _BYTES = 0, 2


class UserRecord(NamedTuple):
    """One record of an aggregate."""

    partition_key: str
    payload: bytes


class DamagedError(ValueError):
    """It begins like an aggregate and is none; the text says what is wrong, and nothing of the data."""


def is_aggregate(data: bytes) -> bool:
    """Whether a Kinesis record's data begins like an aggregate."""
    return data.startswith(MAGIC)


def taken_apart(data: bytes) -> list[UserRecord]:
    """The records of an aggregate, in their order. Raises DamagedError."""
    message, digest = data[len(MAGIC) : -DIGEST_BYTES], data[-DIGEST_BYTES:]
    if len(data) < len(MAGIC) + DIGEST_BYTES or hashlib.md5(message, usedforsecurity=False).digest() != digest:
        raise DamagedError("its checksum is wrong")
    keys: list[str] = []
    found: list[tuple[int, bytes]] = []
    try:
        for field, value in _fields(message):
            if field == 1 and isinstance(value, bytes):
                keys.append(value.decode("utf-8"))
            elif field == 3 and isinstance(value, bytes):
                found.append(_record(value))
        return [UserRecord(keys[place], payload) for place, payload in found]
    except (IndexError, UnicodeDecodeError) as error:
        raise DamagedError("it is no message of the published format") from error


def _record(message: bytes) -> tuple[int, bytes]:
    """The place of its key, and its data."""
    place, payload = None, None
    for field, value in _fields(message):
        if field == 1 and isinstance(value, int):
            place = value
        elif field == 3 and isinstance(value, bytes):
            payload = value
    if place is None or payload is None:
        raise DamagedError("a record of it has no key or no data")
    return place, payload


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field of a protobuf message; the format has integers and bytes only."""
    at, end = 0, len(message)
    while at < end:
        tag, at = _varint(message, at)
        value, at = _varint(message, at)
        if tag & 7 == _VARINT:
            yield tag >> 3, value
        elif tag & 7 == _BYTES and at + value <= end:
            yield tag >> 3, message[at : at + value]
            at += value
        else:
            raise DamagedError("it is no message of the published format")


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """A number of 7 bits a byte, the least first, and where the next thing begins; protobuf has none beyond 64 bits."""
    value = 0
    for shift in range(0, 64, 7):
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise DamagedError("it is no message of the published format")

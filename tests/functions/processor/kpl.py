"""KPL aggregates written by hand, as the published format has them."""

from __future__ import annotations

import hashlib

MAGIC = b"\xf3\x89\x9a\xc2"


def aggregate(*payloads: bytes, keys: tuple[str, ...] = ("user_1", "user_2")) -> bytes:
    """One Kinesis record of several; their partition keys are `keys` in turn."""
    table = b"".join(field(1, key.encode()) for key in keys)
    records = [number(1, place % max(len(keys), 1)) + field(3, payload) for place, payload in enumerate(payloads)]
    message = table + b"".join(field(3, record) for record in records)
    return MAGIC + message + hashlib.md5(message, usedforsecurity=False).digest()


def field(place: int, content: bytes) -> bytes:
    return varint(place << 3 | 2) + varint(len(content)) + content


def number(place: int, value: int) -> bytes:
    return varint(place << 3) + varint(value)


def varint(value: int) -> bytes:
    low, rest = value & 127, value >> 7
    return bytes([low | 128]) + varint(rest) if rest else bytes([low])

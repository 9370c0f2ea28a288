"""A PutRecords request as bytes: in CBOR where the endpoint takes it, in JSON otherwise.

In CBOR a payload goes out as it is; in JSON it has to be encoded, and is a third larger. Both are put together from
whole columns, with what belongs to a length or a key looked up: record by record it would take three times as long.
"""

from __future__ import annotations

import json
import re
from binascii import b2a_base64
from functools import partial
from itertools import repeat
from typing import TYPE_CHECKING, Protocol

from streamctl.aws.direct import CBOR
from streamctl.traffic.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MAP, _ARRAY, _TEXT, _BYTES = 5, 4, 3, 2


class Encoding(Protocol):
    @property
    def content_type(self) -> str | None:
        """None for the service's own JSON."""

    def request(
        self, stream: str, payloads: Sequence[bytes], keys: Iterable[str], hash_keys: Iterable[str] | None = None
    ) -> bytes:
        """The body. `hash_keys`, where they are given, choose the shards in place of the partition keys."""

    def all_taken(self, answer: bytes) -> bool:
        """The answer says so, and need not be read any further."""


class Json:
    content_type = None
    _all_taken = re.compile(rb'"FailedRecordCount"\s*:\s*0\b')

    def request(
        self, stream: str, payloads: Sequence[bytes], keys: Iterable[str], hash_keys: Iterable[str] | None = None
    ) -> bytes:
        data = [b2a_base64(payload, newline=False) for payload in payloads]
        columns = [repeat(b'{"Data":"'), data, repeat(b'","PartitionKey":'), map(_JSON_TEXT.__getitem__, keys)]
        if hash_keys is not None:
            columns += [repeat(b',"ExplicitHashKey":'), map(_JSON_TEXT.__getitem__, hash_keys)]
        records = b"},".join(map(b"".join, zip(*columns, strict=False)))
        return b'{"StreamName":' + _json_text(stream) + b',"Records":[' + records + b"}]}"

    def all_taken(self, answer: bytes) -> bool:
        return self._all_taken.search(answer) is not None


class Cbor:
    """RFC 8949, of which maps, arrays, texts and bytes of known length are enough."""

    content_type = CBOR

    def request(
        self, stream: str, payloads: Sequence[bytes], keys: Iterable[str], hash_keys: Iterable[str] | None = None
    ) -> bytes:
        width = 3 if hash_keys is None else 4
        heads = _DATA_OF_TWO if hash_keys is None else _DATA_OF_THREE
        parts: list[bytes] = [b""] * (1 + width * len(payloads))
        parts[0] = (
            _head(_MAP, 2) + _text("StreamName") + _text(stream) + _text("Records") + _head(_ARRAY, len(payloads))
        )
        parts[1::width] = map(heads.__getitem__, map(len, payloads))
        parts[2::width] = payloads
        parts[3::width] = map(_KEY.__getitem__, keys)
        if hash_keys is not None:
            parts[4::width] = map(_HASH_KEY.__getitem__, hash_keys)
        return b"".join(parts)

    def all_taken(self, answer: bytes) -> bool:
        return _NONE_FAILED in answer

    def probe(self, stream: str) -> bytes:
        """A request that changes nothing, for ListShards."""
        return _head(_MAP, 1) + _text("StreamName") + _text(stream)

    def is_spoken(self, answer: bytes) -> bool:
        """The answer is a map in CBOR."""
        return answer[:1] != b"" and answer[0] >> 5 == _MAP


def _json_text(text: str) -> bytes:
    return json.dumps(text).encode()


def _data(length: int, entries: int) -> bytes:
    """What stands before a payload of this length: a record of so many entries, the first of which is the data."""
    return _head(_MAP, entries) + _text("Data") + _head(_BYTES, length)


def _text(text: str) -> bytes:
    encoded = text.encode()
    return _head(_TEXT, len(encoded)) + encoded


def _head(kind: int, length: int) -> bytes:
    """The kind of a thing and its length: up to 23 in the first byte, otherwise in 1, 2 or 4 more."""
    if length < 24:
        return bytes([kind << 5 | length])
    for code, size in ((24, 1), (25, 2)):
        if length < 1 << 8 * size:
            return bytes([kind << 5 | code]) + length.to_bytes(size, "big")
    return bytes([kind << 5 | 26]) + length.to_bytes(4, "big")


_NONE_FAILED = _text("FailedRecordCount") + b"\x00"
_JSON_TEXT = Memory(_json_text)
_DATA_OF_TWO = Memory(partial(_data, entries=2))
_DATA_OF_THREE = Memory(partial(_data, entries=3))
_KEY: Memory[str, bytes] = Memory(lambda key: _text("PartitionKey") + _text(key))
_HASH_KEY: Memory[str, bytes] = Memory(lambda key: _text("ExplicitHashKey") + _text(key))

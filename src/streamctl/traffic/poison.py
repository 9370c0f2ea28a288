"""Payloads that can never be stored, made from a sound one. Each still holds the event it was, so that no two of them
are alike.
"""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

NESTING = 20_000
"""Deeper than a parser of JSON goes that calls itself for each level."""
NOTE_BYTES = 400 * 1024
"""DynamoDB's limit for a whole item."""


def poisoned(payload: bytes, rng: random.Random) -> bytes:
    """The payload of an event, a JSON object, made impossible to store in one of nine ways."""
    (spoil,) = rng.choices(list(WAYS), list(WAYS.values()))
    return spoil(payload)


def cut_off(payload: bytes) -> bytes:
    return payload[:-1]


def not_utf8(payload: bytes) -> bytes:
    return _with(payload, b'"note":"J\xfcrgen"')


def not_a_number(payload: bytes) -> bytes:
    return _with(payload, b'"amount":NaN')


def in_an_array(payload: bytes) -> bytes:
    return b"[" + payload + b"]"


def in_a_string(payload: bytes) -> bytes:
    """Encoded twice."""
    return json.dumps(payload.decode()).encode()


def compressed(payload: bytes) -> bytes:
    return gzip.compress(payload, mtime=0)


def nested(payload: bytes) -> bytes:
    """Nested too deep, and never closed: however deep a parser goes, it has to refuse it."""
    return _with(payload, b'"note":' + b"[" * NESTING)


def without_a_key(payload: bytes) -> bytes:
    """With an id that cannot be a key of the table: of two members of one name the last counts."""
    return _with(payload, b'"eventId":{}')


def too_large(payload: bytes) -> bytes:
    """In a field that every item has, whatever is redacted or left out."""
    return _with(payload, b'"eventType":"' + b"x" * NOTE_BYTES + b'"')


WAYS: dict[Callable[[bytes], bytes], int] = {
    **dict.fromkeys((cut_off, not_utf8, not_a_number, in_an_array, in_a_string, compressed, nested, without_a_key), 4),
    too_large: 1,  # as heavy as a thousand others
}
"""Each way, and how often it is taken."""


def _with(payload: bytes, member: bytes) -> bytes:
    """The payload with one more member at its end."""
    return payload[:-1] + b"," + member + b"}"

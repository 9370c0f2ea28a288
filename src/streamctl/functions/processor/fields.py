"""The fields of an event, and the one rule for values that are not what they should be.

    absent, or null            the default; left out where there is none
    of another type            kept as its JSON text (a string is its own text already)
    not to be held as it is    kept as its JSON text: a number of more than 38 digits or beyond 1E-130…9.99E+125,
                               an object nested deeper than DynamoDB follows or with an empty name in it
    half a surrogate pair      kept as its escape, `\\ud800`: UTF-8 has no bytes for it

So no event is turned away for the type of a field, no value is guessed, and whoever reads a text field always finds
text. `rawData` holds the payload exactly as it was sent, whatever the fields were taken for, unless it is left out or
redacted. Only the key is strict: see `item.event_id`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, overload

Event = Mapping[str, Any]


@overload
def text_field(event: Event, name: str) -> str | None: ...
@overload
def text_field(event: Event, name: str, default: str) -> str: ...
def text_field(event: Event, name: str, default: str | None = None) -> str | None:
    """The field as text, or the default."""
    value = event.get(name)
    return default if value is None else json_text(value)


def number_field(event: Event, name: str) -> Decimal | str | None:
    """The field as an exact number; as text where it is no number."""
    value = event.get(name)
    return value if value is None or isinstance(value, Decimal) else json_text(value)


def object_field(event: Event, name: str) -> dict[str, Any] | str:
    """The field as an object, empty where absent; as text where it is no object."""
    value = event.get(name)
    if value is None:
        return {}
    return value if isinstance(value, dict) else json_text(value)


def present(**values: Any) -> dict[str, Any]:
    """The values that are there."""
    return {name: value for name, value in values.items() if value is not None}


def json_text(value: Any) -> str:
    """A string as it is; anything else as compact JSON with exact numbers."""
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_json(name)}:{_json(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)

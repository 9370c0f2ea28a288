"""What of an event is kept to itself: fields whose values are stored nowhere, and payloads that are not stored.

A path names a field, `userId`, or one inside another, `location.city`; it goes into every element of a list. Whatever
stands there becomes the marker. So does a text, number or boolean where the path expects an object: it may hold the
value in another shape. A name with dots in it is met by the same path as if it were nested.

A payload without its redacted values is written anew from what was read of it: the fields in their order, every number
with all its digits, every text with all its characters. Not kept are white space, escapes, the spelling of exponents
and all but the last of a repeated name; a number too large even for Decimal becomes text.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from .fields import Event, json_text

if TYPE_CHECKING:
    from collections.abc import Mapping

MARKER = "[redacted]"
KEEP, OMIT = "keep", "omit"


class Redaction(NamedTuple):
    """Which fields are redacted, and whether the payload is kept beside them."""

    keeps_raw_data: bool = True
    fields: tuple[str, ...] = ()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Redaction:
        """As RAW_DATA (`keep` or `omit`) and REDACTED_FIELDS (a JSON list of paths) say; without them all is kept.

        Raises ValueError where they say something else: rather nothing is stored than what should not be.
        """
        raw_data = environment.get("RAW_DATA", KEEP)
        fields = json.loads(environment.get("REDACTED_FIELDS", "[]"))
        if raw_data not in (KEEP, OMIT):
            raise ValueError("RAW_DATA is neither keep nor omit")
        if not isinstance(fields, list) or not all(isinstance(field, str) for field in fields):
            raise ValueError("REDACTED_FIELDS is no JSON list of paths")
        return cls(raw_data == KEEP, tuple(fields))

    @property
    def keeps_all(self) -> bool:
        """Payloads are stored as they were sent."""
        return self.keeps_raw_data and not self.fields

    def applied(self, event: Event) -> Event:
        """The event with the marker in place of every redacted value."""
        for path in self.fields:
            event = _redacted(event, path)
        return event

    def payload_attributes(self, payload: bytes, text: str, redacted: Event) -> dict[str, str]:
        """What the item holds of its payload: all of it; or its checksum and, if anything, what may be seen of it."""
        if self.keeps_all:
            return {"rawData": text}
        checksum = {"payloadSha256": hashlib.sha256(payload).hexdigest()}
        return checksum | ({"rawData": json_text(redacted)} if self.keeps_raw_data else {})


KEEP_ALL = Redaction()


def _redacted(value: Any, path: str) -> Any:
    match value:
        case dict():
            return {name: _member(name, inner, path) for name, inner in value.items()}
        case list():
            return [_redacted(element, path) for element in value]
        case None:
            return None
    return MARKER


def _member(name: str, value: Any, path: str) -> Any:
    if name == path:
        return MARKER
    return _redacted(value, path[len(name) + 1 :]) if path.startswith(f"{name}.") else value

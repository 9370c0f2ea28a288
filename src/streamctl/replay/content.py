"""A record's event as it is sent again: under the id and the time it had, so that it can be stored only once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamctl.functions.processor.decode import decode
from streamctl.functions.processor.fields import json_text
from streamctl.functions.processor.outcomes import RejectedError
from streamctl.ledger import payload_hash

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamctl.functions.processor.record import Record


@dataclass(frozen=True, slots=True)
class Content:
    """An event that can be told from others."""

    event_id: str
    event_type: str
    payload: bytes

    @property
    def hash(self) -> int:
        return payload_hash(self.payload)


def content(payload: bytes, record: Record) -> Content:
    """The event of a payload that stands for a record.

    What an event lacks, the processor takes from its place in the stream and its time of arrival. Sent again, it has
    other ones: so the old ones are put into it, at its end, and nothing else is touched. What is no JSON object is
    left as it is.
    """
    event = _event(payload)
    if event is None:
        return Content(record.place, "unknown", payload)
    own = event.get("eventId")
    added: dict[str, Any] = {}
    if own is None or own == "":
        own = own_id(record)
        added["eventId"] = own
    if event.get("timestamp") in (None, ""):
        added["timestamp"] = record.arrived_at_ms // 1000
    kind = event.get("eventType")
    return Content(
        own if isinstance(own, str) else json_text(own),
        kind if isinstance(kind, str) and kind else "unknown",
        _with(payload, event, added),
    )


def own_id(record: Record) -> str:
    """The id a record's event has: the one it brings, or its place in the stream."""
    own = (_event(record.payload) or {}).get("eventId")
    return own if isinstance(own, str) and own else record.place


def _event(payload: bytes) -> Mapping[str, Any] | None:
    try:
        return decode(payload)[1]
    except (RejectedError, RecursionError):
        return None


def _with(payload: bytes, event: Mapping[str, Any], added: Mapping[str, Any]) -> bytes:
    if not added:
        return payload
    more = json.dumps(added, separators=(",", ":"))[1:].encode()
    return payload.rstrip()[:-1].rstrip() + (b"," if event else b"") + more

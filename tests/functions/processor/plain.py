"""The item of an event made the plain way: values, then DynamoDB's types around them, then JSON. Slow, and easy to see
through; what the processor makes at once has to be the same.
"""

from __future__ import annotations

from decimal import Decimal, DecimalException, localcontext
from typing import TYPE_CHECKING, Any

from streamctl.functions.aws.attribute_values import DEEPEST_LEVEL, LONGEST_NAME_BYTES
from streamctl.functions.processor.event_time import epoch_seconds
from streamctl.functions.processor.fields import Event, json_text, object_field, text_field
from streamctl.functions.processor.item import METRICS, event_id, no_metrics

if TYPE_CHECKING:
    from streamctl.functions.processor.record import Record
    from streamctl.functions.processor.redaction import Redaction

Typed = dict[str, Any]


def item(record: Record, text: str, event: Event, processed_at_ms: int, redaction: Redaction) -> Typed:
    """The attributes, each under its type's letter."""
    event = redaction.applied(event)
    event_type = text_field(event, "eventType", "unknown")
    seconds = epoch_seconds(event.get("timestamp"))
    location = object_field(event, "location")
    values = {
        "eventId": event_id(event, record),
        "timestamp": record.arrived_at_ms // 1000 if seconds is None else seconds,
        "processedAt": processed_at_ms // 1000,
        "eventType": event_type,
        "userId": text_field(event, "userId", "anonymous"),
        "sessionId": text_field(event, "sessionId", ""),
        "deviceType": text_field(event, "deviceType", "unknown"),
        "location": location if holds(location) else json_text(location),
        "metrics": METRICS.get(event_type, no_metrics)(event),
        "arrivedAtMs": record.arrived_at_ms,
        "processedAtMs": processed_at_ms,
        **redaction.payload_attributes(record.payload, text, event),
    }
    return {name: typed(value) for name, value in values.items()}


def typed(value: Any) -> Typed:
    """A value with its type's letter."""
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": storable(value)}
    if isinstance(value, dict):
        return {"M": {storable(name): typed(inner) for name, inner in value.items()}}
    if isinstance(value, list):
        return {"L": [typed(inner) for inner in value]}
    return number(Decimal(value))


def number(value: Decimal) -> Typed:
    """As a number where 38 digits and DynamoDB's exponents hold it exactly."""
    if not value:
        return {"N": "0"}
    with localcontext() as limits:
        limits.prec, limits.Emin, limits.Emax = 38, -130, 125
        try:
            held = +value
        except DecimalException:
            held = Decimal(0)
    fits = held.is_finite() and held == value and not held.is_subnormal(limits)
    return {"N": str(held)} if fits else {"S": str(value)}


def storable(text: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" if 0xD800 <= ord(letter) < 0xE000 else letter for letter in text)


def holds(value: Any, level: int = 1) -> bool:
    """Whether DynamoDB has a place for it: every level and every name."""
    if level > DEEPEST_LEVEL:
        return False
    if isinstance(value, dict):
        names = [storable(name).encode() for name in value]
        return all(0 < len(name) <= LONGEST_NAME_BYTES for name in names) and all(
            holds(inner, level + 1) for inner in value.values()
        )
    return not isinstance(value, list) or all(holds(inner, level + 1) for inner in value)


def stored_bytes(value: Typed) -> int:
    """By DynamoDB's published formula; a number at two digits a byte and two bytes more."""
    ((kind, inner),) = value.items()
    if kind == "S":
        return len(inner.encode())
    if kind == "N":
        return len(inner) // 2 + 2
    if kind == "M":
        return 3 + named_bytes(inner) + len(inner)
    if kind == "L":
        return 3 + sum(map(stored_bytes, inner)) + len(inner)
    return 1


def named_bytes(attributes: Typed) -> int:
    return sum(len(name.encode()) + stored_bytes(value) for name, value in attributes.items())

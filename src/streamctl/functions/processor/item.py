"""The stored item: an event's fields under the table's names, its metrics, its key, and of its payload what is kept."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from ..aws.attribute_values import (
    LARGEST_ITEM_BYTES,
    LONGEST_PARTITION_KEY_BYTES,
    Encoded,
    UnstorableError,
    attribute_value,
    named_values,
    storable_text,
    text_bytes,
    text_value,
    whole_number,
)
from . import outcomes
from .event_time import epoch_seconds
from .fields import Event, json_text, number_field, object_field, present, text_field
from .outcomes import RejectedError
from .redaction import KEEP_ALL, Redaction
from .stamps import NO_STAMP, Stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from .record import Record

    MetricsOf = Callable[[str, Event], dict[str, Any]]
    """From event type and event."""

Key = tuple[str, str]
"""Event id and timestamp, as DynamoDB is sent them."""

BOUNCE_BELOW_SECONDS = 30
# CloudWatch takes no value beyond.
LARGEST_METRIC = Decimal(2**360)


class Item(NamedTuple):
    """One item as DynamoDB is sent it, and what is counted about it."""

    key: Key
    attributes: bytes
    """The object of its attributes, as JSON."""
    size_bytes: int
    event_type: str
    device_type: str
    purchase_amount: float | None


def build_item(
    record: Record,
    text: str,
    event: Event,
    processed_at_ms: int,
    redaction: Redaction = KEEP_ALL,
    metrics_of: MetricsOf | None = None,
    stamp: Stamp = NO_STAMP,
) -> Item:
    """The item of an event; `text` is its payload, `metrics_of` in the place of the recipe's mapping, `stamp` on top.

    Raises RejectedError where no item can be made of it.
    """
    event = redaction.applied(event)
    event_type = text_field(event, "eventType", "unknown")
    device_type = text_field(event, "deviceType", "unknown")
    own, seconds = event_id(event, record), epoch_seconds(event.get("timestamp"))
    metrics = (metrics_of or recipe_metrics)(event_type, event)
    seconds = record.arrived_at_ms // 1000 if seconds is None else seconds
    values = {
        "eventId": text_value(own),
        "timestamp": whole_number(seconds),
        "processedAt": whole_number(processed_at_ms // 1000),
        "eventType": text_value(event_type),
        "userId": text_value(text_field(event, "userId", "anonymous")),
        "sessionId": text_value(text_field(event, "sessionId", "")),
        "deviceType": text_value(device_type),
        "location": _value_or_text(object_field(event, "location")),
        "metrics": attribute_value(metrics),
        "arrivedAtMs": whole_number(record.arrived_at_ms),
        "processedAtMs": whole_number(processed_at_ms),
    }
    for name, value in redaction.payload_attributes(record.payload, text, event).items():
        values[name] = text_value(value)
    if stamp is not NO_STAMP:
        values |= stamp.of(record)
    attributes, size = named_values(values)
    if size > LARGEST_ITEM_BYTES:
        detail = f"The item would have {size} bytes; DynamoDB holds at most {LARGEST_ITEM_BYTES}."
        raise RejectedError(outcomes.TOO_LARGE, detail)
    amount = _purchase_amount(event_type, metrics)
    return Item((own, str(seconds)), attributes.encode(), size, event_type, device_type, amount)


def event_id(event: Event, record: Record) -> str:
    """The event's own id (a number as its digits), or its place in the stream where it has none (absent, null, '').

    An id that is there and cannot be a key is no reason to store the event under another one, where nobody who knows
    the id would find it and a second delivery would not meet the first. Raises RejectedError.
    """
    own = event.get("eventId")
    if own is None or own == "":
        return record.place
    if not isinstance(own, str | Decimal):
        raise RejectedError(outcomes.UNUSABLE_KEY, "The eventId is neither a string nor a number.")
    key = storable_text(str(own))
    if text_bytes(key) > LONGEST_PARTITION_KEY_BYTES:
        detail = f"The eventId has {text_bytes(key)} bytes; a key has at most {LONGEST_PARTITION_KEY_BYTES}."
        raise RejectedError(outcomes.UNUSABLE_KEY, detail)
    return key


def recipe_metrics(event_type: str, event: Event) -> dict[str, Any]:
    """The metrics of an event as the recipe maps them."""
    return METRICS.get(event_type, no_metrics)(event)


def page_view_metrics(event: Event) -> dict[str, Any]:
    seconds, pages = event.get("sessionLength"), event.get("pagesViewed")
    bounced = isinstance(seconds, Decimal) and isinstance(pages, Decimal) and seconds < BOUNCE_BELOW_SECONDS
    return present(
        page_url=text_field(event, "pageUrl"),
        load_time=number_field(event, "loadTime"),
        bounce_rate=1 if bounced and pages == 1 else 0,
    )


def purchase_metrics(event: Event) -> dict[str, Any]:
    return present(
        amount=number_field(event, "amount"),
        currency=text_field(event, "currency", "USD"),
        items_count=number_field(event, "itemsCount"),
    )


def user_signup_metrics(event: Event) -> dict[str, Any]:
    return present(
        signup_method=text_field(event, "signupMethod", "email"),
        campaign_source=text_field(event, "campaignSource", "direct"),
    )


def no_metrics(_event: Event) -> dict[str, Any]:
    return {}


METRICS: dict[str, Callable[[Event], dict[str, Any]]] = {
    "page_view": page_view_metrics,
    "purchase": purchase_metrics,
    "user_signup": user_signup_metrics,
    "click": no_metrics,
}
"""Event type to the function that makes its `metrics`; the known event types are its keys."""


def _purchase_amount(event_type: str, metrics: dict[str, Any]) -> float | None:
    amount = metrics.get("amount") if event_type == "purchase" else None
    if isinstance(amount, Decimal) and amount.copy_abs() <= LARGEST_METRIC:
        return float(amount)
    return None


def _value_or_text(value: Any) -> Encoded:
    try:
        return attribute_value(value)
    except UnstorableError:
        return text_value(json_text(value))

"""One item of the table against the payload it was made from. Knows the recipe's mapping by itself, so that a mistake
in the processor shows here instead of being repeated.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from streamctl.ledger import hash_of_sha256, payload_hash

Item = Mapping[str, Mapping[str, Any]]
"""Attribute name to DynamoDB's own notation: `{"S": "…"}`."""

METRICS = {
    "page_view": {"page_url": "pageUrl", "load_time": "loadTime"},
    "purchase": {"amount": "amount", "currency": "currency", "items_count": "itemsCount"},
    "user_signup": {"signup_method": "signupMethod", "campaign_source": "campaignSource"},
}
"""Event type to the metrics that carry a field of the event over, and which."""
NUMBERS = frozenset({"load_time", "amount", "items_count"})
"""Those that are kept as numbers; a number sent for another one is kept as its digits."""
BOUNCE_BELOW_SECONDS = 30
_DIGITS = 38
_EXPONENTS = range(-130, 126)


def payload(item: Item) -> bytes:
    """What was sent, as the item keeps it; empty where it does not."""
    try:
        return str(item["rawData"]["S"]).encode()
    except KeyError:
        return b""


def has_checksum(item: Item) -> bool:
    """The item has the checksum of what was sent, in place of it or beside what may be seen of it."""
    return "payloadSha256" in item


def tells_its_payload(item: Item) -> bool:
    """The item keeps what was sent, or its checksum."""
    return "rawData" in item or "payloadSha256" in item


def sent_hash(item: Item) -> int:
    """The `payload_hash` of what was sent."""
    if has_checksum(item):
        try:
            return hash_of_sha256(item["payloadSha256"]["S"])
        except (KeyError, ValueError):
            pass  # somebody else's attribute of that name
    return payload_hash(payload(item))


def latency_ms(item: Item) -> int | None:
    """From the arrival in the stream to the processing, or None for an item that does not tell."""
    try:
        return int(item["processedAtMs"]["N"]) - int(item["arrivedAtMs"]["N"])
    except KeyError:
        return None


def arrived_at_ms(item: Item) -> int | None:
    return int(item["arrivedAtMs"]["N"]) if "arrivedAtMs" in item else None


def is_faithful(item: Item, *, compare_metrics: bool = True) -> bool:
    """The item says what its payload says: id, type, user and, unless another code makes them, metrics.

    What is redacted has to be so in both. Without a payload there is nothing to hold the item against.
    """
    if has_checksum(item) and "rawData" not in item:
        return True
    try:
        event = json.loads(payload(item).decode().removeprefix("\ufeff"), parse_float=Decimal, parse_int=Decimal)
    except InvalidOperation:  # a number beyond Decimal: its payload is there, byte for byte, and no more can be said
        return True
    except (ValueError, RecursionError):
        return False
    if not isinstance(event, dict):
        return False
    fields = (
        _is_carried(event.get("eventId"), item.get("eventId")),
        _is_text(event.get("eventType"), item.get("eventType"), "unknown"),
        _is_text(event.get("userId"), item.get("userId"), "anonymous"),
    )
    return all(fields) and (not compare_metrics or _metrics_are_carried(event, item))


def _metrics_are_carried(event: Mapping[str, Any], item: Item) -> bool:
    metrics = item.get("metrics", {}).get("M", {})
    kind = event.get("eventType")
    carried = METRICS.get(kind, {}) if isinstance(kind, str) else {}
    for metric, field in carried.items():
        if not _is_number_or_text(event.get(field), metrics.get(metric), is_number=metric in NUMBERS):
            return False
    return kind != "page_view" or metrics.get("bounce_rate") in _bounce_rates(event)


def _bounce_rates(event: Mapping[str, Any]) -> tuple[dict[str, str], ...]:
    seconds, pages = event.get("sessionLength"), event.get("pagesViewed")
    if not isinstance(seconds, Decimal) or not isinstance(pages, Decimal):
        return ({"N": "0"},)
    return ({"N": "1" if seconds < BOUNCE_BELOW_SECONDS and pages == 1 else "0"},)


def _is_text(sent: Any, stored: Mapping[str, Any] | None, default: str) -> bool:
    return _is_carried(default if sent is None else sent, stored)


def _is_carried(sent: Any, stored: Mapping[str, Any] | None) -> bool:
    """Text and numbers have to be there, numbers as text; of anything else no more than a value."""
    if stored is None or "S" not in stored:
        return False
    if isinstance(sent, Decimal):
        return _same_number(sent, stored["S"])
    return not isinstance(sent, str) or not sent or stored["S"] == _storable(sent)


def _is_number_or_text(sent: Any, stored: Mapping[str, Any] | None, *, is_number: bool) -> bool:
    if not isinstance(sent, Decimal | str):
        return True
    if stored is None:
        return False
    if isinstance(sent, str):
        return stored.get("S") == _storable(sent)
    return _same_number(sent, stored.get("N" if is_number and _fits(sent) else "S"))


def _fits(number: Decimal) -> bool:
    """DynamoDB can hold the number exactly."""
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    return not number or (len(digits) <= _DIGITS and number.adjusted() in _EXPONENTS)


def _same_number(sent: Decimal, stored: str | None) -> bool:
    try:
        return stored is not None and Decimal(stored) == sent
    except InvalidOperation:
        return False


def _storable(text: str) -> str:
    """Half a surrogate pair has no bytes in UTF-8; the table holds its escape."""
    return text.encode("utf-8", "backslashreplace").decode()

"""A quick look at an item, for nearly all are as they should be: `items.is_faithful` decides about the others.

A fast path, because exact arithmetic is most of what a look at a million items costs. Numbers are left as the digits
they were sent as: an item with the very same digits has the same number. Left out, and so for the exact comparison to
decide: any other spelling of a number, very long ones, halves of surrogate pairs, a byte order mark, items without
their payload, and whatever differs. Where this says yes, `is_faithful` does; where it says no, that means nothing.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from streamctl.verify.items import BOUNCE_BELOW_SECONDS, METRICS, NUMBERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamctl.verify.items import Item

PLAIN_CHARACTERS = 38
"""A number of no more characters and without an exponent is one that DynamoDB can hold exactly."""


class Digits(str):
    """A number as it stands in the payload."""

    __slots__ = ()


_DECODER = json.JSONDecoder(parse_float=Digits, parse_int=Digits)


def is_evident(item: Item, *, compare_metrics: bool) -> bool:
    """The item is plainly faithful to its payload."""
    try:
        text = item["rawData"]["S"]
        event, end = _DECODER.raw_decode(text)
        event_id = item["eventId"]["S"]
        return bool(
            end == len(text)
            and event.get("eventId", event_id) == event_id
            and event.get("eventType", "unknown") == item["eventType"]["S"]
            and event.get("userId", "anonymous") == item["userId"]["S"]
            and (not compare_metrics or _metrics_are_evident(event, item["metrics"]["M"]))
        )
    except (LookupError, ValueError, TypeError, AttributeError, InvalidOperation, RecursionError):
        return False


def _metrics_are_evident(event: Mapping[str, Any], metrics: Mapping[str, Mapping[str, Any]]) -> bool:
    kind = event.get("eventType")
    for metric, field in METRICS.get(kind, {}).items() if kind else ():
        sent = event.get(field)
        if type(sent) is Digits:
            if metric not in NUMBERS or metrics[metric]["N"] != sent or not _is_plain(sent):
                return False
        elif sent is not None and metrics[metric]["S"] != sent:
            return False
    return kind != "page_view" or metrics["bounce_rate"] == {"N": "1" if _has_bounced(event) else "0"}


def _is_plain(number: str) -> bool:
    return len(number) <= PLAIN_CHARACTERS and "e" not in number and "E" not in number


def _has_bounced(event: Mapping[str, Any]) -> bool:
    seconds, pages = event.get("sessionLength"), event.get("pagesViewed")
    if type(seconds) is not Digits or type(pages) is not Digits:
        return False
    return Decimal(seconds) < BOUNCE_BELOW_SECONDS and Decimal(pages) == 1

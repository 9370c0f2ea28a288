"""What is watched: the series there are, and what an item adds to each of them."""

from __future__ import annotations

from decimal import Context, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

Tally = dict[str, tuple[int, Decimal]]
"""By series: how many items, and the total of what they bring."""

NOTHING = Decimal(0)
LARGEST_AMOUNT = Decimal(2**360)  # CloudWatch takes no value beyond, so the processor publishes none either
_EXACT_ENOUGH = Context(prec=80)  # 38 digits an amount: sums come out alike in whatever order amounts arrive


class Series(NamedTuple):
    """How a window's value is made of its tally: the `count` of items, the `sum` of what they bring, or the `mean`."""

    kind: Literal["count", "sum", "mean"]
    title: str
    """In words, for people."""

    def value(self, tally: Tally, name: str) -> float | None:
        """None where there is none: the mean of nothing."""
        count, total = tally.get(name, (0, NOTHING))
        if self.kind == "count":
            return float(count)
        if self.kind == "sum":
            return float(total)
        return float(total) / count if count else None


SERIES: dict[str, Series] = {
    "page_views": Series("count", "page views"),
    "purchases": Series("count", "purchases"),
    "user_signups": Series("count", "sign-ups"),
    "clicks": Series("count", "clicks"),
    "other_events": Series("count", "events of any other type"),
    "purchase_amount": Series("sum", "amount of all purchases"),
    "page_load_time": Series("mean", "mean load time of a page, ms"),
    "rejected_records": Series("count", "records set aside"),
}
COUNTED_AS = {"page_view": "page_views", "purchase": "purchases", "user_signup": "user_signups", "click": "clicks"}
"""Event type to series."""
MEASURED = {"purchase": ("purchase_amount", "amount"), "page_view": ("page_load_time", "load_time")}
"""Event type to a series, and the metric of the item that it is made of."""


def contributions(image: Mapping[str, Any]) -> dict[str, Decimal]:
    """What an item brings to each series it belongs to; the item as DynamoDB tells it."""
    if "rejected" in image:  # the processor's mark of a record set aside
        return {"rejected_records": NOTHING}
    event_type = image["eventType"]["S"]
    found = {COUNTED_AS.get(event_type, "other_events"): NOTHING}
    if event_type in MEASURED:
        name, metric = MEASURED[event_type]
        amount = _number(image.get("metrics", {}).get("M", {}).get(metric, {}))
        if amount is not None:
            found[name] = amount
    return found


def added(tally: Tally, brought: Mapping[str, Decimal]) -> Tally:
    """The tally with one more item in it."""
    grown = dict(tally)
    for name, amount in brought.items():
        count, total = tally.get(name, (0, NOTHING))
        grown[name] = count + 1, _EXACT_ENOUGH.add(total, amount)
    return grown


def _number(value: Mapping[str, Any]) -> Decimal | None:
    try:
        number = Decimal(value["N"])
    except (KeyError, InvalidOperation):  # text where a number should be
        return None
    return number if number.copy_abs() <= LARGEST_AMOUNT else None

"""The steps that a stored item tells of: made, arrived, processed, stored; and, where it is traced, its batch."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from streamctl.functions.processor.stamps import PLACE, REQUEST_ID, SAMPLED, TRACE_ID
from streamctl.tracing.way import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from streamctl.tracing.batch import Batch
    from streamctl.verify.items import Item

CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
"""By partition; of the others none is public."""


def plain(value: Mapping[str, Any]) -> Any:
    """An attribute's value without DynamoDB's notation, numbers exact."""
    ((kind, inner),) = value.items()
    match kind:
        case "N":
            return Decimal(inner)
        case "M":
            return {name: plain(each) for name, each in inner.items()}
        case "L":
            return [plain(each) for each in inner]
        case "NULL":
            return None
    return inner


def console_link(trace_id: str, region: str, partition: str) -> str | None:
    """Where AWS's console shows a trace."""
    if partition not in CONSOLES:
        return None
    return f"https://{region}.{CONSOLES[partition]}/cloudwatch/home?region={region}#xray:traces/{trace_id}"


def steps(
    row: Item,
    expiry_attribute: str,
    batch_of: Callable[[str, datetime], Batch],
    link: Callable[[str], str | None],
) -> Iterator[Step]:
    """What happened to the event of this item, in order."""
    item = {name: plain(value) for name, value in row.items()}
    arrived_at, processed_at = _moment(item, "arrivedAtMs"), _moment(item, "processedAtMs")
    if made_at := _made_at(item):
        yield Step("made", made_at, "by the event's own word")
    yield _arrived(item, arrived_at)
    done_at = None
    if REQUEST_ID in item and processed_at:
        batch = batch_of(item[REQUEST_ID], processed_at)
        done_at = batch.done_at
        # An emulator may write the log when all is over.
        began_at = min(batch.started_at or processed_at, processed_at)
        yield Step("batch", began_at, batch.words(), vars(batch))
    yield Step("processed", processed_at, "made into an item")
    yield _stored(item, max(done_at, processed_at) if done_at and processed_at else None)
    if TRACE_ID in item:
        yield _traced(item, link(item[TRACE_ID]))
    if isinstance(until := item.get(expiry_attribute), Decimal):
        yield Step("expires", _seconds(until), "DynamoDB deletes it some time after that", {expiry_attribute: until})


def _arrived(item: Mapping[str, Any], at: datetime | None) -> Step:
    shard, _, sequence = str(item.get(PLACE, "")).partition(":")
    if not shard:
        return Step("arrived", at, "in the stream; where in it, only items tell that are traced")
    return Step("arrived", at, f"{shard}, sequence number {sequence}", {"shard_id": shard, "sequence_number": sequence})


def _stored(item: Mapping[str, Any], at: datetime | None) -> Step:
    metrics = item.get("metrics") or {}
    told = ", ".join(f"{name} {value}" for name, value in metrics.items()) or "no metrics"
    what = f"{item.get('eventType')} of {item.get('userId')}, key timestamp {item['timestamp']}; {told}"
    return Step("stored", at, what, {"item": item})


def _traced(item: Mapping[str, Any], link: str | None) -> Step:
    trace_id, sampled = item[TRACE_ID], bool(item.get(SAMPLED))
    where = f": {link}" if link else ""
    what = f"trace {trace_id}{where}" if sampled else f"trace {trace_id}, not among those that X-Ray sampled and keeps"
    return Step("traced", None, what, {"trace_id": trace_id, "sampled": sampled, "link": link if sampled else None})


def _made_at(item: Mapping[str, Any]) -> datetime | None:
    """The time in the payload; without a payload the item's, which is to the second."""
    if "rawData" not in item:
        return _seconds(item["timestamp"])
    try:
        own = datetime.fromisoformat(json.loads(item["rawData"])["timestamp"])
    except (ValueError, LookupError, TypeError, RecursionError):  # no time, no ISO 8601, no object
        return None
    return (own if own.tzinfo else own.replace(tzinfo=UTC)).astimezone(UTC)


def _moment(item: Mapping[str, Any], name: str) -> datetime | None:
    return datetime.fromtimestamp(float(item[name]) / 1000, UTC) if name in item else None


def _seconds(number: Decimal) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(number), UTC)
    except (ValueError, OverflowError, OSError):  # beyond the years that there are
        return None

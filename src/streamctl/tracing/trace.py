"""Tracing one event: what this machine knows of its sending, then every place where it can be. Nothing is changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from streamctl.aws import failures
from streamctl.functions.aws.attribute_values import LONGEST_PARTITION_KEY_BYTES, storable_text, text_bytes
from streamctl.ledger import Outcome as Known
from streamctl.tracing import arrived, aside, batch, sent
from streamctl.tracing.way import Outcome, Step, Way
from streamctl.verify import bucket, queues, stream
from streamctl.verify.expiry import is_over
from streamctl.verify.table import pages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from streamctl.aws import Aws
    from streamctl.tracing.sent import Sent
    from streamctl.verify.items import Item
    from streamctl.verify.search import Places

PERMISSIONS = {
    "table": ("dynamodb:Query",),
    "log_group": ("logs:FilterLogEvents",),
    "rejected": queues.ACTIONS,
    "failures": queues.ACTIONS,
    "failures_bucket": bucket.ACTIONS,
    "stream": stream.ACTIONS,
}


def trace(
    event_id: str,
    folder: Path,
    aws: Aws,
    places: Places,
    *,
    log_group: str,
    settle_seconds: float,
    link: Callable[[str], str | None],
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Way:
    """The way of an event, of which a pipeline with this folder may know the sending.

    `settle_seconds` is how long the pipeline may take with it; `link` makes an address of a trace id. Raises AwsError,
    and UsageError where a ledger is damaged.
    """
    times = sent.find(folder, event_id)
    steps = [each.step() for each in reversed(times)]
    at, expiry = now(), places.expiry
    rows = _rows(aws, places.table, event_id)
    batch_of = partial(batch.find, aws.client("logs"), log_group)
    for row in rows:
        steps += arrived.steps(row, expiry.attribute, batch_of, link)
    if rows:
        over = all(expiry.has_passed(row, at.timestamp()) for row in rows)
        return Way(event_id, Outcome.EXPIRED if over else Outcome.STORED, _in_order(steps))
    wanted = aside.Wanted(event_id, frozenset(each.payload_hash for each in times))
    if found := aside.look(aws, places, wanted):
        outcome, last = found
        return Way(event_id, outcome, _in_order([*steps, *last]))
    return Way(event_id, _nowhere(times, at, timedelta(seconds=settle_seconds)), tuple(steps))


def _rows(aws: Aws, table: str, event_id: str) -> list[Item]:
    """The items of an event, whole: an id may have several timestamps."""
    key = storable_text(event_id)
    if text_bytes(key) > LONGEST_PARTITION_KEY_BYTES:
        return []  # no item has such a key, nor may be asked for
    query: Any = aws.client("dynamodb").query
    with failures.explained(f"read the table {table}"):
        read = pages(
            query,
            TableName=table,
            ConsistentRead=True,
            KeyConditionExpression="eventId = :id",
            ExpressionAttributeValues={":id": {"S": key}},
        )
        return [item for page in read for item in page["Items"]]


def _in_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    """An event is made before it is sent."""
    return tuple(sorted(steps, key=lambda step: step.name != "made"))


def _nowhere(times: Sequence[Sent], now: datetime, settle: timedelta) -> Outcome:
    """What is to be said of an event that is nowhere, by the last time that the stream may have taken it."""
    if not times:
        return Outcome.UNKNOWN
    last = next((each for each in times if each.outcome is not Known.UNSENT), None)
    if last is None:
        return Outcome.UNSENT
    if is_over(last.run, now):
        return Outcome.EXPIRED
    if last.outcome is Known.UNCONFIRMED:
        return Outcome.UNCONFIRMED
    return Outcome.IN_FLIGHT if last.run.last_sent_at > now - settle else Outcome.MISSING

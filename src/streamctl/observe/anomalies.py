"""What the anomaly detector found, and what it remembers of each series: read by key, nothing scanned."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from streamctl.aws.failures import explained, or_none
from streamctl.functions.anomaly_detector.findings import ID_PREFIX
from streamctl.functions.anomaly_detector.series import SERIES as KNOWN
from streamctl.functions.anomaly_detector.store import SERIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from streamctl.aws import Aws

PERMISSIONS = {"table": ("dynamodb:Query",), "anomalies_table": ("dynamodb:BatchGetItem",)}


@dataclass(frozen=True)
class Anomaly:
    """One anomaly, with the window that it opened with. Times are starts of windows, epoch seconds."""

    series: str
    status: str
    """`open`, `cleared`, or `abandoned`: the detector was taken away before it was over, and nobody knows its end."""
    start: int
    window_seconds: int
    value: float
    expected: float
    low: float
    high: float
    score: float
    """0 to 1."""
    highest_score: float
    """Of all its windows."""
    last_start: int
    """Of its last window that was not calm."""
    cleared_at: int | None
    """Of the first of the calm windows that ended it."""


@dataclass(frozen=True)
class Point:
    """One window of a series as the detector judged it."""

    start: int
    value: float
    expected: float
    low: float
    high: float
    score: float


@dataclass(frozen=True)
class History:
    """The last windows of a series, the oldest first; none yet, or those the detector remembers."""

    series: str
    title: str
    window_seconds: int | None
    points: tuple[Point, ...]
    open_since: int | None = None
    """The start of the anomaly that is open."""
    windows_seen: int = 0
    """Of this length, also those that are not remembered any more."""


def anomalies(aws: Aws, table: str, watched: Sequence[History], since: int) -> list[Anomaly]:
    """Those that began since then, epoch seconds, and those that are still open; the newest first. Raises AwsError.

    `watched` was read before, so that what was found in between is not taken for abandoned.
    """
    with explained(f"read the table {table}"):
        found = [_told(_anomaly(item), each) for each in watched for item in _items(aws, table, each.series)]
    recent = (each for each in found if each.start >= since or each.status == "open")
    return sorted(recent, key=lambda each: (-each.start, each.series))


def histories(aws: Aws, state: str, series: Sequence[str]) -> list[History]:
    """What the detector remembers of each series, in their order. Raises AwsError."""
    keys = [{"id": {"S": f"{SERIES}{name}"}} for name in series]
    with explained(f"read the table {state}"):
        wanted = {state: {"Keys": keys, "ConsistentRead": True}}
        answer = or_none(aws.client("dynamodb").batch_get_item, RequestItems=wanted) or {"Responses": {}}
    items = answer["Responses"].get(state, ())
    states = {item["id"]["S"].removeprefix(SERIES): json.loads(item["state"]["S"]) for item in items}
    return [_history(name, states.get(name)) for name in series]


def _items(aws: Aws, table: str, series: str) -> Iterator[Mapping[str, Any]]:
    pages = (
        aws.client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=table,
            ConsistentRead=True,
            KeyConditionExpression="eventId = :id",
            FilterExpression="attribute_exists(series)",  # an event may have any id
            ExpressionAttributeValues={":id": {"S": f"{ID_PREFIX}{series}"}},
        )
    )
    for page in pages:
        yield from page["Items"]


def _anomaly(item: Mapping[str, Any]) -> Anomaly:
    cleared = item.get("clearedAt")
    return Anomaly(
        series=item["series"]["S"],
        status=item["status"]["S"],
        start=int(item["timestamp"]["N"]),
        window_seconds=int(item["windowSeconds"]["N"]),
        value=float(item["value"]["N"]),
        expected=float(item["expected"]["N"]),
        low=float(item["low"]["N"]),
        high=float(item["high"]["N"]),
        score=float(item["score"]["N"]),
        highest_score=float(item["highestScore"]["N"]),
        last_start=int(item["lastWindow"]["N"]),
        cleared_at=int(cleared["N"]) if cleared else None,
    )


def _told(anomaly: Anomaly, history: History) -> Anomaly:
    """As it is now: only a detector that still knows of an open one can ever close it."""
    is_new = bool(history.points) and anomaly.start > history.points[-1].start
    if anomaly.status == "open" and anomaly.start != history.open_since and not is_new:
        return replace(anomaly, status="abandoned")
    return anomaly


def _history(name: str, state: Mapping[str, Any] | None) -> History:
    if state is None:
        return History(name, KNOWN[name].title, None, ())
    points = tuple(Point(*point) for point in state["history"])
    open_since = state["open"]["start"] if state["open"] else None
    return History(name, KNOWN[name].title, state["width"], points, open_since, state["seen"])

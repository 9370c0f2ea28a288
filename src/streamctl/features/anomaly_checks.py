"""What `verify` looks at where anomalies are watched for: does the detector run, does it keep up, what has it found?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from streamctl.aws.failures import explained, or_none
from streamctl.functions.anomaly_detector.findings import ID_PREFIX
from streamctl.functions.anomaly_detector.store import SERIES, WINDOWS
from streamctl.pipeline.checks import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamctl.aws import Aws
    from streamctl.pipeline.checks import Situation

PERMISSIONS = {
    "*": ("lambda:ListEventSourceMappings",),
    "detector_failures": ("sqs:GetQueueAttributes", "sqs:GetQueueUrl"),
    "table": ("dynamodb:DescribeTable", "dynamodb:Scan"),
    "anomalies_table": ("dynamodb:BatchGetItem",),
}
PAGES_READ = 5
"""Of 1 MB each. A table has no order, so a part of it is looked at."""
MARGIN = timedelta(minutes=2)
"""What Lambda takes, beside both batching windows, from an event's arrival until its item is watched."""
UP = "Run: streamctl up"
COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


@dataclass(frozen=True)
class Watcher:
    """The detector's function, what it reads, what it remembers, and where Lambda tells of what it gave up on."""

    function: str
    table: str
    state: str
    failures: str
    series: tuple[str, ...]
    batching: timedelta = timedelta()
    """What an event may wait for full batches: those of the processor, and its own."""


def look(watcher: Watcher, situation: Situation) -> Iterator[Check]:
    yield _mapping(watcher, situation.aws)
    yield _given_up(watcher, situation.aws)
    state = _state(watcher, situation.aws)
    yield _keeping_up(watcher, situation, state)
    yield _findings(watcher, state)


def _mapping(watcher: Watcher, aws: Aws) -> Check:
    name = "anomaly detector's mapping"
    with explained(f"look at what feeds {watcher.function}"):
        pages = aws.client("lambda").get_paginator("list_event_source_mappings")
        found = or_none(pages.paginate(FunctionName=watcher.function).build_full_result)
    states = [each["State"] for each in (found or {}).get("EventSourceMappings", ())]
    if not states:
        return Check(name, False, f"Nothing feeds the function {watcher.function}.", UP)
    is_on = states == ["Enabled"]
    return Check(name, is_on, f"It is {', '.join(states).lower()}.", "" if is_on else UP)


def _given_up(watcher: Watcher, aws: Aws) -> Check:
    name, sqs = "anomaly detector's failures", aws.client("sqs")
    with explained(f"look at the queue {watcher.failures}"):
        address = or_none(sqs.get_queue_url, QueueName=watcher.failures)
        counts = address and or_none(
            sqs.get_queue_attributes, QueueUrl=address["QueueUrl"], AttributeNames=list(COUNTS)
        )
    if not counts:
        return Check(name, False, f"The queue {watcher.failures} does not exist.", UP)
    messages = sum(int(counts["Attributes"][each]) for each in COUNTS)
    if not messages:
        return Check(name, True, "Lambda gave up on no batch.")
    detail = f"Lambda gave up on {messages:,} batches: what was in them is in no window."
    return Check(name, False, detail, f"See why in /aws/lambda/{watcher.function}, then empty {watcher.failures}.")


def _state(watcher: Watcher, aws: Aws) -> dict[str, Any]:
    """What is remembered, by the id of its item; empty where there is nothing yet."""
    keys = [{"id": {"S": name}} for name in (WINDOWS, *(f"{SERIES}{each}" for each in watcher.series))]
    wanted = {watcher.state: {"Keys": keys, "ConsistentRead": True}}
    with explained(f"read the table {watcher.state}"):
        answer = or_none(aws.client("dynamodb").batch_get_item, RequestItems=wanted) or {"Responses": {}}
    items = answer["Responses"].get(watcher.state, ())
    return {item["id"]["S"]: json.loads(item["state"]["S"]) for item in items}


def _keeping_up(watcher: Watcher, situation: Situation, state: dict[str, Any]) -> Check:
    """The newest item that must have been watched by now, against the time up to which the detector has seen."""
    name = "anomaly detector keeps up"
    newest = _newest(watcher, situation)
    if newest is None:
        return Check(name, None, "No item to be watched yet, or only in the last minutes.", "Send: streamctl produce")
    watermark = state.get(WINDOWS, {}).get("watermark")
    if watermark is None or watermark < newest:
        seen = "has seen nothing yet" if watermark is None else f"has seen until {_time(watermark)}"
        detail = f"An item of {_time(newest)} is stored, and the detector {seen}."
        return Check(name, False, detail, f"See the log /aws/lambda/{watcher.function}, and its iterator age.")
    return Check(name, True, f"It has seen until {_time(watermark)}.")


def _newest(watcher: Watcher, situation: Situation) -> int | None:
    """The time of the newest item that arrived since the stream began, and not just now; of those looked at."""
    dynamodb, table = situation.aws.client("dynamodb"), watcher.table
    names = {"#id": "eventId", "#at": "timestamp", "#arrived": "arrivedAtMs"}
    with explained(f"read the table {table}"):
        found = or_none(dynamodb.describe_table, TableName=table)
        if not found or not (label := found["Table"].get("LatestStreamLabel")):
            return None
        began = datetime.fromisoformat(label).replace(tzinfo=UTC)
        since, until = began.timestamp(), (situation.now - watcher.batching - MARGIN).timestamp()
        pages = dynamodb.get_paginator("scan").paginate(
            TableName=table, ProjectionExpression=", ".join(names), ExpressionAttributeNames=names
        )
        times = [
            min(int(item["timestamp"]["N"]), arrived)
            for page in islice(pages, PAGES_READ)
            for item in page["Items"]
            if "arrivedAtMs" in item
            if since <= (arrived := int(item["arrivedAtMs"]["N"]) // 1000) < until
        ]
    return max(times, default=None)


def _findings(watcher: Watcher, state: dict[str, Any]) -> Check:
    """What is open is told, and no failure: it is what the detector is there for."""
    name = "anomalies"
    watched = {each: state.get(f"{SERIES}{each}", {}) for each in watcher.series}
    windows = sum(each.get("seen", 0) for each in watched.values())
    if not windows:
        return Check(name, None, "No window was judged yet.", "A window is judged when later events have come.")
    lines = tuple(
        f"{ID_PREFIX}{series}  since {_time(each['open']['start'])}: {each['open']['value']:,.6g}, expected"
        f" {each['open']['low']:,.6g} to {each['open']['high']:,.6g}"
        for series, each in watched.items()
        if each.get("open")
    )
    detail = f"{len(lines)} open" if lines else "None is open"
    return Check(name, True, f"{detail}; {windows:,} windows judged.", evidence=lines)


def _time(seconds: int) -> str:
    """Epoch seconds as people read them; as they are where no calendar has them."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return f"{seconds} s"

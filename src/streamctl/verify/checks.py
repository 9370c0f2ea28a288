"""The recipe's looks at a running pipeline, as checks: log lines, items, metrics, invocations.

A check that finds nothing fails only where there should be something: events were sent within the last hour, and long
enough ago for AWS to show them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from streamctl.aws import failures
from streamctl.pipeline.checks import Check
from streamctl.pipeline.names import METRIC_NAMESPACE
from streamctl.verify.table import pages
from streamctl.verify.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PERIOD_SECONDS = 300
WINDOW = timedelta(hours=1)
SHOWN_WITHIN = timedelta(minutes=5)
"""CloudWatch shows a metric or a log line a minute or two after the fact, new ones later."""
ITEMS_SHOWN = 5
ITEMS_SHOWN_BY_TYPE = 3
LINES_SHOWN = 5
PAGES_READ = 50
"""A filter applies after reading: so many pages (1 MB each) are read for the few items wanted."""
PERMISSIONS = {
    "log_group": ("logs:FilterLogEvents",),
    "table": ("dynamodb:Scan",),
    "*": ("cloudwatch:GetMetricStatistics",),
}
_HINT = "See whether everything runs: streamctl status"
_LINE = re.compile(r"processed records=(\d+) stored=(\d+) rejected=(\d+)")


@dataclass(frozen=True, kw_only=True)
class Looker:
    """Looks at one pipeline at one time; `sent_at` is when the last run ended, if any.

    `none_stored`: every event sent is known to be set aside or expired, so that there may be no item at all.
    """

    aws: Any
    function: str
    table: str
    sent_at: datetime | None
    none_stored: bool
    now: datetime

    def log_lines(self) -> Check:
        """The processor says what it did with every batch."""
        name, group = "processor log lines", f"/aws/lambda/{self.function}"
        with failures.explained(f"read the log group {group}"):
            events = _log_events(self.aws.client("logs"), group, self.now - WINDOW)
            if events is None:
                return Check(name, False, f"The log group {group} does not exist.", "Run: streamctl up")
            counts = [0, 0, 0]
            lines: list[str] = []
            for message in events:
                if match := _LINE.search(message):
                    counts = [total + int(count) for total, count in zip(counts, match.groups(), strict=True)]
                    lines = [*lines, message.strip()][-LINES_SHOWN:]
        if not lines:
            return self._nothing(name, "No log line in the last hour.", _HINT)
        records, stored, rejected = counts
        detail = f"{counted(records, 'record')} in the last hour, {stored:,} stored, {rejected:,} set aside."
        return Check(name, True, detail, evidence=tuple(lines))

    def items(self) -> Check:
        """The first few items of the table."""
        return self._set_aside(self._items("items in the table", ITEMS_SHOWN, {}))

    def items_of(self, event_type: str, *, asked_for: bool) -> Check:
        """The first few items of one event type. Nobody promised a type that was not asked for: it cannot fail."""
        condition = {
            "FilterExpression": "eventType = :type",
            "ExpressionAttributeValues": {":type": {"S": event_type}},
        }
        check = self._items(f"items of type {event_type}", ITEMS_SHOWN_BY_TYPE, condition)
        return check if check.passed or asked_for else replace(check, passed=None)

    def events_processed(self) -> Check:
        """The recipe's metric, summed by AWS over 5 minutes each."""
        return self._set_aside(self._metric(METRIC_NAMESPACE, "EventsProcessed", {}, "event"))

    def invocations(self) -> Check:
        return self._metric("AWS/Lambda", "Invocations", {"FunctionName": self.function}, "invocation")

    def _items(self, name: str, most: int, condition: Mapping[str, Any]) -> Check:
        with failures.explained(f"read the table {self.table}"):
            read = pages(self.aws.client("dynamodb").scan, TableName=self.table, **condition)
            seen = 0
            found: list[Mapping[str, Any]] = []
            for page in islice(read, PAGES_READ):
                seen += page["ScannedCount"]
                found += page["Items"][: most - len(found)]
                if len(found) == most or not page.get("LastEvaluatedKey"):
                    break
            else:
                return _too_many(name, found, seen)
        if found:
            return Check(name, True, _first(found, most), evidence=_evidence(found))
        return self._nothing(name, f"None among {counted(seen, 'item')}.", _HINT)

    def _metric(self, namespace: str, metric: str, dimensions: Mapping[str, str], what: str) -> Check:
        with failures.explained(f"read the metric {metric}"):
            answer = self.aws.client("cloudwatch").get_metric_statistics(
                Namespace=namespace,
                MetricName=metric,
                Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
                StartTime=self.now - WINDOW,
                EndTime=self.now,
                Period=PERIOD_SECONDS,
                Statistics=["Sum"],
            )
        points = sorted((point["Timestamp"], point["Sum"]) for point in answer["Datapoints"])
        total = sum(value for _, value in points)
        if not total:
            return self._nothing(metric, f"No {what}s in the last hour.", _HINT)
        shown = tuple(f"{at.astimezone(UTC):%H:%M} UTC  {value:,.0f}" for at, value in points if value)
        return Check(metric, True, f"{counted(round(total), what)} in the last hour.", evidence=shown)

    def _set_aside(self, check: Check) -> Check:
        """The check, or word that there need be nothing where it found nothing."""
        if check.passed or not self.none_stored:
            return check
        return Check(check.name, None, "None: all was set aside, or has expired.", "Store some: streamctl produce")

    def _nothing(self, name: str, detail: str, hint: str) -> Check:
        """Nothing found: a failure, unless there cannot be anything yet."""
        if self.sent_at is None or self.now - self.sent_at > WINDOW:
            return Check(name, None, f"{detail} Nothing was sent in the last hour.", "Send: streamctl produce")
        if self.now - self.sent_at < SHOWN_WITHIN:
            return Check(name, None, f"{detail} AWS may need some minutes.", "Run again in a while.")
        return Check(name, False, detail, hint)


def recipe_checks(
    aws: Any,
    *,
    function: str,
    table: str,
    event_types: Sequence[str] = (),
    likely_event_types: Sequence[str] = (),
    sent_at: datetime | None = None,
    none_stored: bool = False,
    now: datetime | None = None,
) -> Iterator[Check]:
    """The recipe's four looks, each as soon as it is done, and one for each event type. Raises AwsError.

    A look for one of `event_types` fails where there is none; of `likely_event_types`, which nobody asked for, all may
    have been set aside.
    """
    looker = Looker(
        aws=aws,
        function=function,
        table=table,
        sent_at=sent_at,
        none_stored=none_stored,
        now=now or datetime.now(UTC),
    )
    yield looker.log_lines()
    yield looker.items()
    for event_type in event_types:
        yield looker.items_of(event_type, asked_for=True)
    for event_type in likely_event_types:
        yield looker.items_of(event_type, asked_for=False)
    yield looker.events_processed()
    yield looker.invocations()


def _log_events(logs: Any, group: str, since: datetime) -> Iterator[str] | None:
    """Messages that may be ours, or None where the group does not exist."""
    arguments = {
        "logGroupName": group,
        "startTime": int(since.timestamp() * 1000),
        "filterPattern": '"records="',
    }
    first = failures.or_none(logs.filter_log_events, **arguments)
    return None if first is None else _messages(logs, first, arguments)


def _messages(logs: Any, page: Mapping[str, Any], arguments: Mapping[str, Any]) -> Iterator[str]:
    while True:
        yield from (event["message"] for event in page["events"])
        if not page.get("nextToken"):  # an empty page is not the last one
            return
        page = logs.filter_log_events(nextToken=page["nextToken"], **arguments)


def _too_many(name: str, found: Sequence[Mapping[str, Any]], seen: int) -> Check:
    detail = f"{len(found)} among the first {seen:,} items; the rest was not read."
    return Check(name, True if found else None, detail, evidence=_evidence(found))


def _first(found: Sequence[Mapping[str, Any]], most: int) -> str:
    return f"{len(found)} found." if len(found) < most else f"The first {most} found."


def _evidence(found: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(
        f"{item['eventId']['S']}  {item.get('eventType', {}).get('S', '')}  {item.get('userId', {}).get('S', '')}"
        for item in found
    )

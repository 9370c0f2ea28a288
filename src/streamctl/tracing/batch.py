"""The invocation that processed a batch, as the function's log tells of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from streamctl.aws import failures

if TYPE_CHECKING:
    from collections.abc import Iterator

BEFORE = timedelta(seconds=10)
"""How long Lambda may say of an invocation that it starts before the function looks at the clock."""
LONGEST_INVOCATION = timedelta(minutes=16)
"""Lambda's 15, and a little."""
_REPORT = re.compile(
    r"^REPORT RequestId: .*?\bDuration: ([\d.]+) ms.*?Memory Size: (\d+) MB\s+Max Memory Used: (\d+) MB", re.DOTALL
)
_PROCESSED = re.compile(r"processed records=(\d+) stored=(\d+) rejected=(\d+) retried=(\d+)")


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What is not known is None: log lines come up a while later, and go when the log's retention ends."""

    request_id: str
    started_at: datetime | None = None
    done_at: datetime | None = None
    """By then everything was written."""
    records: int | None = None
    stored: int | None = None
    set_aside: int | None = None
    retried: int | None = None
    """To be delivered again."""
    duration_ms: float | None = None
    memory_mb: int | None = None
    used_memory_mb: int | None = None
    log_stream: str | None = None

    def words(self) -> str:
        parts = [f"invocation {self.request_id}"]
        if self.records is not None:
            counts = f"{self.stored:,} stored, {self.set_aside:,} set aside, {self.retried:,} to come again"
            parts.append(f"{self.records:,} records: {counts}")
        if self.duration_ms is not None:
            parts.append(f"{self.duration_ms:,.0f} ms, {self.used_memory_mb} of {self.memory_mb} MB")
        if len(parts) == 1:
            parts.append("nothing in the log (yet, or any more)")
        return "; ".join(parts)


def find(logs: Any, group: str, request_id: str, processed_at: datetime) -> Batch:
    """The batch of an invocation; with no more than its id where the log says nothing. Raises AwsError."""
    with failures.explained(f"read the log group {group}"):
        said = _lifetime(logs, group, request_id, processed_at)
        if "START" not in said:
            return Batch(request_id=request_id)
        start, report = said["START"], said.get("REPORT")
        until = report["timestamp"] if report else start["timestamp"] + _ms(LONGEST_INVOCATION)
        line = _processed(logs, group, start["logStreamName"], start["timestamp"], until)
    return Batch(
        request_id=request_id,
        started_at=_time(start),
        log_stream=start["logStreamName"],
        **_reported(report),
        **_counted(line),
    )


def _lifetime(logs: Any, group: str, request_id: str, processed_at: datetime) -> dict[str, Any]:
    """Lambda's own lines about an invocation, by their first word."""
    said: dict[str, Any] = {}
    begin, end = processed_at - BEFORE, processed_at + LONGEST_INVOCATION
    for event in _events(logs, group, f'"{request_id}"', _epoch_ms(begin), _epoch_ms(end)):
        said.setdefault(event["message"].partition(" ")[0], event)
        if "REPORT" in said:
            break
    return said


def _processed(logs: Any, group: str, stream: str, since_ms: int, until_ms: int) -> Any | None:
    """The processor's line: a log stream has one invocation at a time."""
    events = _events(logs, group, '"processed records="', since_ms, until_ms + 1, logStreamNames=[stream])
    return next((event for event in events if _PROCESSED.search(event["message"])), None)


def _events(logs: Any, group: str, pattern: str, since_ms: int, until_ms: int, **more: Any) -> Iterator[Any]:
    arguments = {
        "logGroupName": group,
        "filterPattern": pattern,
        "startTime": since_ms,
        "endTime": until_ms,
        **more,
    }
    page = failures.or_none(logs.filter_log_events, **arguments)
    while page:
        yield from page["events"]
        token = page.get("nextToken")
        page = logs.filter_log_events(nextToken=token, **arguments) if token else None


def _reported(report: Any | None) -> dict[str, Any]:
    match = _REPORT.search(report["message"]) if report else None
    if not match:
        return {}
    return {"duration_ms": float(match[1]), "memory_mb": int(match[2]), "used_memory_mb": int(match[3])}


def _counted(line: Any | None) -> dict[str, Any]:
    match = _PROCESSED.search(line["message"]) if line else None
    if not line or not match:
        return {}
    names = ("records", "stored", "set_aside", "retried")
    return {"done_at": _time(line), **dict(zip(names, map(int, match.groups()), strict=True))}


def _time(event: Any) -> datetime:
    return datetime.fromtimestamp(event["timestamp"] / 1000, UTC)


def _epoch_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _ms(length: timedelta) -> int:
    return round(length.total_seconds() * 1000)

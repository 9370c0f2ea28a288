"""One PutRecords request: what fits into it, and sending it."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from streamctl.aws.failures import or_none

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from streamctl.traffic.events import Event

RECORDS_PER_REQUEST = 500
REQUEST_BYTES = 5 * 1024 * 1024
"""Kinesis takes 10 MiB; what was built before it did refuses more than 5, and 500 events rarely need it."""
RECORD_BYTES = 1024 * 1024
"""Payload and partition key, unless the stream's `MaxRecordSizeInKiB` is raised."""


def split(events: Sequence[Event], request_bytes: int = REQUEST_BYTES) -> Iterator[Sequence[Event]]:
    """The events in order, in pieces that one request can hold; an event too large for any stands alone."""
    first, size = 0, 0
    for number, event in enumerate(events):
        if number > first and (size + event.size > request_bytes or number - first == RECORDS_PER_REQUEST):
            yield events[first:number]
            first, size = number, 0
        size += event.size
    if events[first:]:
        yield events[first:]


def clock_ahead_seconds(kinesis: Any, stream: str, now: Callable[[], datetime]) -> float | None:
    """AWS's clock minus ours, to the second; None where there is no such stream. Raises what the SDK raises."""
    answer = or_none(kinesis.describe_stream_summary, StreamName=stream)
    if answer is None:
        return None
    told = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    return (parsedate_to_datetime(told) - now()).total_seconds() if told else 0.0


def send(kinesis: Any, stream: str, events: Sequence[Event]) -> list[Mapping[str, str]]:
    """Send one request, once. AWS's word about each event: `ErrorCode` where it was refused, else `ShardId`.

    Raises what the SDK raises.
    """
    answer = kinesis.put_records(
        StreamName=stream,
        Records=[{"Data": event.payload, "PartitionKey": event.partition_key} for event in events],
    )
    return list(answer["Records"])

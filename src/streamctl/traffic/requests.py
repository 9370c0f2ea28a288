"""One PutRecords request: what fits into it, and sending it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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


def send(kinesis: Any, stream: str, events: Sequence[Event]) -> list[str | None]:
    """Send one request, once. An error code per event, or None where it was accepted. Raises what the SDK raises."""
    answer = kinesis.put_records(
        StreamName=stream,
        Records=[{"Data": event.payload, "PartitionKey": event.partition_key} for event in events],
    )
    return [result.get("ErrorCode") for result in answer["Records"]]

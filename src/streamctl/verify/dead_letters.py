"""What Lambda gave up on: its message names a range of a shard, and the records are still in the stream. A record may
be an aggregate of several events.

With a parallelization factor above 1 the range holds records of other batches, too, and nothing tells them apart.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from streamctl.functions.processor.record import Record
from streamctl.verify import stream
from streamctl.verify.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class DeadLetter:
    """One batch that Lambda sent to the on-failure destination."""

    stream: str
    shard_id: str
    first_sequence_number: str
    last_sequence_number: str
    records: int
    """As the stream counts them: an aggregate is one."""
    condition: str
    first_arrived_at: datetime | None
    last_arrived_at: datetime | None

    def describe(self, retention: timedelta | None) -> str:
        """The letter in words; `retention` is the stream's, None where the stream is gone."""
        kept = "the stream is gone"
        if retention is not None:
            kept = "kept in the stream until "
            kept += (
                f"{self.first_arrived_at + retention:%Y-%m-%d %H:%M} UTC" if self.first_arrived_at else "they expire"
            )
        return f"{self.where()}, {kept}"

    def where(self) -> str:
        """What it is about, in words."""
        return (
            f"{counted(self.records, 'record')} of {self.shard_id}, {self.first_sequence_number} to"
            f" {self.last_sequence_number} ({self.condition})"
        )


def parse(body: str) -> DeadLetter | None:
    """The dead letter in a message, or None where it is something else."""
    try:
        message = json.loads(body)
        batch = message["KinesisBatchInfo"]
        return DeadLetter(
            stream=str(batch["streamArn"]).rpartition("/")[2],
            shard_id=str(batch["shardId"]),
            first_sequence_number=digits(batch["startSequenceNumber"]),
            last_sequence_number=digits(batch["endSequenceNumber"]),
            records=int(batch["batchSize"]),
            condition=str(message.get("requestContext", {}).get("condition", "unknown")),
            first_arrived_at=_time(batch.get("approximateArrivalOfFirstRecord")),
            last_arrived_at=_time(batch.get("approximateArrivalOfLastRecord")),
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def records(body: str) -> tuple[Record, ...] | None:
    """The records that a message to a bucket brings, as the stream had them: an aggregate is one.

    They stand in the event that Lambda handed to the function, JSON within JSON. None where it brings none, as those
    to a queue.
    """
    try:
        payload = json.loads(body)["payload"]
        event = json.loads(payload) if isinstance(payload, str) else payload
        return tuple(Record.from_lambda(record) for record in event["Records"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def digits(number: Any) -> str:
    """A sequence number as it was told: leading zeros may belong to it. Raises ValueError for anything else."""
    int(number)
    return str(number)


def payloads(kinesis: Any, letter: DeadLetter) -> Iterator[list[bytes]]:
    """The events in each record of a dead letter's range, read again: one, or those of an aggregate.

    None where the stream no longer holds the records.
    """
    found = stream.between(
        kinesis, letter.stream, letter.shard_id, letter.first_sequence_number, letter.last_sequence_number
    )
    return ([event.payload for event in record.expanded()] for record in found)


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None

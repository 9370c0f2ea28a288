"""What Lambda gave up on: its message names a range of a shard, and the records are still in the stream.

With a parallelization factor above 1 the range holds records of other batches, too, and nothing tells them apart.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from streamctl.aws import failures
from streamctl.verify.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORDS_PER_CALL = 1000
_GONE = frozenset({"InvalidArgumentException", "ResourceNotFoundException"})
ACTIONS = ("kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator")


@dataclass(frozen=True)
class DeadLetter:
    """One batch that Lambda sent to the on-failure destination."""

    stream: str
    shard_id: str
    first_sequence_number: str
    last_sequence_number: str
    records: int
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
        return (
            f"{counted(self.records, 'record')} of {self.shard_id}, {self.first_sequence_number} to"
            f" {self.last_sequence_number} ({self.condition}), {kept}"
        )


def parse(body: str) -> DeadLetter | None:
    """The dead letter in a message, or None where it is something else."""
    try:
        message = json.loads(body)
        batch = message["KinesisBatchInfo"]
        return DeadLetter(
            stream=str(batch["streamArn"]).rpartition("/")[2],
            shard_id=str(batch["shardId"]),
            first_sequence_number=str(int(batch["startSequenceNumber"])),
            last_sequence_number=str(int(batch["endSequenceNumber"])),
            records=int(batch["batchSize"]),
            condition=str(message.get("requestContext", {}).get("condition", "unknown")),
            first_arrived_at=_time(batch.get("approximateArrivalOfFirstRecord")),
            last_arrived_at=_time(batch.get("approximateArrivalOfLastRecord")),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def retention(kinesis: Any, stream: str) -> timedelta | None:
    """How long a stream keeps its records; None where it is gone."""
    answer = failures.or_none(kinesis.describe_stream_summary, StreamName=stream)
    return answer and timedelta(hours=answer["StreamDescriptionSummary"]["RetentionPeriodHours"])


def payloads(kinesis: Any, letter: DeadLetter) -> Iterator[bytes]:
    """The records of a dead letter's range, read again; none where the stream no longer holds them."""
    try:
        yield from _read(kinesis, letter)
    except Exception as error:
        if failures.code(error) not in _GONE:
            raise


def _read(kinesis: Any, letter: DeadLetter) -> Iterator[bytes]:
    iterator = kinesis.get_shard_iterator(
        StreamName=letter.stream,
        ShardId=letter.shard_id,
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        StartingSequenceNumber=letter.first_sequence_number,
    )["ShardIterator"]
    last = int(letter.last_sequence_number)
    while iterator:
        answer = kinesis.get_records(ShardIterator=iterator, Limit=RECORDS_PER_CALL)
        for record in answer["Records"]:
            if int(record["SequenceNumber"]) > last:
                return
            yield record["Data"]
        if not answer["Records"] and not answer.get("MillisBehindLatest"):
            return
        iterator = answer.get("NextShardIterator")


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None

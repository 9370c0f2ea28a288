"""What Lambda gave up on: its message names a range of a shard, and the records are still in the stream."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from streamctl.aws import failures

if TYPE_CHECKING:
    from collections.abc import Iterator

RECORDS_PER_CALL = 1000
_GONE = frozenset({"InvalidArgumentException", "ResourceNotFoundException"})


@dataclass(frozen=True)
class DeadLetter:
    """One batch that Lambda sent to the on-failure destination."""

    stream: str
    shard_id: str
    first_sequence_number: str
    last_sequence_number: str
    records: int
    condition: str
    last_arrived_at: datetime | None

    def __str__(self) -> str:
        return (
            f"{self.records:,} records of {self.shard_id}, {self.first_sequence_number} to {self.last_sequence_number}"
            f" ({self.condition})"
        )


def parse(body: str) -> DeadLetter | None:
    """The dead letter in a message, or None where it is something else."""
    try:
        message = json.loads(body)
        batch = message["KinesisBatchInfo"]
        arrived = batch.get("approximateArrivalOfLastRecord")
        return DeadLetter(
            stream=str(batch["streamArn"]).rpartition("/")[2],
            shard_id=str(batch["shardId"]),
            first_sequence_number=str(int(batch["startSequenceNumber"])),
            last_sequence_number=str(int(batch["endSequenceNumber"])),
            records=int(batch["batchSize"]),
            condition=str(message.get("requestContext", {}).get("condition", "unknown")),
            last_arrived_at=datetime.fromisoformat(arrived) if arrived else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def payloads(kinesis: Any, letter: DeadLetter) -> Iterator[bytes]:
    """The records of a dead letter, read again; none where the stream no longer holds them."""
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

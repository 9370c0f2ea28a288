"""A Kinesis record, and how Lambda shows it to a function."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Record:
    """`event` is the record's element in the function's event, as JSON; `arrived_at` is epoch seconds."""

    sequence_number: str
    partition_key: str
    arrived_at: float
    event: str

    @property
    def size(self) -> int:
        """Bytes it takes of an invocation's payload."""
        return len(self.event) + 1


@dataclass(frozen=True)
class Source:
    """Where records come from, as far as the function is told."""

    stream_arn: str
    shard_id: str
    region: str
    role_arn: str


def from_kinesis(source: Source, record: dict[str, Any]) -> Record:
    """A record of boto3's GetRecords."""
    arrived_at = record["ApproximateArrivalTimestamp"].timestamp()
    event = {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record["PartitionKey"],
            "sequenceNumber": record["SequenceNumber"],
            "data": base64.b64encode(record["Data"]).decode("ascii"),
            "approximateArrivalTimestamp": round(arrived_at, 3),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{source.shard_id}:{record['SequenceNumber']}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": source.role_arn,
        "awsRegion": source.region,
        "eventSourceARN": source.stream_arn,
    }
    return Record(record["SequenceNumber"], record["PartitionKey"], arrived_at, json.dumps(event))


def payload(records: Sequence[Record]) -> bytes:
    """The function's event."""
    return ('{"Records":[' + ",".join(record.event for record in records) + "]}").encode()

"""A record of a Kinesis stream or of a change in a table, and how Lambda shows it to a function."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Record:
    """`event` is the record's element in the function's event, as JSON; `arrived_at` is epoch seconds.

    What has the same `partition_key` keeps its order.
    """

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
            "data": _base64(record["Data"]),
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


def from_table(source: Source, record: dict[str, Any]) -> Record:
    """A record of GetRecords of DynamoDB's streams. Lambda keeps the order of each item's changes."""
    change = record["dynamodb"]
    made_at = change["ApproximateCreationDateTime"].timestamp()
    event = {
        **{name: record[name] for name in ("eventID", "eventName", "eventVersion", "eventSource")},
        "awsRegion": source.region,
        "dynamodb": change | {"ApproximateCreationDateTime": int(made_at)},
        "eventSourceARN": source.stream_arn,
    }
    if identity := record.get("userIdentity"):
        event["userIdentity"] = {"type": identity["Type"], "principalId": identity["PrincipalId"]}
    key = json.dumps(change["Keys"], default=_base64, sort_keys=True)
    return Record(change["SequenceNumber"], key, made_at, json.dumps(event, default=_base64))


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def payload(records: Sequence[Record]) -> bytes:
    """The function's event."""
    return ('{"Records":[' + ",".join(record.event for record in records) + "]}").encode()

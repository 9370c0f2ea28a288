"""What stands in stream, table and queues, read with plain boto3 calls and nothing of streamctl."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Truth:
    rows: list[dict[str, Any]]
    rejected: list[dict[str, Any]]
    """The messages about records that were set aside, parsed."""
    letters: list[dict[str, Any]]
    """What Lambda reported to its destination, parsed."""


def look(clients: Mapping[str, Any], table: str, rejected_url: str, failures_url: str) -> Truth:
    """The messages are taken out of their queues."""
    pages = clients["dynamodb"].get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    rows = [row for page in pages for row in page["Items"]]
    return Truth(rows, list(_taken(clients["sqs"], rejected_url)), list(_taken(clients["sqs"], failures_url)))


def _taken(sqs: Any, url: str) -> Iterator[dict[str, Any]]:
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            yield json.loads(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def records(kinesis: Any, stream: str) -> dict[str, list[tuple[str, bytes]]]:
    """Sequence number and payload of every record, by shard."""
    return {
        shard["ShardId"]: [
            (record["SequenceNumber"], record["Data"]) for record in _shard(kinesis, stream, shard["ShardId"])
        ]
        for shard in kinesis.list_shards(StreamName=stream)["Shards"]
    }


def _shard(kinesis: Any, stream: str, shard_id: str) -> Iterator[dict[str, Any]]:
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON")
    following = iterator["ShardIterator"]
    while following:
        answer = kinesis.get_records(ShardIterator=following)
        if not answer["Records"]:
            return
        yield from answer["Records"]
        following = answer.get("NextShardIterator")

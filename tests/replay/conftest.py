"""A pipeline on moto whose processor works while the replay sleeps."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.functions.processor.handler import prepare
from streamctl.functions.processor.item import Item
from streamctl.functions.processor.record import Record
from streamctl.functions.processor.rejected import message_body
from streamctl.replay.replay import Replay
from streamctl.replay.shelves import QueueShelf
from streamctl.verify import stream
from tests.verify.conftest import Pipeline, aws, letter, pipeline

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from streamctl.functions.processor.outcomes import Rejection

__all__ = ["aws", "pipeline"]

SHARD = "shardId-000000000000"


@dataclass
class World:
    """A stream, a processor, a table and the two queues."""

    pipeline: Pipeline
    processed: str = "0"
    works: bool = True
    """False: nobody processes anything."""
    gives_up: bool = False
    """Lambda gives up on whatever comes."""
    now: float = 0.0
    interruptions: list[Callable[[], None]] = field(default_factory=list)

    def put(self, payload: bytes, key: str = "k") -> str:
        """A record in the stream: its sequence number."""
        answer = self.pipeline.kinesis.put_record(StreamName="analytics", Data=payload, PartitionKey=key)
        return str(answer["SequenceNumber"])

    def process(self) -> None:
        """What came since the last time is stored, set aside or given up, by the real processor's rules."""
        for delivered in stream.between(self.pipeline.kinesis, "analytics", SHARD, self.processed, str(10**60)):
            if int(delivered.sequence_number) <= int(self.processed):
                continue
            self.processed = delivered.sequence_number
            if self.gives_up:
                self.give_up(delivered.sequence_number, delivered.sequence_number)
                continue
            for record in delivered.expanded():
                self._end(record)

    def _end(self, record: Record) -> None:
        end = prepare(record, record.arrived_at_ms + 5)
        if isinstance(end, Item):
            self.pipeline.dynamodb.put_item(TableName="results", Item=json.loads(end.attributes))
        else:
            self.set_aside(record, end)

    def set_aside(self, record: Record, rejection: Rejection) -> None:
        self.pipeline.sqs.send_message(
            QueueUrl=self.pipeline.places.rejected_queue_url, MessageBody=message_body(record, rejection)
        )

    def give_up(self, first: str, last: str, records: int = 1) -> None:
        self.pipeline.sqs.send_message(
            QueueUrl=self.pipeline.places.failures_queue_url,
            MessageBody=letter(first, last, records, arrived_at="2100-01-01T00:00:00Z"),
        )

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.interruptions:
            self.interruptions.pop(0)()
        if self.works:
            self.process()

    def replay(self) -> Replay:
        places = self.pipeline.places
        urls = [url for url in (places.rejected_queue_url, places.failures_queue_url) if url]
        return Replay(
            aws=self.pipeline.aws,
            pipeline="p",
            stream="analytics",
            table="results",
            folder=self.pipeline.folder,
            shelves=[QueueShelf(self.pipeline.sqs, url, clock=lambda: self.now, sleep=self.sleep) for url in urls],
            clock=lambda: self.now,
            sleep=self.sleep,
        )

    def rows(self) -> list[dict[str, Any]]:
        return list(self.pipeline.dynamodb.scan(TableName="results")["Items"])

    def messages(self) -> int:
        """Those that anybody can see, in both queues."""
        places = self.pipeline.places
        return sum(
            int(
                self.pipeline.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])[
                    "Attributes"
                ]["ApproximateNumberOfMessages"]
            )
            for url in (places.rejected_queue_url, places.failures_queue_url)
        )


@pytest.fixture
def world(pipeline: Pipeline, tmp_path: Path) -> World:
    pipeline.kinesis.create_stream(StreamName="analytics", ShardCount=1)
    return World(pipeline)


def record(payload: bytes, sequence_number: str = "1", arrived_at_ms: int | None = None) -> Record:
    at = int(time.time() * 1000) if arrived_at_ms is None else arrived_at_ms
    return Record("analytics", SHARD, sequence_number, "k", at, payload)

"""A run's ledger, the table with what a processor would have stored, and the queues: on moto, in process."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

from streamctl import ledger
from streamctl.aws import Aws
from streamctl.ledger import Fault, Ledger, RunInfo
from streamctl.verify.reconcile import Reconciliation, reconcile
from streamctl.verify.search import Places
from tests.cbor import refuse_cbor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

AT = datetime(2026, 11, 23, 16, 11, 54, tzinfo=UTC)
AT_MS = int(AT.timestamp() * 1000)
RUN_ID = "20261123T161154-k3f9"


def purchase(number: int, run_id: str = RUN_ID) -> dict[str, Any]:
    return {
        "eventId": f"{run_id}-{number:09d}",
        "eventType": "purchase",
        "userId": "user_1234",
        "amount": 10.99,
        "currency": "USD",
        "itemsCount": 2,
    }


def stored(event: dict[str, Any], **others: Any) -> dict[str, Any]:
    """The item of a purchase, in DynamoDB's notation; `others` takes the place of attributes."""
    return {
        "eventId": {"S": str(event["eventId"])},
        "timestamp": {"N": str(AT_MS // 1000)},
        "eventType": {"S": "purchase"},
        "userId": {"S": "user_1234"},
        "metrics": {"M": {"amount": {"N": "10.99"}, "currency": {"S": "USD"}, "items_count": {"N": "2"}}},
        "rawData": {"S": json.dumps(event)},
        "arrivedAtMs": {"N": str(AT_MS)},
        "processedAtMs": {"N": str(AT_MS + 150)},
        **others,
    }


class Time:
    """An hour after the runs, unless another time is said. Only sleeping moves it; `meanwhile` happens during each
    pause."""

    def __init__(self, *meanwhile: Callable[[], Any], at: datetime = AT + timedelta(hours=1)) -> None:
        self.now = 0.0
        self._at = at
        self.pauses: list[float] = []
        self._meanwhile = list(meanwhile)

    def clock(self) -> float:
        return self.now

    def date(self) -> datetime:
        return self._at + timedelta(seconds=self.now)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        if self._meanwhile:
            self._meanwhile.pop(0)()


class Pipeline:
    """What a producer, a stream and a processor leave behind."""

    def __init__(self, aws: Aws, folder: Path) -> None:
        self.aws = aws
        self.folder = folder
        self.dynamodb = aws.client("dynamodb")
        self.sqs = aws.client("sqs")
        self.kinesis = aws.client("kinesis")
        without_waiting(self.sqs)
        self.dynamodb.create_table(
            TableName="results",
            KeySchema=[
                {"AttributeName": "eventId", "KeyType": "HASH"},
                {"AttributeName": "timestamp", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "eventId", "AttributeType": "S"},
                {"AttributeName": "timestamp", "AttributeType": "N"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        self.places = Places(
            table="results",
            rejected_queue_url=self.sqs.create_queue(QueueName="rejected")["QueueUrl"],
            failures_queue_url=self.sqs.create_queue(QueueName="failures")["QueueUrl"],
        )

    def sent(
        self,
        events: Sequence[dict[str, Any]],
        *,
        unsent: Sequence[int] = (),
        killed_after: int | None = None,
        run_id: str = RUN_ID,
        ended_at: datetime = AT,
        faults: Sequence[tuple[Fault, int]] = (),
        kept_seconds: int | None = None,
    ) -> ledger.Run:
        """A run of these events in one request, sent and over at `AT` unless something else is said.

        Killed, it has no end and knows nothing of the events after the first so many.
        """
        info = RunInfo(
            run_id=run_id,
            pipeline="p",
            stream="analytics",
            source="mine.jsonl",
            seed=None,
            started_at=AT,
            faults={"poison": "1%"} if faults else {},
            kept_seconds=kept_seconds,
        )
        with Ledger(self.folder, info) as book:
            book.add_faults(faults)
            book.add((str(event["eventId"]), json.dumps(event).encode()) for event in events)
            book.finish(0, len(events) if killed_after is None else killed_after, unsent)
            if killed_after is None:
                book.end(replace(info, ended_at=ended_at))
        os.utime(book.folder / "requests.jsonl", (ended_at.timestamp(), ended_at.timestamp()))
        return ledger.load(self.folder, run_id)

    def store(self, event: dict[str, Any], **others: Any) -> None:
        self.dynamodb.put_item(TableName="results", Item=stored(event, **others))

    def set_aside(self, event: dict[str, Any], reason: str = "not-json") -> None:
        digest = hashlib.sha256(json.dumps(event).encode()).hexdigest()
        body = json.dumps({"reason": reason, "sha256": digest, "eventId": None})
        self.sqs.send_message(QueueUrl=self.places.rejected_queue_url, MessageBody=body)

    def put(self, events: Sequence[dict[str, Any]]) -> list[str]:
        """Into a stream of one shard: the sequence numbers."""
        self.kinesis.create_stream(StreamName="analytics", ShardCount=1)
        return [
            self.kinesis.put_record(StreamName="analytics", Data=json.dumps(event).encode(), PartitionKey="k")[
                "SequenceNumber"
            ]
            for event in events
        ]

    def dead_letter(self, first: str, last: str, records: int, arrived_at: str = "2026-11-23T16:11:55Z") -> None:
        body = letter(first, last, records, arrived_at)
        self.sqs.send_message(QueueUrl=self.places.failures_queue_url, MessageBody=body)


def letter(first: str, last: str, records: int = 1, arrived_at: str = "2026-11-23T16:11:55Z") -> str:
    """Lambda's own message about a batch it gave up on."""
    return json.dumps(
        {
            "requestContext": {"condition": "RetryAttemptsExhausted"},
            "KinesisBatchInfo": {
                "shardId": "shardId-000000000000",
                "startSequenceNumber": first,
                "endSequenceNumber": last,
                "approximateArrivalOfFirstRecord": arrived_at,
                "approximateArrivalOfLastRecord": arrived_at,
                "batchSize": records,
                "streamArn": "arn:aws:kinesis:eu-west-1:123456789012:stream/analytics",
            },
        }
    )


def account(pipeline: Pipeline, *runs: ledger.Run, time: Time | None = None, **options: Any) -> Reconciliation:
    """The reconciliation of the runs, on a pipeline that may take 30 seconds with an event."""
    time = time or Time()
    options = {"timeout_seconds": 10, "settle_seconds": 30, "now": time.date, **options}
    return reconcile(runs, pipeline.aws, pipeline.places, clock=time.clock, sleep=time.sleep, **options)


COUNTS = [field.name for field in fields(Reconciliation) if field.type == "int"]


def counts(result: Reconciliation) -> dict[str, int]:
    """Those that are not zero."""
    return {name: getattr(result, name) for name in COUNTS if getattr(result, name)}


def without_waiting(sqs: Any) -> None:
    """moto sleeps as long as it is asked to listen."""
    sqs.meta.events.register(
        "provide-client-params.sqs.ReceiveMessage", lambda params, **_: params | {"WaitTimeSeconds": 0}
    )


@pytest.fixture
def aws() -> Iterator[Aws]:
    with mock_aws():
        made = Aws(region="eu-west-1", credentials=("key", "secret"))
        refuse_cbor(made)
        yield made


@pytest.fixture
def pipeline(aws: Aws, tmp_path: Path) -> Pipeline:
    return Pipeline(aws, tmp_path)

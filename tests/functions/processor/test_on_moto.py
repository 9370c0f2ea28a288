"""The processor, its requests answered by moto's DynamoDB and SQS."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from boto3.dynamodb.types import TypeDeserializer
from moto import mock_aws

from streamctl.functions.aws.service import JsonService
from streamctl.functions.processor.handler import Processor
from streamctl.functions.processor.rejected import RejectedQueue
from streamctl.functions.processor.table import BatchWriter

from ..awkward_payloads import AWKWARD, STORED
from ..aws.through_botocore import ThroughBotocore
from .lambda_events import STARTED_AT, Invocation, batch, event, sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = "analytics-results-a1b2c3"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        boto3.client("dynamodb").create_table(
            TableName=TABLE,
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
        boto3.client("sqs").create_queue(QueueName="rejected")
        yield


def run(*payloads: bytes, table: str = TABLE, queue: str = "rejected") -> dict[str, Any]:
    url = boto3.client("sqs").get_queue_url(QueueName="rejected")["QueueUrl"].replace("rejected", queue)
    invocation = Invocation()
    with ThreadPoolExecutor(4) as pool:
        processor = Processor(
            BatchWriter(JsonService("dynamodb", network=ThroughBotocore("dynamodb")), table, pool),
            RejectedQueue(JsonService("sqs", network=ThroughBotocore("sqs")), url, pool),
            clock=lambda: STARTED_AT,
            sleep=invocation.sleep,
            log=lambda line: None,
        )
        return processor.handle(batch(*payloads), invocation)


def rows() -> list[dict[str, Any]]:
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
    return [TypeDeserializer().deserialize({"M": item}) for page in pages for item in page["Items"]]


def messages() -> list[dict[str, Any]]:
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="rejected")["QueueUrl"]
    found: list[dict[str, Any]] = []
    while batch := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"]) for message in batch]
    return found


@pytest.mark.usefixtures("aws")
def test_awkward_payloads_are_in_the_table_or_in_the_queue():
    assert run(*(awkward.payload for awkward in AWKWARD)) == {"batchItemFailures": []}

    stored = [awkward.payload for awkward in AWKWARD if awkward.outcome == STORED]
    aside = {
        sequence(position): awkward.outcome for position, awkward in enumerate(AWKWARD) if awkward.outcome != STORED
    }
    assert sorted(row["rawData"].encode() for row in rows()) == sorted(stored)
    assert {message["sequenceNumber"]: message["reason"] for message in messages()} == aside


@pytest.mark.usefixtures("aws")
def test_numbers_in_the_table_are_exact():
    run(event(eventId="a", eventType="purchase", amount=10.99), event(eventId="b", eventType="page_view", loadTime=0.1))

    metrics = {row["eventId"]: row["metrics"] for row in rows()}
    assert metrics["a"]["amount"] == Decimal("10.99")
    assert metrics["b"]["load_time"] == Decimal("0.1")


@pytest.mark.usefixtures("aws")
def test_redelivery_leaves_the_same_rows():
    payloads = [event(eventId=f"e{number}", amount=number / 10) for number in range(60)] + [b"{}"]

    run(*payloads)
    first = rows()
    run(*payloads)

    assert sorted(map(str, rows())) == sorted(map(str, first))
    assert len(first) == 61


@pytest.mark.usefixtures("aws")
def test_a_missing_table_delivers_everything_again():
    answer = run(b"bad", event(eventId="a"), event(eventId="b"), table="elsewhere")

    assert answer == {"batchItemFailures": [{"itemIdentifier": sequence(1)}]}


@pytest.mark.usefixtures("aws")
def test_a_missing_queue_delivers_the_bad_record_again():
    answer = run(event(eventId="a"), b"bad", event(eventId="b"), queue="elsewhere")

    assert answer == {"batchItemFailures": [{"itemIdentifier": sequence(1)}]}
    assert {row["eventId"] for row in rows()} == {"a", "b"}

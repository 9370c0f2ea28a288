from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from streamctl.emulator.driver.delivery import Condition, Discarded
from streamctl.emulator.driver.destinations import document, object_key
from streamctl.emulator.driver.mapping import Mapping, from_record
from streamctl.emulator.driver.records import Record
from streamctl.emulator.driver.responses import Answer

NOW = datetime(2026, 11, 23, 16, 5, 9, 21_000, tzinfo=UTC)
SHARD = "shardId-000000000001"
BATCH = [Record("49", "key", 1_700_000_000.835, "{}"), Record("51", "key", 1_700_000_001.5, "{}")]


TABLE_STREAM = "arn:aws:dynamodb:eu-west-1:000000000000:table/t/stream/2026-11-23T16:00:00.000"


def mapping_of(source_arn: str) -> Mapping:
    record = {
        "UUID": "1111",
        "EventSourceArn": source_arn,
        "FunctionArn": "arn:aws:lambda:eu-west-1:000000000000:function:f",
        "StartingPosition": "TRIM_HORIZON",
        "BatchSize": 100,
        "MaximumBatchingWindowInSeconds": 0,
    }
    return from_record("000000000000", "eu-west-1", record, "arn:aws:iam::000000000000:role/r")


@pytest.fixture
def mapping() -> Mapping:
    return mapping_of("arn:aws:kinesis:eu-west-1:000000000000:stream/s")


def test_the_document_about_changes_in_a_table_is_the_one_lambda_documents() -> None:
    told = document(mapping_of(TABLE_STREAM), SHARD, Discarded(BATCH, Condition.AGE, 0, None), NOW)
    assert "KinesisBatchInfo" not in told
    assert told["timestamp"] == "2026-11-23T16:05:09.021Z"
    assert told["DDBStreamBatchInfo"] == {
        "shardId": SHARD,
        "startSequenceNumber": "49",
        "endSequenceNumber": "51",
        "approximateArrivalOfFirstRecord": "2023-11-14T22:13:20Z",
        "approximateArrivalOfLastRecord": "2023-11-14T22:13:21Z",
        "batchSize": 2,
        "streamArn": TABLE_STREAM,
    }


def test_the_document_is_the_one_lambda_documents(mapping: Mapping) -> None:
    answer = Answer(request_id="c9b8", function_error="Unhandled")
    assert document(mapping, SHARD, Discarded(BATCH, Condition.RETRIES, 3, answer), NOW) == {
        "requestContext": {
            "requestId": "c9b8",
            "functionArn": "arn:aws:lambda:eu-west-1:000000000000:function:f",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 3,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": "2026-11-23T16:05:09.021Z",
        "KinesisBatchInfo": {
            "shardId": SHARD,
            "startSequenceNumber": "49",
            "endSequenceNumber": "51",
            "approximateArrivalOfFirstRecord": "2023-11-14T22:13:20.835Z",
            "approximateArrivalOfLastRecord": "2023-11-14T22:13:21.500Z",
            "batchSize": 2,
            "streamArn": "arn:aws:kinesis:eu-west-1:000000000000:stream/s",
        },
    }


def test_records_that_never_reached_the_function_have_no_response(mapping: Mapping) -> None:
    assert "responseContext" not in document(mapping, SHARD, Discarded(BATCH, Condition.AGE, 0, None), NOW)


def test_the_key_of_an_object_is_the_one_lambda_documents(mapping: Mapping) -> None:
    assert re.fullmatch(
        r"aws/lambda/1111/shardId-000000000001/2026/11/23/2026-11-23T16\.05\.09-[0-9a-f-]{36}",
        object_key(mapping, SHARD, NOW),
    )

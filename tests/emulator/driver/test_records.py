from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from streamctl.emulator.driver.records import Source, from_kinesis, from_table, payload

SOURCE = Source("arn:stream", "shardId-000000000003", "eu-west-1", "arn:role")


def test_the_event_has_exactly_lambdas_shape() -> None:
    record = from_kinesis(
        SOURCE,
        {
            "SequenceNumber": "4957",
            "PartitionKey": "schlüssel",
            "Data": b"Hello, this is a test.",
            "ApproximateArrivalTimestamp": datetime.fromtimestamp(1_545_084_650.987, UTC),
        },
    )
    assert json.loads(payload([record, record]))["Records"] == 2 * [
        {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": "schlüssel",
                "sequenceNumber": "4957",
                "data": "SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==",
                "approximateArrivalTimestamp": 1545084650.987,
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": "shardId-000000000003:4957",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": "arn:role",
            "awsRegion": "eu-west-1",
            "eventSourceARN": "arn:stream",
        }
    ]


def change(**more: Any) -> dict[str, Any]:
    """As boto3 gives it."""
    return {
        "eventID": "f07f",
        "eventName": "REMOVE",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            "ApproximateCreationDateTime": datetime.fromtimestamp(1_480_642_020, UTC),
            "Keys": {"id": {"B": b"\x00\x01"}, "at": {"N": "3"}},
            "OldImage": {"id": {"B": b"\x00\x01"}, "at": {"N": "3"}, "parts": {"BS": [b"a", b"b"]}},
            "SequenceNumber": "4421584500000000017450439091",
            "SizeBytes": 26,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        **more,
    }


def test_a_change_in_a_table_has_exactly_lambdas_shape() -> None:
    identity = {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
    record = from_table(SOURCE, change(userIdentity=identity))
    assert record.arrived_at == 1_480_642_020
    assert record.sequence_number == "4421584500000000017450439091"
    assert json.loads(record.event) == {
        "eventID": "f07f",
        "eventName": "REMOVE",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1480642020,
            "Keys": {"id": {"B": "AAE="}, "at": {"N": "3"}},
            "OldImage": {"id": {"B": "AAE="}, "at": {"N": "3"}, "parts": {"BS": ["YQ==", "Yg=="]}},
            "SequenceNumber": "4421584500000000017450439091",
            "SizeBytes": 26,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"},
        "eventSourceARN": "arn:stream",
    }


def test_a_change_that_somebody_made_names_nobody() -> None:
    assert "userIdentity" not in json.loads(from_table(SOURCE, change()).event)


def test_the_changes_of_one_item_keep_their_order() -> None:
    first, second = change(), change()
    second["dynamodb"]["Keys"] = dict(reversed(second["dynamodb"]["Keys"].items()))
    assert from_table(SOURCE, first).partition_key == from_table(SOURCE, second).partition_key


def test_the_size_is_what_a_record_takes_of_the_payload() -> None:
    answer = {
        "SequenceNumber": "1",
        "PartitionKey": "k",
        "Data": b"x" * 300,
        "ApproximateArrivalTimestamp": datetime.fromtimestamp(0, UTC),
    }
    record = from_kinesis(SOURCE, answer)
    assert len(payload([record] * 10)) - len(payload([record] * 9)) == record.size

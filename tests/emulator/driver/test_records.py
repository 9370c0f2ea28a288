from __future__ import annotations

import json
from datetime import UTC, datetime

from streamctl.emulator.driver.records import Source, from_kinesis, payload

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


def test_the_size_is_what_a_record_takes_of_the_payload() -> None:
    answer = {
        "SequenceNumber": "1",
        "PartitionKey": "k",
        "Data": b"x" * 300,
        "ApproximateArrivalTimestamp": datetime.fromtimestamp(0, UTC),
    }
    record = from_kinesis(SOURCE, answer)
    assert len(payload([record] * 10)) - len(payload([record] * 9)) == record.size

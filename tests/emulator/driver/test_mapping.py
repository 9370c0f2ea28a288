from __future__ import annotations

from typing import Any

import pytest

from streamctl.emulator.driver.mapping import Mapping, from_record

RECORD = {
    "UUID": "1111",
    "EventSourceArn": "arn:aws:kinesis:eu-west-1:000000000000:stream/s",
    "FunctionArn": "arn:aws:lambda:eu-west-1:000000000000:function:f",
    "StartingPosition": "LATEST",
    "CreatedAt": 1_700_000_000.25,
    "LastModified": 1_800_000_000,
    "BatchSize": 100,
    "MaximumBatchingWindowInSeconds": 5,
}


def mapping(**changes: Any) -> Mapping:
    return from_record("000000000000", "eu-west-1", RECORD | changes, "arn:aws:iam::000000000000:role/r")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"StartingPosition": "LATEST"}, 1_700_000_000.25),
        ({"StartingPosition": "TRIM_HORIZON"}, None),
        ({"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": 1_600_000_000}, 1_600_000_000.0),
    ],
)
def test_where_reading_starts(settings: dict[str, Any], expected: float | None) -> None:
    assert mapping(**settings).starting_at == expected


def test_what_was_not_said_is_what_aws_takes() -> None:
    made = mapping()
    assert made.lanes == 1
    assert made.destination_arn is None
    assert (made.policy.bisect, made.policy.partial, made.policy.maximum_retries) == (False, False, -1)
    assert made.policy.maximum_age_seconds == float("inf")


def test_every_setting_is_taken_over() -> None:
    made = mapping(
        ParallelizationFactor=4,
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=3,
        MaximumRecordAgeInSeconds=120,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        DestinationConfig={"OnFailure": {"Destination": "arn:aws:sqs:eu-west-1:000000000000:q"}},
    )
    assert (made.lanes, made.destination_arn) == (4, "arn:aws:sqs:eu-west-1:000000000000:q")
    assert (made.policy.bisect, made.policy.partial, made.policy.maximum_retries) == (True, True, 3)
    assert made.policy.maximum_age_seconds == 120


def test_an_empty_destination_is_none() -> None:
    assert mapping(DestinationConfig={"OnFailure": {"Destination": ""}}).destination_arn is None


@pytest.mark.parametrize(("age", "expected"), [(-1, 86_400), (120, 120), (604_800, 86_400)])
def test_no_record_is_retried_for_longer_than_the_stream_keeps_it(age: int, expected: float) -> None:
    record = RECORD | {"MaximumRecordAgeInSeconds": age}
    made = from_record("000000000000", "eu-west-1", record, "role", retention_seconds=86_400)
    assert made.policy.maximum_age_seconds == expected


def test_a_changed_setting_makes_another_mapping() -> None:
    assert mapping() == mapping()
    assert mapping() != mapping(BatchSize=10)
    assert mapping() != mapping(FilterCriteria={"Filters": [{"Pattern": "{}"}]})

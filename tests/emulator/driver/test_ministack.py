# ruff: noqa: SLF001 - MiniStack's own state, in this process, is what is looked at
from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from ministack.core.responses import request_scope
from ministack.services import kinesis, lambda_svc

from streamctl.emulator.driver.ministack import enabled_mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION = "eu-west-1"
STREAM = "arn:aws:kinesis:eu-west-1:{account}:stream/s"


@pytest.fixture
def account() -> Iterator[str]:
    """An account of this process's own MiniStack, with a stream and a function in it."""
    number = str(uuid.uuid4().int)[:12]
    with request_scope(number, REGION):
        kinesis._streams["s"] = {"RetentionPeriodHours": 24}
        lambda_svc._functions["f"] = {"config": {"Role": "arn:aws:iam::0:role/r", "FunctionName": "f"}, "versions": {}}
        yield number
        for store in (kinesis._streams, lambda_svc._functions, lambda_svc._esms):
            for key in list(store):
                del store[key]


def add(account: str, mapping: str, **changes: Any) -> dict[str, Any]:
    record = {
        "UUID": mapping,
        "EventSourceArn": STREAM.format(account=account),
        "FunctionArn": f"arn:aws:lambda:{REGION}:{account}:function:f",
        "FunctionName": "f",
        "StartingPosition": "TRIM_HORIZON",
        "BatchSize": 100,
        "MaximumBatchingWindowInSeconds": 0,
    } | changes
    lambda_svc._esms[mapping] = record
    return record


@pytest.mark.parametrize(
    "changes",
    [
        {"StartingPosition": "AT_TIMESTAMP"},
        {"MaximumRecordAgeInSeconds": "soon"},
        {"FilterCriteria": {"Filters": [{"Pattern": "[]"}]}},
        {"DestinationConfig": "nowhere"},
        {"EventSourceArn": "a:kinesis:stream"},
    ],
)
def test_a_mapping_that_cannot_be_read_stops_no_other(account: str, changes: dict[str, Any]) -> None:
    bad = add(account, "bad", **changes)
    add(account, "good")
    assert enabled_mappings().keys() == {"good"}
    assert bad["LastProcessingResult"].startswith("PROBLEM: The mapping cannot be read: ")


def test_a_mapping_that_cannot_be_read_is_logged_once(account: str, caplog: pytest.LogCaptureFixture) -> None:
    add(account, "bad", StartingPosition="AT_TIMESTAMP")
    for _ in range(3):
        enabled_mappings()
    assert [each.getMessage() for each in caplog.records] == ["Mapping bad cannot be read"]


@pytest.mark.parametrize(("age", "expected"), [(-1, 86_400), (120, 120)])
def test_a_change_in_a_table_is_retried_for_a_day_at_most(account: str, age: int, expected: float) -> None:
    source = f"arn:aws:dynamodb:{REGION}:{account}:table/t/stream/2026-11-25T10:00:00.000"
    add(account, "m", EventSourceArn=source, MaximumRecordAgeInSeconds=age)
    assert enabled_mappings()["m"].policy.maximum_age_seconds == expected


def test_a_mapping_of_a_queue_is_not_ours_to_run(account: str) -> None:
    add(account, "m", EventSourceArn=f"arn:aws:sqs:{REGION}:{account}:q")
    assert enabled_mappings() == {}


def test_a_disabled_mapping_is_not_run(account: str) -> None:
    add(account, "off", Enabled=False)
    assert enabled_mappings() == {}


def test_another_retention_of_the_stream_makes_another_mapping(account: str) -> None:
    add(account, "m")
    before = enabled_mappings()["m"]
    kinesis._streams["s"]["RetentionPeriodHours"] = 48
    after = enabled_mappings()["m"]
    assert (before.policy.maximum_age_seconds, after.policy.maximum_age_seconds) == (24 * 3600, 48 * 3600)
    assert before != after

"""The recipe's looks, on moto."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from streamctl.errors import AwsError
from streamctl.verify.checks import recipe_checks
from tests.verify.conftest import purchase

if TYPE_CHECKING:
    from streamctl.aws import Aws
    from streamctl.pipeline.checks import Check
    from tests.verify.conftest import Pipeline

NOW = datetime.now(UTC)
GROUP = "/aws/lambda/processor"
LONG_AGO, AN_HOUR_AGO, JUST_NOW = (NOW - timedelta(minutes=minutes) for minutes in (300, 30, 1))


def look(aws: Aws, sent_at: datetime | None = AN_HOUR_AGO, **others: Any) -> dict[str, Check]:
    checks = recipe_checks(aws, function="processor", table="results", sent_at=sent_at, now=NOW, **others)
    return {check.name: check for check in checks}


def log(aws: Aws, *messages: str, at: datetime = NOW) -> None:
    logs = aws.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    if not messages:
        return
    logs.create_log_stream(logGroupName=GROUP, logStreamName="s")
    milliseconds = int(at.timestamp() * 1000)
    events = [{"timestamp": milliseconds, "message": message} for message in messages]
    logs.put_log_events(logGroupName=GROUP, logStreamName="s", logEvents=events)


def metric(aws: Aws, namespace: str, name: str, value: float, **dimensions: str) -> None:
    data: dict[str, Any] = {"MetricName": name, "Value": value, "Timestamp": NOW - timedelta(minutes=10)}
    data["Dimensions"] = [{"Name": key, "Value": each} for key, each in dimensions.items()]
    aws.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=[data])


def test_the_processors_lines_are_added_up(pipeline: Pipeline) -> None:
    log(
        pipeline.aws,
        "START RequestId: 1",
        "processed records=10 stored=9 rejected=1 retried=0 duration_ms=4\n",
        "processed records=20 stored=20 rejected=0 retried=0 duration_ms=4\n",
        "something else about records=7",
    )

    check = look(pipeline.aws)["processor log lines"]

    assert check.passed
    assert check.detail == "30 records in the last hour, 29 stored, 1 set aside."
    assert len(check.evidence) == 2


def test_a_log_without_lines_of_the_processor_fails(pipeline: Pipeline) -> None:
    log(pipeline.aws, "START RequestId: 1")

    assert look(pipeline.aws)["processor log lines"].passed is False


def test_a_missing_log_group_fails_and_says_what_to_do(pipeline: Pipeline) -> None:
    check = look(pipeline.aws)["processor log lines"]

    assert (check.passed, check.hint) == (False, "Run: streamctl up")


def test_the_first_five_items_are_shown(pipeline: Pipeline) -> None:
    log(pipeline.aws)
    for number in range(7):
        pipeline.store(purchase(number))

    check = look(pipeline.aws)["items in the table"]

    assert check.passed
    assert check.detail == "The first 5 found."
    assert len(check.evidence) == 5
    assert check.evidence[0].endswith("purchase  user_1234")


def test_items_of_a_type_are_found_behind_many_others(pipeline: Pipeline) -> None:
    log(pipeline.aws)
    for number in range(60):
        pipeline.store(purchase(number), padding={"S": "x" * 100_000})
    pipeline.store(purchase(99), eventType={"S": "click"})

    checks = look(pipeline.aws, event_types=["click", "purchase", "page_view"])

    assert checks["items of type click"].detail == "1 found."
    assert checks["items of type purchase"].detail == "The first 3 found."
    assert checks["items of type page_view"].passed is False
    assert checks["items of type page_view"].detail == "None among 61 items."


def test_a_type_nobody_asked_for_may_be_absent(pipeline: Pipeline) -> None:
    """Every event of it may have been set aside."""
    log(pipeline.aws)
    pipeline.store(purchase(0))

    checks = look(pipeline.aws, likely_event_types=["click", "purchase"])

    assert (checks["items of type click"].passed, checks["items of type click"].detail) == (None, "None among 1 item.")
    assert checks["items of type purchase"].passed


def test_one_of_a_kind_is_singular(pipeline: Pipeline) -> None:
    log(pipeline.aws, "processed records=1 stored=1 rejected=0 retried=0 duration_ms=4\n")
    metric(pipeline.aws, "RealTimeAnalytics", "EventsProcessed", 1)
    metric(pipeline.aws, "AWS/Lambda", "Invocations", 1, FunctionName="processor")

    details = {name: check.detail for name, check in look(pipeline.aws).items()}

    assert details["processor log lines"].startswith("1 record in the last hour")
    assert details["EventsProcessed"] == "1 event in the last hour."
    assert details["Invocations"] == "1 invocation in the last hour."


def test_a_large_table_is_not_read_to_its_end_for_one_look(pipeline: Pipeline) -> None:
    log(pipeline.aws)

    class Endless:
        def client(self, service: str) -> Any:
            return self if service == "dynamodb" else pipeline.aws.client(service)

        def scan(self, **arguments: Any) -> Any:
            return {"Items": [], "ScannedCount": 1000, "LastEvaluatedKey": {"eventId": {"S": "x"}}}

    check = look(cast("Any", Endless()))["items in the table"]

    assert check.passed is None
    assert "the first 50,000 items" in check.detail


def test_metrics_are_summed_over_the_last_hour(pipeline: Pipeline) -> None:
    log(pipeline.aws)
    metric(pipeline.aws, "RealTimeAnalytics", "EventsProcessed", 30)
    metric(pipeline.aws, "AWS/Lambda", "Invocations", 4, FunctionName="processor")
    metric(pipeline.aws, "AWS/Lambda", "Invocations", 900, FunctionName="another")

    checks = look(pipeline.aws)

    assert checks["EventsProcessed"].passed
    assert checks["EventsProcessed"].detail == "30 events in the last hour."
    assert checks["Invocations"].detail == "4 invocations in the last hour."
    assert checks["Invocations"].evidence[0].endswith("UTC  4")


@pytest.mark.parametrize(
    ("sent_at", "passed"), [(AN_HOUR_AGO, False), (JUST_NOW, None), (LONG_AGO, None), (None, None)]
)
def test_finding_nothing_fails_only_where_there_should_be_something(
    pipeline: Pipeline, sent_at: datetime | None, passed: bool | None
) -> None:
    log(pipeline.aws)

    checks = look(pipeline.aws, sent_at=sent_at)

    assert {check.passed for check in checks.values()} == {passed}
    assert all(check.hint for check in checks.values())


def test_there_need_be_no_items_where_every_event_was_set_aside(pipeline: Pipeline) -> None:
    log(pipeline.aws)

    checks = look(pipeline.aws, none_stored=True, event_types=["click"])

    seen = {name: check.passed for name, check in checks.items()}
    assert (seen["items in the table"], seen["EventsProcessed"]) == (None, None)
    assert checks["items in the table"].detail == "None: all was set aside, or has expired."
    assert seen["items of type click"] is seen["Invocations"] is False


def test_a_missing_table_is_a_clear_error(aws: Aws) -> None:
    log(aws)

    with pytest.raises(AwsError, match="Could not read the table results"):
        look(aws)

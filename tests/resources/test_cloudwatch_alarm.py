from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.engine.resource import OWNER_TAG
from streamctl.resources.cloudwatch_alarm import CloudwatchAlarm

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamctl.aws import Aws

ALARM = CloudwatchAlarm(
    id="alarm",
    name="errors",
    namespace="AWS/Lambda",
    metric="Errors",
    dimensions={"FunctionName": "processor"},
    threshold=1,
    tags={OWNER_TAG: "a1b2c3"},
)


@pytest.mark.parametrize(
    ("statistic", "parameter"), [("Sum", "Statistic"), ("Maximum", "Statistic"), ("p99", "ExtendedStatistic")]
)
def test_a_percentile_is_an_extended_statistic(statistic: str, parameter: str, fake: Callable[..., Any]) -> None:
    aws = fake({})
    replace(ALARM, statistic=statistic).create(aws)
    sent = aws.sent("put_metric_alarm")
    assert {name: value for name, value in sent.items() if "Statistic" in name} == {parameter: statistic}


def test_a_threshold_given_as_a_whole_number_is_kept(aws: Aws) -> None:
    ALARM.create(aws)
    live = ALARM.read(aws)
    assert live
    assert not ALARM.differing(live)


def test_missing_data_is_no_alarm(aws: Aws) -> None:
    ALARM.create(aws)
    (found,) = aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert found["TreatMissingData"] == "notBreaching"


def test_the_state_is_the_alarms_own(aws: Aws) -> None:
    ALARM.create(aws)
    aws.client("cloudwatch").set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="for the test")
    live = ALARM.read(aws)
    assert live
    assert (live.state, live.ready) == ("ALARM", True)


def test_an_update_sets_tags_by_a_call_of_their_own(fake: Callable[..., Any]) -> None:
    found = {
        "AlarmName": "errors",
        "AlarmArn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:errors",
        "StateValue": "OK",
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    }
    aws = fake({"describe_alarms": {"MetricAlarms": [found]}, "list_tags_for_resource": {"Tags": []}})
    live = ALARM.read(aws)
    assert live
    ALARM.update(aws, live)
    assert aws.sent("tag_resource")["Tags"] == [{"Key": OWNER_TAG, "Value": "a1b2c3"}]
    assert "Tags" not in aws.sent("put_metric_alarm")


def test_where_nothing_else_is_said_every_period_must_be_over_the_threshold(aws: Aws) -> None:
    aws.client("cloudwatch").put_metric_alarm(
        AlarmName="errors",
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=3,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    live = ALARM.read(aws)
    assert live
    assert live.settings["datapoints_to_alarm"] == 3


def test_an_alarm_on_a_formula_differs_and_is_no_error(aws: Aws) -> None:
    query = {"MetricStat": {"Metric": {"Namespace": "A", "MetricName": "m"}, "Period": 60, "Stat": "Sum"}}
    aws.client("cloudwatch").put_metric_alarm(
        AlarmName="errors",
        Metrics=[{"Id": "m", **query, "ReturnData": False}, {"Id": "e", "Expression": "FILL(m, 0)"}],
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    live = ALARM.read(aws)
    assert live
    assert ALARM.differing(live)["metric"] == ("", "Errors")


def test_many_alarms_are_looked_at_with_two_calls(fake: Callable[..., Any]) -> None:
    arn = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:"
    found = [
        {"AlarmName": name, "AlarmArn": arn + name, "StateValue": "OK", "ComparisonOperator": "GreaterThanThreshold"}
        for name in ("second", "first")
    ]
    tagged = [{"ResourceARN": f"{arn}first", "Tags": [{"Key": OWNER_TAG, "Value": "a1b2c3"}]}]
    aws = fake({"describe_alarms": {"MetricAlarms": found}, "get_resources": {"ResourceTagMappingList": tagged}})

    wanted = [replace(ALARM, name=name) for name in ("first", "absent", "second")]
    first, absent, second = CloudwatchAlarm.read_many(aws, wanted)

    assert aws.operations == ["describe_alarms", "get_resources"]
    assert first
    assert second
    assert (first.tags, absent, second.tags) == ({OWNER_TAG: "a1b2c3"}, None, {})

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from streamctl.config import Config
from streamctl.errors import PluginError
from streamctl.features.alarms import Alarms, AlarmSettings
from streamctl.pipeline.names import METRIC_NAMESPACE, Names
from streamctl.pipeline.recipe import recipe
from streamctl.resources.cloudwatch_alarm import CloudwatchAlarm
from streamctl.resources.published_metrics import PUBLISHED, unpublished

if TYPE_CHECKING:
    from pathlib import Path

    from streamctl.pipeline.builder import Pipeline


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    made = recipe(Config(), Names("demo01"), tmp_path)
    Alarms().apply(made, AlarmSettings(email=["a@example.com"]))
    return made


ALARM = CloudwatchAlarm(
    id="own",
    name="own-demo01",
    namespace="AWS/DynamoDB",
    metric="WriteThrottleEvents",
    dimensions={"TableName": "t"},
    threshold=1,
)


@pytest.mark.parametrize(
    ("namespace", "metric", "dimensions", "wrong"),
    [
        ("AWS/DynamoDB", "ThrottledRequests", ["TableName"], "is never published with TableName"),
        ("AWS/DynamoDB", "UserErrors", ["TableName"], "is never published with TableName"),
        ("AWS/Lambda", "DroppedEventCount", ["FunctionName"], "is never published with FunctionName"),
        ("AWS/Kinesis", "IteratorAgeMilliseconds", ["StreamName"], "is never published with StreamName"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", [], "is never published without dimensions"),
        ("AWS/Lambda", "Eror", ["FunctionName"], "has no metric Eror"),
        ("RealTimeAnalytics", "EventsProcessed", ["EventType"], "is never published with EventType"),
    ],
)
def test_what_nobody_publishes_is_known(namespace: str, metric: str, dimensions: list[str], wrong: str) -> None:
    objection = unpublished(namespace, metric, dimensions)

    assert objection
    assert wrong in objection[0]


@pytest.mark.parametrize(
    ("namespace", "metric", "dimensions"),
    [
        ("AWS/DynamoDB", "ThrottledRequests", ["Operation", "TableName"]),
        ("AWS/DynamoDB", "UserErrors", []),
        ("AWS/Lambda", "DroppedEventCount", ["EventSourceMappingUUID"]),
        ("AWS/Kinesis", "IncomingRecords", ["ShardId", "StreamName"]),
        ("AWS/SNS", "NumberOfNotificationsFailed", ["TopicName"]),
        ("RealTimeAnalytics", "EventsProcessed", []),
        ("Shop/Orders", "Anything", ["Whatever"]),
    ],
)
def test_what_is_published_is_let_through(namespace: str, metric: str, dimensions: list[str]) -> None:
    assert unpublished(namespace, metric, dimensions) is None


def test_the_pipelines_own_namespace_is_in_the_table() -> None:
    assert METRIC_NAMESPACE in PUBLISHED


def test_every_series_that_is_shown_is_one_that_is_published(pipeline: Pipeline) -> None:
    assert [each for each in pipeline.series if unpublished(each.namespace, each.metric, each.dimensions)] == []


def test_the_blueprint_with_all_its_alarms_stands(pipeline: Pipeline) -> None:
    alarms = [each for each in pipeline.graph().resources.values() if isinstance(each, CloudwatchAlarm)]

    assert len(alarms) == 10
    assert all("${alarms_topic.arn}" in alarm.actions for alarm in alarms)


def test_an_alarm_that_could_never_fire_is_refused_with_what_would_be_right(pipeline: Pipeline) -> None:
    pipeline.add(replace(ALARM, metric="ThrottledRequests"))

    with pytest.raises(PluginError) as refusal:
        pipeline.graph()

    assert refusal.value.message == (
        "The alarm own-demo01 could never fire: AWS/DynamoDB ThrottledRequests is never published with TableName."
    )
    assert "with Operation and TableName" in (refusal.value.hint or "")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"period_seconds": 90}, "a period of 90 s"),
        ({"period_seconds": 10}, "a period of 10 s"),
        ({"period_seconds": 0}, "a period of 0 s"),
        ({"evaluation_periods": 2, "datapoints_to_alarm": 3}, "3 of 2 periods"),
        ({"period_seconds": 300, "evaluation_periods": 289}, "over a day"),
        ({"statistic": "Median"}, "no statistic Median"),
        ({"actions": tuple("abcdef")}, "more than 5 actions"),
    ],
)
def test_figures_that_make_no_sense_are_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(PluginError, match=said):
        replace(ALARM, **fields).check()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fields",
    [
        {"period_seconds": 3600, "evaluation_periods": 168},
        {"statistic": "p99.9"},
        {"statistic": "tm90"},
        {"statistic": "TM(10%:90%)"},
        {"namespace": "Shop/Orders", "period_seconds": 10},
    ],
)
def test_figures_that_cloudwatch_takes_pass(fields: dict[str, object]) -> None:
    replace(ALARM, **fields).check()  # type: ignore[arg-type]

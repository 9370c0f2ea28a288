"""The alarms of a pipeline as CloudWatch holds them: state, reason, what each watches and whom it tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from streamctl.aws.failures import explained, or_none
from streamctl.observe.metrics import Span, read
from streamctl.observe.status import ABSENT
from streamctl.pipeline.builder import Series
from streamctl.resources.published_metrics import unpublished

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from streamctl.aws import Aws
    from streamctl.resources.cloudwatch_alarm import CloudwatchAlarm

PERMISSIONS = {
    "arn:${aws.partition}:cloudwatch:${aws.region}:${aws.account}:alarm:*": ("cloudwatch:DescribeAlarms",),
    "sns_topic": ("sns:ListSubscriptionsByTopic",),
}
NAMES_PER_CALL = 100  # DescribeAlarms' limit
DATA_SINCE = timedelta(days=1)
DATA_PERIOD_SECONDS = 3600
SIGNS = {
    "GreaterThanOrEqualToThreshold": "≥",
    "GreaterThanThreshold": ">",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "≤",
}


@dataclass(frozen=True)
class AlarmStatus:
    """One alarm. `state` is CloudWatch's own word, or `absent`."""

    id: str
    name: str
    state: str
    since: datetime | None
    reason: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    condition: str
    """`Maximum ≥ 60,000 in 300 s`."""
    actions: tuple[str, ...]
    """ARNs of those who are told when it fires."""
    actions_enabled: bool
    objection: str
    """Why it can never fire, or nothing."""
    has_data: bool
    """CloudWatch had a value of what it watches within the last day."""


@dataclass(frozen=True)
class Subscriber:
    """Somebody who is told what a topic is told; a mail address only once it is `confirmed` by the person."""

    protocol: str
    endpoint: str
    confirmed: bool


def alarms(aws: Aws, wanted: Sequence[CloudwatchAlarm]) -> list[AlarmStatus]:
    """Look at every alarm, in the order asked for."""
    with explained("look at the alarms"):
        found = {each["AlarmName"]: each for each in _described(aws, [alarm.name for alarm in wanted])}
    on_metrics = [each for each in found.values() if each.get("MetricName")]  # and not on a formula
    series = [Series(each["AlarmName"], *_watched(each), _statistic(each)) for each in on_metrics]
    span = Span.until(datetime.now(UTC), DATA_SINCE, DATA_PERIOD_SECONDS)
    with_data = {reading.series.label for reading in read(aws, series, span) if reading.overall is not None}
    return [_status(alarm, found.get(alarm.name), has_data=alarm.name in with_data) for alarm in wanted]


def _described(aws: Aws, names: Sequence[str]) -> Iterator[Any]:
    for first in range(0, len(names), NAMES_PER_CALL):
        some = list(names[first : first + NAMES_PER_CALL])
        answer = aws.client("cloudwatch").describe_alarms(
            AlarmNames=some, AlarmTypes=["MetricAlarm"], MaxRecords=NAMES_PER_CALL
        )
        yield from answer["MetricAlarms"]


def subscribers(aws: Aws, topic_arn: str) -> list[Subscriber]:
    """Who gets what is published to a topic; nobody where it is not there."""
    with explained("list who is told"):
        pages = aws.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn)
        answer = or_none(pages.build_full_result) or {}
    return [
        Subscriber(each["Protocol"], each["Endpoint"], confirmed=each["SubscriptionArn"].startswith("arn:"))
        for each in answer.get("Subscriptions", ())
        if each["SubscriptionArn"] != "Deleted"
    ]


def _status(alarm: CloudwatchAlarm, found: Any | None, *, has_data: bool) -> AlarmStatus:
    if found is None:
        watched = (alarm.namespace, alarm.metric, alarm.dimensions)
        return AlarmStatus(alarm.id, alarm.name, ABSENT, None, "", *watched, "", (), False, "", has_data=False)
    namespace, metric, dimensions = _watched(found)
    objection = unpublished(namespace, metric, dimensions)
    return AlarmStatus(
        id=alarm.id,
        name=alarm.name,
        state=found["StateValue"],
        since=found.get("StateTransitionedTimestamp") or found.get("StateUpdatedTimestamp"),
        reason=found.get("StateReason", ""),
        namespace=namespace,
        metric=metric,
        dimensions=dimensions,
        condition=_condition(found),
        actions=tuple(found.get("AlarmActions", ())),
        actions_enabled=found.get("ActionsEnabled", True),
        objection=". ".join(objection) if objection else "",
        has_data=has_data,
    )


def _watched(found: Mapping[str, Any]) -> tuple[str, str, dict[str, str]]:
    dimensions = {each["Name"]: each["Value"] for each in found.get("Dimensions", ())}
    return found.get("Namespace", ""), found.get("MetricName", ""), dimensions


def _statistic(found: Mapping[str, Any]) -> str:
    return str(found.get("Statistic") or found.get("ExtendedStatistic", ""))


def _condition(found: Mapping[str, Any]) -> str:
    sign = SIGNS.get(found["ComparisonOperator"], found["ComparisonOperator"])
    return f"{_statistic(found)} {sign} {found.get('Threshold', 0):,.10g} in {found.get('Period', 0)} s"

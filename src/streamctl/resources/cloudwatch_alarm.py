"""A CloudWatch alarm on one metric."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from streamctl.aws.failures import or_none
from streamctl.engine.block import Block
from streamctl.engine.declaration import REF, Declaration
from streamctl.engine.resource import Live, Resource
from streamctl.errors import PluginError
from streamctl.resources.published_metrics import PUBLISHED, unpublished
from streamctl.resources.tags import from_pairs, to_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamctl.aws import Aws

_STATISTICS = frozenset({"SampleCount", "Average", "Sum", "Minimum", "Maximum"})
_EXTENDED = re.compile(r"iqm|(p|tm|tc|ts|wm)\d{1,2}(\.\d+)?|p100|(PR|TM|TC|TS|WM)\([\d.%:]+\)")
_HIGH_RESOLUTION_SECONDS = frozenset({10, 20, 30})
DAY_SECONDS = 86_400


@dataclass(frozen=True, kw_only=True)
class CloudwatchAlarm(Resource):
    """An alarm on the metric that was published with exactly these dimensions: CloudWatch adds up no others."""

    kind: ClassVar[str] = "cloudwatch_alarm"
    stage: ClassVar[Literal["provision", "deploy"]] = "deploy"
    attributes: ClassVar[frozenset[str]] = frozenset({"name", "arn"})
    arn_format: ClassVar[str] = "cloudwatch:${aws.region}:${aws.account}:alarm:{name}"
    cloudformation_attributes: ClassVar[dict[str, str]] = {"name": REF, "arn": "Arn"}
    terraform_attributes: ClassVar[dict[str, str]] = {"name": "alarm_name", "arn": "arn"}
    permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "read": ("cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource", "tag:GetResources"),
        "create": ("cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"),
        "update": ("cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"),
        "delete": ("cloudwatch:DeleteAlarms",),
    }
    unscoped: ClassVar[frozenset[str]] = frozenset({"tag:GetResources"})
    together: ClassVar[int] = 100  # the limit of DescribeAlarms, and of GetResources
    tagging: ClassVar[frozenset[str]] = frozenset({"cloudwatch:TagResource"})  # an update of the alarm sends no tags

    namespace: str
    metric: str
    threshold: float
    dimensions: Mapping[str, str] = field(default_factory=dict)
    statistic: str = "Sum"
    """SampleCount, Average, Sum, Minimum, Maximum, or a percentile such as p99."""
    period_seconds: int = 300
    """10, 20, 30 or a multiple of 60."""
    evaluation_periods: int = 1
    datapoints_to_alarm: int = 1
    """How many of the periods must be over the threshold."""
    comparison: str = "GreaterThanOrEqualToThreshold"
    treat_missing_data: Literal["breaching", "notBreaching", "ignore", "missing"] = "notBreaching"
    actions: tuple[str, ...] = ()
    """ARNs of those who are told when it fires, at most 5. Without one, the alarm only shows."""
    ok_actions: tuple[str, ...] = ()
    """ARNs of those who are told when it is over, at most 5."""
    description: str = ""

    def check(self) -> None:
        if objection := unpublished(self.namespace, self.metric, self.dimensions):
            what, right = objection
            raise PluginError(f"The alarm {self.name} could never fire: {what}.", right)
        if mistake := self._mistake():
            raise PluginError(f"CloudWatch would refuse or never evaluate the alarm {self.name}: {mistake}.")

    def _mistake(self) -> str:
        """What is wrong with its figures, by the limits of PutMetricAlarm, or nothing."""
        period, periods = self.period_seconds, self.evaluation_periods
        high_resolution = period in _HIGH_RESOLUTION_SECONDS and self.namespace not in PUBLISHED
        rules = {
            f"a period of {period} s, where it must be a multiple of 60, or 10, 20 or 30 for a metric of your own "
            "with a resolution of seconds": not (high_resolution or (period > 0 and period % 60 == 0)),
            f"{self.datapoints_to_alarm} of {periods} periods": not 1 <= self.datapoints_to_alarm <= periods,
            f"{periods} periods of {period} s are over a day, or over a week of periods from an hour on": (
                period * periods > DAY_SECONDS * (7 if period >= 3600 else 1)
            ),
            f"there is no statistic {self.statistic}": not (
                self.statistic in _STATISTICS or _EXTENDED.fullmatch(self.statistic)
            ),
            "more than 5 actions for one state": max(len(self.actions), len(self.ok_actions)) > 5,
        }
        return next((mistake for mistake, made in rules.items() if made), "")

    def read(self, aws: Aws) -> Live | None:
        cloudwatch = aws.client("cloudwatch")
        found = _described(cloudwatch, [self.name]).get(self.name)
        if found is None:
            return None
        tags = or_none(cloudwatch.list_tags_for_resource, ResourceARN=found["AlarmArn"])
        return _live(found, from_pairs(tags["Tags"]) if tags else None)

    @classmethod
    def read_many(cls, aws: Aws, resources: Sequence[CloudwatchAlarm]) -> list[Live | None]:
        """All in two calls: the tags as the tagging API tells them, which hears of a change a moment later."""
        found = _described(aws.client("cloudwatch"), [alarm.name for alarm in resources])
        tags = _tagged(aws, [each["AlarmArn"] for each in found.values()])
        lives = {name: _live(each, tags.get(each["AlarmArn"], {})) for name, each in found.items()}
        return [lives.get(alarm.name) for alarm in resources]

    def create(self, aws: Aws) -> None:
        aws.once("cloudwatch").put_metric_alarm(Tags=to_pairs(self.tags), **self._definition())

    def update(self, aws: Aws, live: Live) -> None:
        cloudwatch = aws.client("cloudwatch")
        if missing := self.missing_tags(live):  # PutMetricAlarm ignores the tags of an alarm that is there
            cloudwatch.tag_resource(ResourceARN=live.attributes["arn"], Tags=to_pairs(missing))
        if self.differing(live).keys() - {"tags"}:
            cloudwatch.put_metric_alarm(**self._definition())

    def delete(self, aws: Aws, live: Live) -> None:
        aws.client("cloudwatch").delete_alarms(AlarmNames=[self.name])

    def cloudformation(self) -> Sequence[Declaration]:
        properties = {**self._definition(), "Tags": to_pairs(self.tags)}
        return (Declaration("AWS::CloudWatch::Alarm", properties, identity={"AlarmName": self.name}),)

    def terraform(self) -> Sequence[Block]:
        arguments = {
            "alarm_name": self.name,
            "alarm_description": self.description,
            "namespace": self.namespace,
            "metric_name": self.metric,
            "dimensions": self.dimensions,
            "statistic" if self.statistic in _STATISTICS else "extended_statistic": self.statistic,
            "period": self.period_seconds,
            "evaluation_periods": self.evaluation_periods,
            "datapoints_to_alarm": self.datapoints_to_alarm,
            "comparison_operator": self.comparison,
            "threshold": self.threshold,
            "treat_missing_data": self.treat_missing_data,
            "alarm_actions": self.actions,
            "ok_actions": self.ok_actions,
            "tags": self.tags,
        }
        return (Block("aws_cloudwatch_metric_alarm", arguments, identity=self.name),)

    def _definition(self) -> dict[str, Any]:
        return {
            "AlarmName": self.name,
            "AlarmDescription": self.description,
            "AlarmActions": list(self.actions),
            "OKActions": list(self.ok_actions),
            "Namespace": self.namespace,
            "MetricName": self.metric,
            "Dimensions": [{"Name": name, "Value": value} for name, value in self.dimensions.items()],
            "Statistic" if self.statistic in _STATISTICS else "ExtendedStatistic": self.statistic,
            "Period": self.period_seconds,
            "EvaluationPeriods": self.evaluation_periods,
            "DatapointsToAlarm": self.datapoints_to_alarm,
            "Threshold": float(self.threshold),
            "ComparisonOperator": self.comparison,
            "TreatMissingData": self.treat_missing_data,
        }


def _described(cloudwatch: Any, names: list[str]) -> dict[str, Any]:
    """What CloudWatch holds under each of the names, 100 at most."""
    answer = cloudwatch.describe_alarms(AlarmNames=names, AlarmTypes=["MetricAlarm"], MaxRecords=100)
    return {each["AlarmName"]: each for each in answer["MetricAlarms"]}


def _tagged(aws: Aws, arns: list[str]) -> dict[str, dict[str, str]]:
    """ARN to tags, of those that have any."""
    if not arns:
        return {}
    answer = aws.client("resourcegroupstaggingapi").get_resources(ResourceARNList=arns)
    return {each["ResourceARN"]: from_pairs(each["Tags"]) for each in answer["ResourceTagMappingList"]}


def _live(found: Mapping[str, Any], tags: dict[str, str] | None) -> Live:
    return Live(
        attributes={"name": found["AlarmName"], "arn": found["AlarmArn"]},
        settings=_settings(found),
        tags=tags or {},
        state=found["StateValue"],
        ready=tags is not None,
    )


def _settings(found: Mapping[str, Any]) -> dict[str, Any]:
    """Under our names; what AWS leaves out stands at CloudWatch's default. An alarm on a formula has no metric."""
    return {
        "namespace": found.get("Namespace", ""),
        "metric": found.get("MetricName", ""),
        "threshold": found.get("Threshold"),
        "dimensions": {dimension["Name"]: dimension["Value"] for dimension in found.get("Dimensions", ())},
        "statistic": found.get("Statistic") or found.get("ExtendedStatistic", ""),
        "period_seconds": found.get("Period"),
        "evaluation_periods": found.get("EvaluationPeriods"),
        "datapoints_to_alarm": found.get("DatapointsToAlarm") or found.get("EvaluationPeriods"),
        "comparison": found["ComparisonOperator"],
        "treat_missing_data": found.get("TreatMissingData", "missing"),
        "actions": found.get("AlarmActions", []),
        "ok_actions": found.get("OKActions", []),
        "description": found.get("AlarmDescription", ""),
    }

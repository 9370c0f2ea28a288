"""A CloudWatch alarm on one metric."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from streamctl.aws.failures import or_none
from streamctl.engine.resource import Live, Resource
from streamctl.resources.tags import from_pairs, to_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamctl.aws import Aws

_STATISTICS = frozenset({"SampleCount", "Average", "Sum", "Minimum", "Maximum"})


@dataclass(frozen=True, kw_only=True)
class CloudwatchAlarm(Resource):
    """An alarm on the metric that was published with exactly these dimensions: CloudWatch adds up no others."""

    kind: ClassVar[str] = "cloudwatch_alarm"
    stage: ClassVar[Literal["provision", "deploy"]] = "deploy"
    attributes: ClassVar[frozenset[str]] = frozenset({"name", "arn"})
    arn_format: ClassVar[str] = "cloudwatch:${aws.region}:${aws.account}:alarm:{name}"
    permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "read": ("cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"),
        "create": ("cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"),
        "update": ("cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"),
        "delete": ("cloudwatch:DeleteAlarms",),
    }
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
    """ARNs of those who are told, at most 5. Without one, the alarm only shows."""
    description: str = ""

    def read(self, aws: Aws) -> Live | None:
        cloudwatch = aws.client("cloudwatch")
        answer = cloudwatch.describe_alarms(AlarmNames=[self.name], AlarmTypes=["MetricAlarm"])
        found = next(iter(answer["MetricAlarms"]), None)
        if found is None:
            return None
        tags = or_none(cloudwatch.list_tags_for_resource, ResourceARN=found["AlarmArn"])
        return Live(
            attributes={"name": found["AlarmName"], "arn": found["AlarmArn"]},
            settings=_settings(found),
            tags=from_pairs(tags["Tags"]) if tags else {},
            state=found["StateValue"],
            ready=tags is not None,
        )

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

    def _definition(self) -> dict[str, Any]:
        return {
            "AlarmName": self.name,
            "AlarmDescription": self.description,
            "AlarmActions": list(self.actions),
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
        "description": found.get("AlarmDescription", ""),
    }

"""AWS::CloudWatch::Alarm and AWS::CloudWatch::Dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.aws.failures import or_none
from streamctl.emulator.stacks.requests import send
from streamctl.emulator.stacks.resource_type import ResourceType, already, no_attributes, retagging

if TYPE_CHECKING:
    from streamctl.emulator.stacks.requests import Properties
    from streamctl.emulator.stacks.resource_type import Place

DEFINITION = (
    "ActionsEnabled",
    "AlarmActions",
    "AlarmDescription",
    "ComparisonOperator",
    "DatapointsToAlarm",
    "Dimensions",
    "EvaluateLowSampleCountPercentile",
    "EvaluationPeriods",
    "ExtendedStatistic",
    "InsufficientDataActions",
    "MetricName",
    "Metrics",
    "Namespace",
    "OKActions",
    "Period",
    "Statistic",
    "Threshold",
    "ThresholdMetricId",
    "TreatMissingData",
    "Unit",
)


def _create(place: Place, name: str, properties: Properties) -> str:
    cloudwatch = place.client("cloudwatch")
    if cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]:
        raise already(name)
    send(cloudwatch, "put_metric_alarm", properties, AlarmName=name)
    return name


def _change(place: Place, name: str, _old: Properties, new: Properties) -> None:
    definition = {key: value for key, value in new.items() if key in DEFINITION}
    send(place.client("cloudwatch"), "put_metric_alarm", definition, AlarmName=name)


def _delete(place: Place, name: str, _properties: Properties) -> None:
    place.client("cloudwatch").delete_alarms(AlarmNames=[name])


def _arn(place: Place, name: str) -> str:
    return place.arn("cloudwatch", f"alarm:{name}")


def _create_dashboard(place: Place, name: str, properties: Properties) -> str:
    cloudwatch = place.client("cloudwatch")
    if or_none(cloudwatch.get_dashboard, DashboardName=name):
        raise already(name)
    send(cloudwatch, "put_dashboard", properties, DashboardName=name)
    return name


def _change_dashboard(place: Place, name: str, _old: Properties, new: Properties) -> None:
    body = new["DashboardBody"]
    send(place.client("cloudwatch"), "put_dashboard", DashboardName=name, DashboardBody=body)


def _arn_of_dashboard(place: Place, name: str) -> str:
    return f"arn:aws:cloudwatch::{place.account}:dashboard/{name}"


def _delete_dashboard(place: Place, name: str, _properties: Properties) -> None:
    place.client("cloudwatch").delete_dashboards(DashboardNames=[name])


ALARM = ResourceType(
    name="AWS::CloudWatch::Alarm",
    named_by="AlarmName",
    create=_create,
    created_with=frozenset({*DEFINITION, "Tags"}),
    changes={DEFINITION: _change, ("Tags",): retagging("cloudwatch", "ResourceARN", _arn)},
    delete=_delete,
    attributes=lambda place, name: {"Arn": _arn(place, name)},
)
DASHBOARD = ResourceType(
    name="AWS::CloudWatch::Dashboard",
    named_by="DashboardName",
    create=_create_dashboard,
    created_with=frozenset({"DashboardBody", "Tags"}),
    changes={
        ("DashboardBody",): _change_dashboard,
        ("Tags",): retagging("cloudwatch", "ResourceARN", _arn_of_dashboard),
    },
    delete=_delete_dashboard,
    attributes=no_attributes,
)

"""Dashboards as AWS documents them, seen from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from streamctl.aws import Aws
from streamctl.emulator import process

from .conftest import REGION

if TYPE_CHECKING:
    from streamctl.emulator.process import Emulator

BODY = '{"widgets": []}'


def tags(aws: Aws, arn: str) -> dict[str, str]:
    found = aws.client("cloudwatch").list_tags_for_resource(ResourceARN=arn)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in found}


def test_a_dashboard_is_seen_from_every_region(aws: Aws, emulator: Emulator, name: str) -> None:
    elsewhere = Aws(region="us-west-2", endpoint_url=emulator.endpoint_url, credentials=process.CREDENTIALS)
    assert aws.region == REGION

    aws.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=BODY)

    found = elsewhere.client("cloudwatch").get_dashboard(DashboardName=name)
    assert found["DashboardBody"] == BODY
    assert found["DashboardArn"] == f"arn:aws:cloudwatch::{process.ACCOUNT}:dashboard/{name}"
    assert elsewhere.client("cloudwatch").list_dashboards(DashboardNamePrefix=name)["DashboardEntries"]


def test_a_new_dashboard_takes_tags_and_one_that_is_there_ignores_them(aws: Aws, name: str) -> None:
    cloudwatch = aws.client("cloudwatch")
    for value in ("first", "second"):
        cloudwatch.put_dashboard(DashboardName=name, DashboardBody=BODY, Tags=[{"Key": "owner", "Value": value}])
    arn = cloudwatch.get_dashboard(DashboardName=name)["DashboardArn"]
    assert tags(aws, arn) == {"owner": "first"}

    cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "owner", "Value": "third"}])
    assert tags(aws, arn) == {"owner": "third"}


def test_a_deleted_dashboard_is_gone_with_its_tags(aws: Aws, name: str) -> None:
    cloudwatch = aws.client("cloudwatch")
    cloudwatch.put_dashboard(DashboardName=name, DashboardBody=BODY, Tags=[{"Key": "owner", "Value": "us"}])
    arn = cloudwatch.get_dashboard(DashboardName=name)["DashboardArn"]

    cloudwatch.delete_dashboards(DashboardNames=[name])

    with pytest.raises(ClientError, match="not found"):
        tags(aws, arn)
    cloudwatch.put_dashboard(DashboardName=name, DashboardBody=BODY)
    assert tags(aws, arn) == {}


def test_a_body_that_is_no_json_is_refused(aws: Aws, name: str) -> None:
    with pytest.raises(ClientError, match="InvalidParameterInput"):
        aws.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody="widgets")

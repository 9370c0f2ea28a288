from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from moto import mock_aws

from streamctl.aws import Aws
from streamctl.config import Config
from streamctl.engine.references import fill
from streamctl.features.alarms import Alarms, AlarmSettings
from streamctl.features.anomaly_detection import AnomalyDetection, AnomalySettings
from streamctl.observe.inventory import NAMED, exported, inventory, pipelines
from streamctl.pipeline.names import Names
from streamctl.pipeline.recipe import recipe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def aws() -> Iterator[Aws]:
    with mock_aws():
        yield Aws(region="eu-central-1", credentials=("test", "test"))


def test_every_name_of_the_blueprint_is_one_the_inventory_knows(tmp_path: Path) -> None:
    pipeline = recipe(Config(), Names("demo01"), tmp_path)
    Alarms().apply(pipeline, AlarmSettings())
    AnomalyDetection().apply(pipeline, AnomalySettings())
    resources = pipeline.resources.values()
    names = [resource.name for resource in resources if resource.kind != "event_source_mapping"]

    assert [name for name in names if not NAMED.match(name)] == []


def test_an_empty_account_holds_nothing(aws: Aws) -> None:
    assert inventory(aws) == []


def test_things_are_found_by_name_whoever_made_them(aws: Aws) -> None:
    aws.client("kinesis").create_stream(StreamName="analytics-stream-demo01", ShardCount=1)
    aws.client("logs").create_log_group(logGroupName="/aws/lambda/kinesis-processor-demo01")
    aws.client("logs").create_log_group(logGroupName="/aws/lambda/anomaly-detector-demo01")
    aws.client("sqs").create_queue(QueueName="analytics-rejected-other1")

    assert [(item.kind, item.pipeline) for item in inventory(aws)] == [
        ("kinesis_stream", "demo01"),
        ("log_group", "demo01"),
        ("log_group", "demo01"),
        ("sqs_queue", "other1"),
    ]
    assert [item.name for item in inventory(aws, "other1")] == ["analytics-rejected-other1"]


def test_whoever_is_told_by_two_pipelines_is_found_in_both(aws: Aws) -> None:
    sns = aws.client("sns")
    for name in ("demo01", "other1"):
        topic = sns.create_topic(Name=f"analytics-alarms-{name}")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.com")

    for name in ("demo01", "other1"):
        assert [item.name for item in inventory(aws, name)] == ["email ops@example.com", f"analytics-alarms-{name}"]


def test_things_are_found_by_tag_under_any_name(aws: Aws) -> None:
    aws.client("sqs").create_queue(QueueName="alerts", tags={"streamctl:pipeline": "demo01"})

    (found,) = inventory(aws)

    assert (found.kind, found.pipeline, found.name.endswith(":alerts")) == ("tagged", "demo01", True)


def test_what_a_plugin_made_is_found_by_tag_though_it_has_a_name_of_the_recipe(aws: Aws) -> None:
    aws.client("ssm").put_parameter(
        Name="analytics-stream-demo01",
        Value="x",
        Type="String",
        Tags=[{"Key": "streamctl:pipeline", "Value": "demo01"}],
    )

    assert [(item.kind, item.name.rpartition(":")[2]) for item in inventory(aws, "demo01")] == [
        ("tagged", "parameter/analytics-stream-demo01")
    ]


def test_a_pipeline_is_one_that_a_tag_proves(aws: Aws) -> None:
    aws.client("sqs").create_queue(QueueName="analytics-rejected-ours", tags={"streamctl:pipeline": "ours"})
    aws.client("logs").create_log_group(logGroupName="/aws/lambda/kinesis-processor-ours")
    aws.client("sqs").create_queue(QueueName="analytics-rejected-stranger")

    found = pipelines(aws)

    assert {name: len(listed.resources) for name, listed in found.items()} == {"ours": 2}
    assert {name for name, listed in found.items() if listed.is_ours} == {"ours"}


def test_a_pipeline_that_an_export_made_is_one_too_and_not_ours(aws: Aws) -> None:
    aws.client("sqs").create_queue(QueueName="analytics-rejected-theirs", tags={"streamctl:export": "theirs"})
    aws.client("sqs").create_queue(QueueName="alerts", tags={"streamctl:export": "theirs"})

    found = pipelines(aws)

    assert [item.kind for item in found["theirs"].resources] == ["sqs_queue", "tagged"]
    assert ({name for name, listed in found.items() if listed.is_ours}, exported(aws)) == (set(), {"theirs"})


def test_a_bucket_is_found_by_its_name_without_the_account(aws: Aws) -> None:
    for name in ("analytics-failed-demo01-123456789012", "analytics-failed-demo01", "failed-demo01-123456789012"):
        aws.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})

    assert [(item.kind, item.pipeline) for item in inventory(aws)] == [("s3_bucket", "demo01")]


def test_a_dashboard_is_found_where_its_pipeline_is_though_it_shows_everywhere(aws: Aws) -> None:
    for name in ("demo01-eu-central-1", "demo01-us-east-1", "demo01"):
        aws.client("cloudwatch").put_dashboard(
            DashboardName=f"analytics-dashboard-{name}", DashboardBody='{"widgets": []}'
        )

    assert [(item.kind, item.name, item.pipeline) for item in inventory(aws)] == [
        ("cloudwatch_dashboard", "analytics-dashboard-demo01-eu-central-1", "demo01")
    ]


@pytest.mark.parametrize("region", ["us-gov-east-1", "ap-southeast-2"])
def test_the_dashboard_of_a_pipeline_is_one_the_inventory_knows(region: str) -> None:
    with mock_aws():
        aws = Aws(region=region, credentials=("test", "test"))
        name = fill(Names("my-shop").dashboard, {"aws": {"region": region}})
        aws.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody='{"widgets": []}')

        assert [item.pipeline for item in inventory(aws, "my-shop")] == ["my-shop"]


def test_a_stranger_with_another_name_is_left_out(aws: Aws) -> None:
    aws.client("sqs").create_queue(QueueName="orders-demo01")

    assert inventory(aws) == []


def test_more_than_a_page_is_read(aws: Aws) -> None:
    for number in range(120):
        aws.client("logs").create_log_group(logGroupName=f"/aws/lambda/kinesis-processor-p{number}")

    assert len(inventory(aws)) == 120

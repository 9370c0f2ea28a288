"""What becomes of a stack that fails, goes back, or replaces what it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.emulator.stacks.deploying import delete, finished, reasons
from tests.emulator.stacks.reading import read_all
from tests.emulator.stacks.template import resource

if TYPE_CHECKING:
    from streamctl.aws import Aws

pytestmark = pytest.mark.xdist_group("emulator")


def test_a_create_that_fails_half_way_leaves_nothing(aws: Aws, name: str) -> None:
    """The second of the stream's calls is refused, after the stream is made."""
    stream = resource("Kinesis::Stream", Name=name, ShardCount=1, RetentionPeriodHours=9_999)
    group = resource("Logs::LogGroup", LogGroupName=f"/aws/lambda/{name}")
    stream["DependsOn"] = "Group"
    stack = finished(aws, "create", name, {"Resources": {"Stream": stream, "Group": group}})
    there = read_all(aws, name)
    assert (stack["StackStatus"], there["stream"], there["group"]) == ("ROLLBACK_COMPLETE", None, None)


def test_what_is_there_already_is_not_taken_over_nor_deleted(aws: Aws, name: str) -> None:
    aws.client("sqs").create_queue(QueueName=name)
    stack = finished(aws, "create", name, {"Resources": {"Queue": resource("SQS::Queue", QueueName=name)}})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert f"Queue: {name} already exists" in reasons(aws, name)
    assert read_all(aws, name)["queue"]


def test_a_property_that_is_not_carried_out_is_refused(aws: Aws, name: str) -> None:
    bucket = resource("S3::Bucket", BucketName=name, AccelerateConfiguration={"AccelerationStatus": "Enabled"})
    stack = finished(aws, "create", name, {"Resources": {"Bucket": bucket}})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert any("does not carry out AccelerateConfiguration" in each for each in reasons(aws, name))


def test_an_update_that_fails_goes_back(aws: Aws, name: str) -> None:
    group = resource("Logs::LogGroup", LogGroupName=f"/aws/lambda/{name}", RetentionInDays=7)
    stream = {**resource("Kinesis::Stream", Name=name), "DependsOn": "Group"}
    assert (
        finished(aws, "create", name, {"Resources": {"Group": group, "Stream": stream}})["StackStatus"]
        == "CREATE_COMPLETE"
    )
    group["Properties"]["RetentionInDays"] = 14
    stream["Properties"]["RetentionPeriodHours"] = 9_999
    stack = finished(aws, "update", name, {"Resources": {"Group": group, "Stream": stream}})
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert read_all(aws, name)["group"]["retentionInDays"] == 7
    assert delete(aws, stack["StackId"]) == "DELETE_COMPLETE"


def test_a_new_name_is_a_new_resource_and_the_old_one_goes(aws: Aws, name: str) -> None:
    body = {"Resources": {"Stream": resource("Kinesis::Stream", ShardCount="1")}}
    finished(aws, "create", name, body)
    body["Resources"]["Stream"]["Properties"]["Name"] = name
    stack = finished(aws, "update", name, body)
    streams = [each for each in aws.client("kinesis").list_streams()["StreamNames"] if each.startswith(name)]
    assert (stack["StackStatus"], streams) == ("UPDATE_COMPLETE", [name])
    assert delete(aws, stack["StackId"]) == "DELETE_COMPLETE"

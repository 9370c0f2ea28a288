"""The alarms as a user meets them: listed, tried out, cut off in the middle, and once for real."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import AT_ONCE

if TYPE_CHECKING:
    from .conftest import Project

CONFIGURED = AT_ONCE + "[features.alarms]\nperiod_seconds = 60\n"
LONGEST_EVALUATION_SECONDS = 60


def test_alarms_are_listed_with_whom_they_tell_who_is_asked_about_before_a_test(project: Project) -> None:
    project.configure(CONFIGURED + 'email = ["ops@example.com"]\n')
    project.shell.run("up")

    listed = project.shell.run("alarms", "--json").document
    said = project.shell.run("alarms")
    refused = project.shell.run("alarms", "test", check=False)
    one = project.shell.run("alarms", "test", "KinesisLambdaThrottles", "--yes", "--json").document

    assert len(listed["alarms"]) == 10
    assert [alarm["objection"] for alarm in listed["alarms"]] == [""] * 10
    assert {tuple(alarm["actions"]) for alarm in listed["alarms"]} == {(topic_arn(project),)}
    assert [each["endpoint"] for each in listed["subscribers"]] == ["ops@example.com"]
    assert "Told: ops@example.com (email)." in said.out
    assert (refused.code, "ops@example.com will be told" in refused.err) == (2, True)
    assert [alarm["name"] for alarm in one["alarms"]] == [project.names.alarm("KinesisLambdaThrottles")]


def test_every_alarm_tells_and_one_that_does_not_is_named_with_the_cause(project: Project) -> None:
    project.shell.run("up")
    before = project.everything_named_so()

    tried = project.shell.run("alarms", "test", "--json").document
    states_after, left = states(project), project.everything_named_so()
    mute = project.names.alarm("DynamoDBThrottling")
    project.client("cloudwatch").disable_alarm_actions(AlarmNames=[mute])
    again = project.shell.run("alarms", "test", "--json", check=False)

    assert [alarm["arrived"] for alarm in tried["alarms"]] == [True] * 10
    assert "ALARM" not in states_after.values()
    assert sorted(left) == sorted(before)
    assert "Nobody is told: set email" in project.shell.run("alarms").out
    silent = {alarm["name"]: alarm["cause"] for alarm in again.document["alarms"] if not alarm["arrived"]}
    assert (again.code, list(silent)) == (5, [mute])
    assert "its actions are disabled" in silent[mute]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")
def test_a_test_that_was_killed_leaves_nothing_after_the_next_command(project: Project) -> None:
    project.shell.run("up")
    before = sorted(project.everything_named_so())
    for command in (["alarms", "test"], ["up"], ["down", "--yes"]):
        kill_while_it_listens(project)
        assert sorted(project.everything_named_so()) != before

        project.shell.run(*command)

        assert sorted(project.everything_named_so()) == ([] if command[0] == "down" else before)


def test_records_that_can_never_be_processed_set_off_their_alarm_and_its_topic_tells(project: Project) -> None:
    project.configure(CONFIGURED)
    project.shell.run("up")
    hear = listener(project)
    project.client("kinesis").put_record(StreamName=project.names.stream, Data=b"poison", PartitionKey="p")

    deadline = time.monotonic() + LONGEST_EVALUATION_SECONDS
    told: list[str] = []
    while not told and time.monotonic() < deadline:
        told = [message["AlarmName"] for message in hear() if message["NewStateValue"] == "ALARM"]

    assert told == [project.names.alarm("KinesisRecordsRejected")]


def topic_arn(project: Project) -> str:
    topics = project.client("sns").list_topics()["Topics"]
    return str(next(each["TopicArn"] for each in topics if each["TopicArn"].endswith(project.names.alarms_topic)))


def states(project: Project) -> dict[str, str]:
    found = project.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return {each["AlarmName"]: each["StateValue"] for each in found if project.names.suffix in each["AlarmName"]}


def kill_while_it_listens(project: Project) -> None:
    """Kill a test as soon as its queue is subscribed to the topic."""
    sns, arn = project.client("sns"), topic_arn(project)
    process = project.shell.start("alarms", "test")
    while not sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]:
        time.sleep(0.01)
    process.kill()
    process.communicate()


def listener(project: Project) -> Any:
    """What arrives in a queue of our own that is subscribed to the topic: call it to hear the next messages."""
    sqs = project.client("sqs")
    url = sqs.create_queue(QueueName=f"listener-{project.names.suffix}x")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    project.client("sns").subscribe(TopicArn=topic_arn(project), Protocol="sqs", Endpoint=arn)

    def hear() -> list[dict[str, Any]]:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        return [json.loads(json.loads(message["Body"])["Message"]) for message in answer.get("Messages", ())]

    return hear

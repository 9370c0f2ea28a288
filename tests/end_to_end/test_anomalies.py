"""Anomaly detection as a user meets it: eleven days of events, one hour unlike all others, and what comes of it."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from math import pi, sin
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conftest import Project

PIPELINE = "[stream]\nshards = 1\n[event_source]\nbatch_size = 25\nbatching_window_seconds = 1\n"
"""A shard and a call at a time, so that days that pass in seconds stay in their order."""
WATCHED = (
    PIPELINE + "[features.anomaly_detection]\n"
    'metrics = ["page_views", "page_load_time", "rejected_records"]\n'
    "window_seconds = 3600\nallowed_lateness_seconds = 3600\nwarm_up_windows = 0\nclear_after_windows = 2\n"
    "batch_size = 200\nbatching_window_seconds = 1\n"
)
HOUR, HOURS = 3600, 264
START = int(datetime(2026, 11, 2, tzinfo=UTC).timestamp())
LOUD = START + 250 * HOUR
"""The hour with ten times as many page views as there should be."""
ON_THE_WAY_SECONDS = 30


def eleven_days() -> Iterator[dict[str, Any]]:
    """In order: one to three page views an hour, more of them in the morning than in the evening."""
    for hour in range(HOURS):
        start = START + hour * HOUR
        views = 25 if start == LOUD else 2 + round(sin(hour / 24 * 2 * pi))
        for view in range(views):
            at = datetime.fromtimestamp(start + view * HOUR // views, UTC).isoformat()
            yield {
                "eventId": f"h{hour}v{view}",
                "eventType": "page_view",
                "loadTime": 800 + (7 * hour + 3 * view) % 40,
                "timestamp": at,
            }


def test_an_anomaly_and_its_end_are_told_once_and_the_feature_goes_without_a_trace(project: Project) -> None:
    project.configure(WATCHED)
    project.shell.run("up")
    hear = listener(project)
    lines = "".join(json.dumps(event) + "\n" for event in eleven_days())

    project.shell.run("produce", "--file", "-", "--connections", "1", stdin=lines)
    told = wait_for(hear, 2)
    deliver_again(project)
    listed = project.shell.run("anomalies", "--json").document
    measured = project.shell.run("metrics", "--json").document["series"]
    checks = {check["name"]: check for check in project.shell.run("verify", "--json").document["checks"]}

    ((anomaly),) = listed["anomalies"]
    assert (anomaly["series"], anomaly["start"], anomaly["value"]) == ("page_views", LOUD, 25.0)
    assert (anomaly["status"], anomaly["cleared_at"]) == ("cleared", LOUD + HOUR)
    assert anomaly["high"] < 25
    assert [(each["news"], each["series"], each["start"]) for each in told] == [
        ("opened", "page_views", LOUD),
        ("cleared", "page_views", LOUD),
    ]
    assert [series["series"] for series in listed["series"]] == ["page_views", "page_load_time", "rejected_records"]
    assert next(series["overall"] for series in measured if series["label"] == "Anomalies") == 1
    assert {name: check["passed"] for name, check in checks.items() if "anomal" in name} == {
        "anomaly detector's mapping": True,
        "anomaly detector's failures": True,
        "anomaly detector keeps up": None,  # what arrived in the last minutes is not asked for
        "anomalies": True,
    }

    assert hear() == []
    project.client("kinesis").put_record(StreamName=project.names.stream, Data=b"not JSON", PartitionKey="p")
    wait_for(lambda: [item for item in project.items() if item["eventType"] == "rejected"], 1)
    project.configure(PIPELINE)
    project.shell.run("up")
    assert [name for name in project.everything_named_so() if "anomal" in name] == []
    assert len([item for item in project.items() if "rawData" in item]) == sum(1 for _ in eleven_days())
    assert not described(project).get("StreamSpecification", {}).get("StreamEnabled")
    project.shell.run("down", "--yes")
    assert project.everything_named_so() == []


def deliver_again(project: Project) -> None:
    """Have Lambda read the table's stream from its beginning, as a mapping does that is made anew."""
    functions = project.client("lambda")
    name = project.names.detector
    (old,) = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    functions.delete_event_source_mapping(UUID=old["UUID"])
    seen = watched(project)
    project.shell.run("up")
    deadline = time.monotonic() + ON_THE_WAY_SECONDS
    while watched(project) < 2 * seen:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def watched(project: Project) -> int:
    """How many records the detector says it was given."""
    found = project.client("logs").filter_log_events(
        logGroupName=project.names.detector_log_group, filterPattern='"watched records="'
    )["events"]
    return sum(int(each["message"].partition("records=")[2].split()[0]) for each in found)


def described(project: Project) -> dict[str, Any]:
    table: dict[str, Any] = project.client("dynamodb").describe_table(TableName=project.names.table)["Table"]
    return table


def listener(project: Project) -> Any:
    """What arrives in a queue of our own that is subscribed to the topic: call it to hear the next messages."""
    sqs, sns = project.client("sqs"), project.client("sns")
    topic = next(
        each["TopicArn"]
        for each in sns.list_topics()["Topics"]
        if each["TopicArn"].endswith(project.names.anomalies_topic)
    )
    url = sqs.create_queue(QueueName=f"listener-{project.names.suffix[1:]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def hear() -> list[dict[str, Any]]:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        received = answer.get("Messages", [])
        for message in received:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        bodies = [json.loads(message["Body"])["Message"] for message in received]
        return [json.loads(body.rpartition("\n")[2]) for body in bodies]

    return hear


def wait_for(hear: Callable[[], list[dict[str, Any]]], number: int) -> list[dict[str, Any]]:
    deadline = time.monotonic() + ON_THE_WAY_SECONDS
    told: list[dict[str, Any]] = []
    while len(told) < number and time.monotonic() < deadline:
        told += hear()
    assert len(told) == number
    return told

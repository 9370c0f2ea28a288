"""Mappings of the stream of a table on a running emulator: what they share with Kinesis's is in test_driver.py."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.emulator import process
from tests.emulator.conftest import aws_of, create_function, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamctl.aws import Aws

pytestmark = pytest.mark.xdist_group("emulator")

# Keeps, for each item, what was told of it, in the order in which it was.
KEEPING = """
import boto3, json, time
table = boto3.client("dynamodb")
failed = set()

def handle(event, context):
    print(len(event["Records"]), "records")
    for record in event["Records"]:
        change = record["dynamodb"]
        item = change["Keys"]["id"]["S"]
        BEFORE
        table.update_item(
            TableName="NAME-seen",
            Key={"id": {"S": item}},
            UpdateExpression="SET seen = list_append(if_not_exists(seen, :none), :one)",
            ExpressionAttributeValues={":none": {"L": []}, ":one": {"L": [{"S": json.dumps(record)}]}},
        )
"""
POISON = 'if item == "poison": raise ValueError("poison")'


@dataclass
class Pipeline:
    """A table with a stream, a function that keeps what it is told in another one, and the mapping between them."""

    aws: Aws
    name: str
    before: str = "pass"
    mapping: dict[str, Any] = field(default_factory=dict)

    def make(self, **settings: Any) -> Pipeline:
        tables = self.aws.client("dynamodb")
        for name, stream in (
            (self.name, {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}),
            (f"{self.name}-seen", {"StreamEnabled": False}),
        ):
            tables.create_table(
                TableName=name,
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
                StreamSpecification=stream,
            )
        create_function(self.aws, self.name, KEEPING.replace("NAME", self.name).replace("BEFORE", self.before))
        return self.map(**settings) if settings else self

    def map(self, **settings: Any) -> Pipeline:
        arguments = {"FunctionName": self.name, "EventSourceArn": self.stream_arn, "StartingPosition": "TRIM_HORIZON"}
        self.mapping = self.aws.client("lambda").create_event_source_mapping(**arguments | settings)
        return self

    @property
    def stream_arn(self) -> str:
        return str(self.aws.client("dynamodb").describe_table(TableName=self.name)["Table"]["LatestStreamArn"])

    def switch_stream(self, on: bool) -> None:
        view = {"StreamViewType": "NEW_IMAGE"} if on else {}
        self.aws.client("dynamodb").update_table(TableName=self.name, StreamSpecification={"StreamEnabled": on, **view})

    def put(self, *ids: str, **attributes: Any) -> None:
        for each in ids:
            self.aws.client("dynamodb").put_item(TableName=self.name, Item={"id": {"S": each}, **attributes})

    def told(self) -> dict[str, list[dict[str, Any]]]:
        """Whole records, by item."""
        items = self.aws.client("dynamodb").scan(TableName=f"{self.name}-seen", ConsistentRead=True)["Items"]
        return {item["id"]["S"]: [json.loads(each["S"]) for each in item["seen"]["L"]] for item in items}

    def seen(self) -> dict[str, list[str]]:
        """The names of the changes, by item."""
        return {item: [record["eventName"] for record in records] for item, records in self.told().items()}


@pytest.fixture
def pipeline(aws: Aws, name: str) -> Iterator[Pipeline]:
    made = Pipeline(aws, name)
    yield made
    for each in aws.client("lambda").list_event_source_mappings(FunctionName=name)["EventSourceMappings"]:
        aws.client("lambda").delete_event_source_mapping(UUID=each["UUID"])


def test_changes_reach_the_function_in_order_and_once_in_lambdas_shape(pipeline: Pipeline) -> None:
    pipeline.make(BatchSize=3)
    pipeline.put("a", "b", n={"N": "1"})
    pipeline.put("a", n={"N": "2"}, raw={"B": b"\x00"})
    pipeline.put("a", n={"N": "2"}, raw={"B": b"\x00"})  # changes nothing, and DynamoDB tells of nothing
    pipeline.aws.client("dynamodb").delete_item(TableName=pipeline.name, Key={"id": {"S": "a"}})
    eventually(pipeline.seen, {"a": ["INSERT", "MODIFY", "REMOVE"], "b": ["INSERT"]})
    [_, modified, removed] = pipeline.told()["a"]
    created = modified["dynamodb"].pop("ApproximateCreationDateTime")
    assert isinstance(created, int)
    assert abs(created - time.time()) < 60
    assert modified.pop("eventID") != removed["eventID"]
    assert modified["dynamodb"].pop("SequenceNumber") < removed["dynamodb"]["SequenceNumber"]
    assert modified == {
        "eventName": "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": pipeline.aws.region,
        "eventSourceARN": pipeline.stream_arn,
        "dynamodb": {
            "Keys": {"id": {"S": "a"}},
            "NewImage": {"id": {"S": "a"}, "n": {"N": "2"}, "raw": {"B": "AA=="}},
            "OldImage": {"id": {"S": "a"}, "n": {"N": "1"}},
            "SizeBytes": 3 + 3 + 3 + 3 + 3 + 4,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }
    assert "NewImage" not in removed["dynamodb"]
    uuid = pipeline.mapping["UUID"]
    assert pipeline.aws.client("lambda").get_event_source_mapping(UUID=uuid)["LastProcessingResult"] == "OK"


def test_a_poison_change_is_isolated_and_reported_and_the_window_and_the_filter_are_kept(pipeline: Pipeline) -> None:
    queue = pipeline.aws.client("sqs").create_queue(QueueName=pipeline.name)["QueueUrl"]
    pipeline.before = POISON
    pipeline.make()
    pattern = json.dumps({"eventName": ["INSERT"], "dynamodb": {"NewImage": {"skip": {"S": [{"exists": False}]}}}})
    pipeline.map(
        MaximumBatchingWindowInSeconds=2,
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=0,
        FilterCriteria={"Filters": [{"Pattern": pattern}]},
        DestinationConfig={
            "OnFailure": {"Destination": f"arn:aws:sqs:{pipeline.aws.region}:{process.ACCOUNT}:{pipeline.name}"}
        },
    )
    pipeline.put("a", "poison", "b")
    pipeline.put("c", skip={"S": "me"})
    found: list[Any] = []
    eventually(
        lambda: (
            found.extend(pipeline.aws.client("sqs").receive_message(QueueUrl=queue).get("Messages", [])) or len(found)
        ),
        1,
    )
    told = json.loads(found[0]["Body"])
    assert (told["requestContext"]["condition"], told["requestContext"]["approximateInvokeCount"]) == (
        "RetryAttemptsExhausted",
        3,
    )
    assert (told["DDBStreamBatchInfo"]["batchSize"], told["DDBStreamBatchInfo"]["streamArn"]) == (
        1,
        pipeline.stream_arn,
    )
    eventually(lambda: pipeline.seen().keys(), {"a", "b"})
    events = pipeline.aws.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{pipeline.name}")["events"]
    assert "3 records" in {each["message"].strip() for each in events}


def test_a_partial_answer_is_delivered_again_from_the_reported_change(pipeline: Pipeline) -> None:
    pipeline.before = (
        'if item == "c" and not failed:\n'
        "            failed.add(item)\n"
        '            return {"batchItemFailures": [{"itemIdentifier": change["SequenceNumber"]}]}'
    )
    pipeline.make()
    pipeline.put(*"abcd")
    pipeline.map(FunctionResponseTypes=["ReportBatchItemFailures"])
    eventually(pipeline.seen, {each: ["INSERT"] for each in "abcd"})


def test_a_disabled_mapping_goes_on_where_it_was_and_latest_starts_with_the_mapping(pipeline: Pipeline) -> None:
    pipeline.make()
    pipeline.put("before")
    pipeline.map(StartingPosition="LATEST")
    pipeline.put("a")
    eventually(pipeline.seen, {"a": ["INSERT"]})
    functions, uuid = pipeline.aws.client("lambda"), pipeline.mapping["UUID"]
    functions.update_event_source_mapping(UUID=uuid, Enabled=False)
    time.sleep(0.8)
    pipeline.put("b")
    time.sleep(0.8)
    assert pipeline.seen().keys() == {"a"}
    functions.update_event_source_mapping(UUID=uuid, Enabled=True)
    eventually(pipeline.seen, {"a": ["INSERT"], "b": ["INSERT"]})


def test_what_a_stream_held_when_it_ended_is_delivered_and_another_stream_is_another(pipeline: Pipeline) -> None:
    pipeline.make()
    pipeline.put("a")
    pipeline.map(Enabled=False)
    pipeline.switch_stream(False)
    pipeline.put("untold")
    pipeline.switch_stream(True)
    pipeline.put("of another stream")
    pipeline.aws.client("lambda").update_event_source_mapping(UUID=pipeline.mapping["UUID"], Enabled=True)
    eventually(pipeline.seen, {"a": ["INSERT"]})

    pipeline.map()
    eventually(pipeline.seen, {"a": ["INSERT"], "of another stream": ["INSERT"]})


def test_what_a_deleted_table_held_is_delivered(pipeline: Pipeline) -> None:
    pipeline.make()
    pipeline.put("a")
    pipeline.map(Enabled=False)
    pipeline.aws.client("dynamodb").delete_table(TableName=pipeline.name)
    pipeline.aws.client("lambda").update_event_source_mapping(UUID=pipeline.mapping["UUID"], Enabled=True)
    eventually(pipeline.seen, {"a": ["INSERT"]})


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_kill_in_the_middle_of_a_run_skips_no_change(tmp_path: Path) -> None:
    emulator = process.start(tmp_path)
    pipeline = Pipeline(aws_of(emulator), "killed", before="time.sleep(0.02)").make(BatchSize=5)
    items = [str(number) for number in range(100)]
    pipeline.put(*items)
    wait_for_snapshot_of_progress(tmp_path, "99")
    os.kill(emulator.pid, signal.SIGKILL)
    os.waitpid(emulator.pid, 0)
    pipeline.aws = aws_of(process.start(tmp_path))

    try:
        eventually(lambda: set(pipeline.seen()), set(items))
        assert sum(len(seen) for seen in pipeline.seen().values()) < 200, "everything was delivered again"
    finally:
        process.stop(tmp_path)


def wait_for_snapshot_of_progress(folder: Path, last: str) -> None:
    """Until a snapshot holds all that was put and a checkpoint, and the run is not yet over."""
    path, deadline = folder / "snapshot.json", time.monotonic() + 15
    while time.monotonic() < deadline:
        if path.exists():
            text = path.read_text()
            checkpoints = json.loads(text)["checkpoints"].values()
            if any("shardId" in key for each in checkpoints for key in each) and f'"{last}"' in text:
                return
        time.sleep(0.02)
    pytest.fail("no checkpoint was saved")

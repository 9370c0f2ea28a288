"""Mappings on a running emulator: real functions, real streams, from end to end."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.emulator import process
from tests.emulator.conftest import aws_of, create_function, eventually, stream_arn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamctl.aws import Aws

pytestmark = pytest.mark.xdist_group("emulator")

# Keeps, for each partition key, what was delivered, in the order in which it was.
KEEPING = """
import base64, boto3, time
table = boto3.client("dynamodb")

def handle(event, context):
    print(len(event["Records"]), "records")
    for record in event["Records"]:
        data = base64.b64decode(record["kinesis"]["data"]).decode()
        BEFORE
        table.update_item(
            TableName="NAME",
            Key={"id": {"S": record["kinesis"]["partitionKey"]}},
            UpdateExpression="SET seen = list_append(if_not_exists(seen, :none), :one)",
            ExpressionAttributeValues={":none": {"L": []}, ":one": {"L": [{"S": data}]}},
        )
"""
POISON = 'if data == "poison": raise ValueError("poison")'


@dataclass
class Pipeline:
    """A stream, a function that keeps what it gets in a table, and the mapping between them."""

    aws: Aws
    name: str
    shards: int = 1
    before: str = "pass"
    source: str = KEEPING
    mapping: dict[str, Any] = field(default_factory=dict)

    def make(self, **settings: Any) -> Pipeline:
        self.aws.client("dynamodb").create_table(
            TableName=self.name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        self.aws.client("kinesis").create_stream(StreamName=self.name, ShardCount=self.shards)
        create_function(self.aws, self.name, self.source.replace("NAME", self.name).replace("BEFORE", self.before))
        return self.map(**settings) if settings else self

    def map(self, **settings: Any) -> Pipeline:
        arguments = {
            "FunctionName": self.name,
            "EventSourceArn": stream_arn(self.aws, self.name),
            "StartingPosition": "TRIM_HORIZON",
        }
        self.mapping = self.aws.client("lambda").create_event_source_mapping(**arguments | settings)
        return self

    def update(self, **settings: Any) -> None:
        self.aws.client("lambda").update_event_source_mapping(UUID=self.mapping["UUID"], **settings)

    def queue(self) -> str:
        self.aws.client("sqs").create_queue(QueueName=self.name)
        return f"arn:aws:sqs:{self.aws.region}:{process.ACCOUNT}:{self.name}"

    def put(self, *data: str, key: str = "key") -> None:
        records = [{"Data": each.encode(), "PartitionKey": key} for each in data]
        self.aws.client("kinesis").put_records(StreamName=self.name, Records=records)

    def seen(self) -> dict[str, list[str]]:
        items = self.aws.client("dynamodb").scan(TableName=self.name, ConsistentRead=True)["Items"]
        return {item["id"]["S"]: [each["S"] for each in item["seen"]["L"]] for item in items}

    def messages(self) -> list[dict[str, Any]]:
        found = self.aws.client("sqs").receive_message(
            QueueUrl=self.aws.client("sqs").get_queue_url(QueueName=self.name)["QueueUrl"], MaxNumberOfMessages=10
        )
        return [json.loads(each["Body"]) for each in found.get("Messages", [])]


@pytest.fixture
def pipeline(aws: Aws, name: str) -> Iterator[Pipeline]:
    made = Pipeline(aws, name)
    yield made
    mappings = aws.client("lambda").list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    for each in mappings:
        aws.client("lambda").delete_event_source_mapping(UUID=each["UUID"])


def test_records_reach_the_function_in_order_and_once(pipeline: Pipeline) -> None:
    pipeline.make(BatchSize=3)
    pipeline.put(*"abcdefgh")
    eventually(pipeline.seen, {"key": list("abcdefgh")})
    uuid = pipeline.mapping["UUID"]
    last = pipeline.aws.client("lambda").get_event_source_mapping(UUID=uuid)["LastProcessingResult"]
    assert last == "OK"


def test_a_record_is_delivered_within_a_moment(pipeline: Pipeline) -> None:
    pipeline.make(BatchSize=10)
    pipeline.put("warm")
    eventually(pipeline.seen, {"key": ["warm"]})
    begun = time.monotonic()
    pipeline.put("quick")
    eventually(pipeline.seen, {"key": ["warm", "quick"]})
    assert time.monotonic() - begun < 2  # generous: the machine may be busy


def test_latest_starts_with_the_mapping(pipeline: Pipeline) -> None:
    pipeline.make()
    pipeline.put("before")
    time.sleep(0.01)
    pipeline.map(StartingPosition="LATEST")
    pipeline.put("after")
    eventually(pipeline.seen, {"key": ["after"]})


def test_at_timestamp_starts_with_what_came_since(pipeline: Pipeline) -> None:
    pipeline.make()
    pipeline.put("before")
    time.sleep(1.1)  # the API has whole seconds
    moment = datetime.now(UTC).replace(microsecond=0)
    time.sleep(0.1)
    pipeline.put("since")
    pipeline.map(StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=moment)
    eventually(pipeline.seen, {"key": ["since"]})


def test_one_poison_record_is_isolated_and_reported(pipeline: Pipeline) -> None:
    pipeline.before = POISON
    pipeline.make()
    pipeline.put("a", "b", "poison", "c", "d")
    pipeline.map(
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": pipeline.queue()}},
    )
    messages: list[dict[str, Any]] = []
    eventually(lambda: messages.extend(pipeline.messages()) or len(messages), 1)
    assert messages[0]["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert messages[0]["KinesisBatchInfo"]["batchSize"] == 1
    assert messages[0]["responseContext"]["functionError"] == "Unhandled"
    # A failed batch is delivered again from its start, so what came before the poison may be there more than once.
    eventually(lambda: list(dict.fromkeys(pipeline.seen()["key"])), ["a", "b", "c", "d"])


def test_a_bucket_gets_the_records_themselves(pipeline: Pipeline) -> None:
    pipeline.before = POISON
    storage = pipeline.aws.client("s3")
    storage.create_bucket(Bucket=pipeline.name, CreateBucketConfiguration={"LocationConstraint": pipeline.aws.region})
    pipeline.make(
        MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": f"arn:aws:s3:::{pipeline.name}"}}
    )
    pipeline.put("poison")

    def keys() -> list[str]:
        return [each["Key"] for each in storage.list_objects_v2(Bucket=pipeline.name).get("Contents", [])]

    eventually(lambda: len(keys()), 1)
    assert keys()[0].startswith(f"aws/lambda/{pipeline.mapping['UUID']}/shardId-000000000000/")
    document = json.loads(storage.get_object(Bucket=pipeline.name, Key=keys()[0])["Body"].read())
    [record] = json.loads(document["payload"])["Records"]
    assert record["kinesis"]["data"] == "cG9pc29u"


def test_a_partial_answer_is_delivered_again_from_the_reported_record(pipeline: Pipeline) -> None:
    pipeline.source = KEEPING.replace("def handle", "failed = set()\n\ndef handle")
    pipeline.before = (
        'if data == "c" and not failed:\n'
        "            failed.add(data)\n"
        '            return {"batchItemFailures": [{"itemIdentifier": record["kinesis"]["sequenceNumber"]}]}'
    )
    pipeline.make()
    pipeline.put(*"abcd")
    pipeline.map(FunctionResponseTypes=["ReportBatchItemFailures"])
    eventually(pipeline.seen, {"key": list("abcd")})


def test_throttled_records_wait_and_are_not_lost(pipeline: Pipeline) -> None:
    pipeline.make()
    function = {"FunctionName": pipeline.name}
    pipeline.aws.client("lambda").put_function_concurrency(**function, ReservedConcurrentExecutions=0)
    pipeline.map(MaximumRetryAttempts=0)
    pipeline.put("a", "b")
    time.sleep(1)
    assert pipeline.seen() == {}
    pipeline.aws.client("lambda").delete_function_concurrency(**function)
    eventually(pipeline.seen, {"key": ["a", "b"]})


def test_what_a_filter_keeps_out_never_reaches_the_function(pipeline: Pipeline) -> None:
    pattern = json.dumps({"data": {"kind": ["purchase"]}})
    pipeline.make(FilterCriteria={"Filters": [{"Pattern": pattern}]})
    pipeline.put('{"kind": "click"}', "no json", '{"kind": "purchase"}')
    eventually(pipeline.seen, {"key": ['{"kind": "purchase"}']})


def test_a_batching_window_collects_records(pipeline: Pipeline) -> None:
    pipeline.make(BatchSize=100, MaximumBatchingWindowInSeconds=2)
    for each in "abc":
        pipeline.put(each)
        time.sleep(0.2)
    assert pipeline.seen() == {}
    eventually(pipeline.seen, {"key": ["a", "b", "c"]})
    events = pipeline.aws.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{pipeline.name}")["events"]
    assert [each["message"] for each in events if "records" in each["message"]] == ["3 records"]


def test_parallel_batches_keep_the_order_of_each_key(pipeline: Pipeline) -> None:
    pipeline.before = "time.sleep(0.1)"
    pipeline.make(BatchSize=2, ParallelizationFactor=4)
    keys = [f"key-{each}" for each in range(6)]
    for data in "abcd":
        for key in keys:
            pipeline.put(data, key=key)
    eventually(pipeline.seen, {key: list("abcd") for key in keys})


def test_a_disabled_mapping_stops_and_goes_on_where_it_was(pipeline: Pipeline) -> None:
    pipeline.make(BatchSize=10)
    pipeline.put("a")
    eventually(pipeline.seen, {"key": ["a"]})
    pipeline.update(Enabled=False)
    time.sleep(0.8)
    pipeline.put("b")
    time.sleep(0.8)
    assert pipeline.seen() == {"key": ["a"]}
    pipeline.update(Enabled=True)
    eventually(pipeline.seen, {"key": ["a", "b"]})


def test_an_update_takes_effect_while_a_batch_is_being_retried(pipeline: Pipeline) -> None:
    pipeline.before = POISON
    pipeline.make(BatchSize=1)
    pipeline.put("poison")
    time.sleep(0.5)
    pipeline.update(MaximumRetryAttempts=0)
    pipeline.put("after")
    eventually(pipeline.seen, {"key": ["after"]})


def test_a_deleted_mapping_delivers_nothing_more(pipeline: Pipeline) -> None:
    pipeline.make(BatchSize=10)
    pipeline.put("a")
    eventually(pipeline.seen, {"key": ["a"]})
    pipeline.aws.client("lambda").delete_event_source_mapping(UUID=pipeline.mapping["UUID"])
    time.sleep(0.8)
    pipeline.put("b")
    time.sleep(0.8)
    assert pipeline.seen() == {"key": ["a"]}


def test_resharding_during_a_run_loses_nothing_and_keeps_order(pipeline: Pipeline) -> None:
    pipeline.shards = 2
    pipeline.make(BatchSize=5)
    keys = [f"key-{each}" for each in range(8)]
    for number, count in enumerate((4, 3, 2)):
        for key in keys:
            pipeline.put(f"{number}a", f"{number}b", key=key)
        pipeline.aws.client("kinesis").update_shard_count(
            StreamName=pipeline.name, TargetShardCount=count, ScalingType="UNIFORM_SCALING"
        )
    for key in keys:
        pipeline.put("end", key=key)
    eventually(pipeline.seen, {key: ["0a", "0b", "1a", "1b", "2a", "2b", "end"] for key in keys})


def test_the_age_of_what_is_delivered_is_published(pipeline: Pipeline) -> None:
    pipeline.make(BatchSize=10)
    pipeline.put("a")
    eventually(pipeline.seen, {"key": ["a"]})
    now = datetime.now(UTC)
    points = pipeline.aws.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="IteratorAge",
        Dimensions=[{"Name": "FunctionName", "Value": pipeline.name}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=7200,
        Statistics=["SampleCount"],
    )["Datapoints"]
    assert sum(each["SampleCount"] for each in points) >= 1


def test_a_stream_that_was_made_anew_is_read_from_its_beginning(pipeline: Pipeline) -> None:
    pipeline.make(BatchSize=10)
    pipeline.put("old")
    eventually(pipeline.seen, {"key": ["old"]})
    kinesis = pipeline.aws.client("kinesis")
    kinesis.update_shard_count(StreamName=pipeline.name, TargetShardCount=2, ScalingType="UNIFORM_SCALING")
    time.sleep(0.5)
    kinesis.delete_stream(StreamName=pipeline.name)
    time.sleep(1)
    kinesis.create_stream(StreamName=pipeline.name, ShardCount=1)
    pipeline.put("new")
    eventually(pipeline.seen, {"key": ["old", "new"]})


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_kill_in_the_middle_of_a_run_skips_nothing(tmp_path: Path) -> None:
    emulator = process.start(tmp_path)
    pipeline = Pipeline(aws_of(emulator), "killed", shards=2, before="time.sleep(0.01)")
    pipeline.make(BatchSize=5)
    expected = {f"key-{each}": {str(number) for number in range(40)} for each in range(5)}
    for key, data in expected.items():
        pipeline.put(*data, key=key)
    wait_for_snapshot_of_progress(tmp_path)
    os.kill(emulator.pid, signal.SIGKILL)
    os.waitpid(emulator.pid, 0)
    pipeline.aws = aws_of(process.start(tmp_path))

    try:
        eventually(lambda: {key: set(seen) for key, seen in pipeline.seen().items()}, expected)
        total = sum(len(seen) for seen in pipeline.seen().values())
        assert total < 2 * 5 * 40, "everything was delivered again: the checkpoints were lost"
    finally:
        process.stop(tmp_path)


def wait_for_snapshot_of_progress(folder: Path) -> None:
    """Until a snapshot holds a checkpoint and the run is not yet over."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        path = folder / "snapshot.json"
        if path.exists() and any(
            "shardId" in key for each in json.loads(path.read_text())["checkpoints"].values() for key in each
        ):
            return
        time.sleep(0.02)
    pytest.fail("no checkpoint was saved")


def test_a_clean_stop_delivers_nothing_again(tmp_path: Path) -> None:
    pipeline = Pipeline(aws_of(process.start(tmp_path)), "stopped")
    pipeline.make(BatchSize=5)
    pipeline.put("a", "b")
    eventually(pipeline.seen, {"key": ["a", "b"]})
    process.stop(tmp_path)
    pipeline.aws = aws_of(process.start(tmp_path))
    try:
        pipeline.put("c")
        eventually(pipeline.seen, {"key": ["a", "b", "c"]})
    finally:
        process.stop(tmp_path)


def test_a_stop_ends_a_long_function_and_does_not_count_it_as_failed(tmp_path: Path) -> None:
    pipeline = Pipeline(aws_of(process.start(tmp_path)), "long", before="print('begun', flush=True); time.sleep(120)")
    pipeline.make(MaximumRetryAttempts=0)
    pipeline.put("a")
    time.sleep(1)
    begun = time.monotonic()
    assert process.stop(tmp_path) is True
    assert time.monotonic() - begun < 15
    [positions] = json.loads((tmp_path / "snapshot.json").read_text())["checkpoints"].values()
    assert list(positions) == ["stream"], "the record was taken for finished"

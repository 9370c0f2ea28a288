"""What streamctl relies on in MiniStack, mended or as it is: one probe each, through the front door.

A failing probe after a change of MiniStack's version names what has to be looked at.
"""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from streamctl.aws.failures import code
from tests.emulator.conftest import REGION, create_function, stream_arn
from tests.emulator.stacks.deploying import finished

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamctl.aws import Aws

pytestmark = pytest.mark.xdist_group("emulator")

NOTHING = "def handle(event, context):\n    print('called')\n"


@pytest.fixture
def stream(aws: Aws, name: str) -> str:
    aws.client("kinesis").create_stream(StreamName=name, ShardCount=2)
    return name


def shards(aws: Aws, stream: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = aws.client("kinesis").list_shards(StreamName=stream)["Shards"]
    return found


def is_open(shard: dict[str, Any]) -> bool:
    return "EndingSequenceNumber" not in shard["SequenceNumberRange"]


def put(aws: Aws, stream: str, count: int, start: int = 0) -> None:
    records = [{"Data": str(each).encode(), "PartitionKey": f"key-{each}"} for each in range(start, start + count)]
    aws.client("kinesis").put_records(StreamName=stream, Records=records)


def read(aws: Aws, stream: str, shard_id: str, **position: Any) -> tuple[list[int], bool]:
    """The records of a shard, and whether the shard has an end."""
    kinesis = aws.client("kinesis")
    position = position or {"ShardIteratorType": "TRIM_HORIZON"}
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard_id, **position)["ShardIterator"]
    answer = kinesis.get_records(ShardIterator=iterator)
    return [int(each["Data"]) for each in answer["Records"]], "NextShardIterator" not in answer


def read_all(aws: Aws, stream: str) -> list[int]:
    return sorted(number for shard in shards(aws, stream) for number in read(aws, stream, shard["ShardId"])[0])


def tiles(aws: Aws, stream: str) -> bool:
    """Whether the open shards cover every hash key once."""
    ranges = sorted(
        (int(each["HashKeyRange"]["StartingHashKey"]), int(each["HashKeyRange"]["EndingHashKey"]))
        for each in shards(aws, stream)
        if is_open(each)
    )
    gapless = all(before[1] + 1 == after[0] for before, after in pairwise(ranges))
    return gapless and ranges[0][0] == 0 and ranges[-1][1] == 2**128 - 1


# Streams


def test_a_changed_function_is_busy_for_a_moment(aws: Aws, name: str) -> None:
    functions = aws.client("lambda")
    create_function(aws, name, NOTHING)
    told = functions.update_function_configuration(FunctionName=name, Description="changed")["LastUpdateStatus"]
    deadline = time.monotonic() + 30
    while (state := functions.get_function_configuration(FunctionName=name)["LastUpdateStatus"]) == "InProgress":
        assert time.monotonic() < deadline
    assert (told, state) == ("InProgress", "Successful")


def test_a_stream_keeps_the_tags_it_was_made_with(aws: Aws, name: str) -> None:
    aws.client("kinesis").create_stream(StreamName=name, ShardCount=1, Tags={"owner": "us"})
    tags = aws.client("kinesis").list_tags_for_stream(StreamName=name)["Tags"]
    assert tags == [{"Key": "owner", "Value": "us"}]


def test_a_streams_capacity_mode_can_be_changed(aws: Aws, stream: str) -> None:
    kinesis = aws.client("kinesis")
    kinesis.update_stream_mode(StreamARN=stream_arn(aws, stream), StreamModeDetails={"StreamMode": "ON_DEMAND"})

    summary = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    assert (summary["StreamModeDetails"]["StreamMode"], summary["OpenShardCount"]) == ("ON_DEMAND", 2)
    with pytest.raises(ClientError, match="on demand"):
        kinesis.update_shard_count(StreamName=stream, TargetShardCount=4, ScalingType="UNIFORM_SCALING")


def test_put_records_takes_more_than_five_megabytes(aws: Aws, stream: str) -> None:
    records = [{"Data": b"x" * 1_000_000, "PartitionKey": "k"} for _ in range(9)]
    assert aws.client("kinesis").put_records(StreamName=stream, Records=records)["FailedRecordCount"] == 0


def test_put_records_refuses_more_than_ten_mebibytes(aws: Aws, stream: str) -> None:
    records = [{"Data": b"x" * 1_048_000, "PartitionKey": "k"} for _ in range(11)]
    with pytest.raises(ClientError, match="10 MB"):
        aws.client("kinesis").put_records(StreamName=stream, Records=records)


def test_get_records_answers_with_at_most_ten_mebibytes(aws: Aws, name: str) -> None:
    kinesis = aws.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    for _ in range(2):
        kinesis.put_records(StreamName=name, Records=[{"Data": b"x" * 1_000_000, "PartitionKey": "k"}] * 8)
    iterator = kinesis.get_shard_iterator(
        StreamName=name, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    first = kinesis.get_records(ShardIterator=iterator)
    second = kinesis.get_records(ShardIterator=first["NextShardIterator"])
    assert (len(first["Records"]), len(second["Records"])) == (10, 6)


def test_iterators_start_where_they_are_told(aws: Aws, name: str) -> None:
    kinesis = aws.client("kinesis")
    kinesis.create_stream(StreamName=name, ShardCount=1)
    sequences, moments = [], []
    for number in range(3):
        moments.append(datetime.now(UTC))
        time.sleep(0.01)
        answer = kinesis.put_record(StreamName=name, Data=str(number).encode(), PartitionKey="k")
        sequences.append(answer["SequenceNumber"])
        time.sleep(0.01)
    shard = shards(aws, name)[0]["ShardId"]
    at, after = {"ShardIteratorType": "AT_SEQUENCE_NUMBER"}, {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER"}
    assert read(aws, name, shard, StartingSequenceNumber=sequences[1], **at)[0] == [1, 2]
    assert read(aws, name, shard, StartingSequenceNumber=sequences[1], **after)[0] == [2]
    assert read(aws, name, shard, ShardIteratorType="LATEST")[0] == []
    assert read(aws, name, shard, ShardIteratorType="AT_TIMESTAMP", Timestamp=moments[1])[0] == [1, 2]


# Resharding


@pytest.mark.parametrize("target", [1, 2, 3, 4])
def test_resharding_loses_no_record(aws: Aws, stream: str, target: int) -> None:
    put(aws, stream, 50)
    aws.client("kinesis").update_shard_count(StreamName=stream, TargetShardCount=target, ScalingType="UNIFORM_SCALING")
    put(aws, stream, 50, start=50)
    assert read_all(aws, stream) == list(range(100))
    assert sum(is_open(each) for each in shards(aws, stream)) == target
    assert tiles(aws, stream)


def test_a_shard_that_was_resharded_is_closed_and_has_an_end(aws: Aws, stream: str) -> None:
    put(aws, stream, 20)
    parents = {each["ShardId"] for each in shards(aws, stream)}
    before = {parent: read(aws, stream, parent) for parent in parents}
    assert not any(ended for _, ended in before.values())
    aws.client("kinesis").update_shard_count(StreamName=stream, TargetShardCount=4, ScalingType="UNIFORM_SCALING")
    put(aws, stream, 20, start=20)
    for parent in parents:
        assert read(aws, stream, parent) == (before[parent][0], True)
    children = [each for each in shards(aws, stream) if is_open(each)]
    assert {each["ParentShardId"] for each in children} == parents
    summary = aws.client("kinesis").describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    assert summary["OpenShardCount"] == 4


def test_split_and_merge_keep_their_records(aws: Aws, stream: str) -> None:
    kinesis = aws.client("kinesis")
    put(aws, stream, 30)
    first, second = (each["ShardId"] for each in shards(aws, stream))
    kinesis.merge_shards(StreamName=stream, ShardToMerge=first, AdjacentShardToMerge=second)
    merged = next(each for each in shards(aws, stream) if is_open(each))
    assert (merged["ParentShardId"], merged["AdjacentParentShardId"]) == (first, second)
    put(aws, stream, 30, start=30)
    kinesis.split_shard(StreamName=stream, ShardToSplit=merged["ShardId"], NewStartingHashKey=str(2**127))
    put(aws, stream, 30, start=60)
    assert read_all(aws, stream) == list(range(90))
    assert tiles(aws, stream)


def test_a_closed_shard_cannot_be_resharded_again(aws: Aws, stream: str) -> None:
    first = shards(aws, stream)[0]["ShardId"]
    split = {"StreamName": stream, "ShardToSplit": first, "NewStartingHashKey": "1000"}
    aws.client("kinesis").split_shard(**split)
    with pytest.raises(ClientError, match="already been merged or split"):
        aws.client("kinesis").split_shard(**split)


def test_scaling_to_more_than_double_is_refused(aws: Aws, stream: str) -> None:
    with pytest.raises(ClientError, match="at most double"):
        aws.client("kinesis").update_shard_count(StreamName=stream, TargetShardCount=5, ScalingType="UNIFORM_SCALING")


# Event source mappings


def mapping_of(aws: Aws, function: str, stream: str, **settings: Any) -> dict[str, Any]:
    arguments = {"FunctionName": function, "EventSourceArn": stream_arn(aws, stream), "StartingPosition": "LATEST"}
    made: dict[str, Any] = aws.client("lambda").create_event_source_mapping(**arguments | settings)
    return made


def test_a_mapping_reads_as_enabled_with_what_aws_fills_in(
    aws: Aws, stream: str, make_function: Callable[[str, str], str]
) -> None:
    made = mapping_of(aws, make_function(stream, NOTHING), stream)
    seen = aws.client("lambda").get_event_source_mapping(UUID=made["UUID"])
    assert (seen["State"], seen["BatchSize"], seen["MaximumRetryAttempts"]) == ("Enabled", 100, -1)
    assert (seen["MaximumRecordAgeInSeconds"], seen["ParallelizationFactor"]) == (-1, 1)
    assert seen["BisectBatchOnFunctionError"] is False
    assert "CreatedAt" not in seen


def test_a_mapping_remembers_its_starting_time(aws: Aws, stream: str, make_function: Callable[[str, str], str]) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    made = mapping_of(
        aws,
        make_function(stream, NOTHING),
        stream,
        StartingPosition="AT_TIMESTAMP",
        StartingPositionTimestamp=moment,
    )
    seen = aws.client("lambda").get_event_source_mapping(UUID=made["UUID"])
    assert made["StartingPositionTimestamp"] == seen["StartingPositionTimestamp"] == moment


def test_a_second_mapping_of_the_same_two_is_a_conflict(
    aws: Aws, stream: str, make_function: Callable[[str, str], str]
) -> None:
    made = mapping_of(aws, make_function(stream, NOTHING), stream)
    with pytest.raises(ClientError, match=made["UUID"]) as caught:
        mapping_of(aws, stream, stream)
    assert code(caught.value) == "ResourceConflictException"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"EventSourceArn": f"arn:aws:kinesis:{REGION}:000000000000:stream/not-there"}, "Stream not found"),
        ({"StartingPosition": "AT_TIMESTAMP"}, "StartingPositionTimestamp"),
        ({"FilterCriteria": {"Filters": [{"Pattern": "{"}]}}, "Invalid filter pattern"),
        ({"FilterCriteria": {"Filters": [{"Pattern": '{"n": [{"numeric": ["<"]}]}'}]}}, "numeric does not take"),
        ({"TumblingWindowInSeconds": 30}, "not emulated"),
        ({"MaximumRecordAgeInSeconds": 5}, "at least 60"),
        ({"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:lambda:eu-west-1:0:function:f"}}}, "neither"),
    ],
)
def test_a_mapping_that_aws_would_not_take_is_refused(
    aws: Aws, stream: str, make_function: Callable[[str, str], str], settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(ClientError, match=said) as caught:
        mapping_of(aws, make_function(stream, NOTHING), stream, **settings)
    assert code(caught.value) == "InvalidParameterValueException"


def test_an_update_that_aws_would_not_take_is_refused(
    aws: Aws, stream: str, make_function: Callable[[str, str], str]
) -> None:
    made = mapping_of(aws, make_function(stream, NOTHING), stream)
    broken = {"Filters": [{"Pattern": '{"n": [{"numeric": ["!=", 3]}]}'}]}
    with pytest.raises(ClientError, match="Invalid filter pattern") as caught:
        aws.client("lambda").update_event_source_mapping(UUID=made["UUID"], FilterCriteria=broken)
    assert code(caught.value) == "InvalidParameterValueException"


def test_an_empty_destination_takes_a_mappings_destination_away(
    aws: Aws, stream: str, make_function: Callable[[str, str], str]
) -> None:
    queue = {"OnFailure": {"Destination": f"arn:aws:sqs:{REGION}:000000000000:q"}}
    made = mapping_of(aws, make_function(stream, NOTHING), stream, DestinationConfig=queue)
    empty = {"OnFailure": {"Destination": ""}}
    updated = aws.client("lambda").update_event_source_mapping(UUID=made["UUID"], DestinationConfig=empty)
    assert (made["DestinationConfig"], updated["DestinationConfig"]) == (queue, {"OnFailure": {}})


def deploy_mapping(aws: Aws, name: str, *, action: str = "create", **properties: Any) -> dict[str, Any]:
    """The stack `name` of one mapping, once it is made or given up."""
    mapping = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": properties}
    return finished(aws, action, name, {"Resources": {"Mapping": mapping}})


def test_a_mapping_of_a_template_is_like_any_other(
    aws: Aws, stream: str, make_function: Callable[[str, str], str]
) -> None:
    properties = {"FunctionName": make_function(stream, NOTHING), "EventSourceArn": stream_arn(aws, stream)}
    start = {"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": "1700000000"}
    tags = [{"Key": "owner", "Value": "us"}]
    stack = deploy_mapping(
        aws, stream, **properties, **start, MaximumRetryAttempts="3", BisectBatchOnFunctionError="true", Tags=tags
    )
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    [seen] = aws.client("lambda").list_event_source_mappings(FunctionName=stream)["EventSourceMappings"]
    assert seen["StartingPositionTimestamp"] == datetime.fromtimestamp(1_700_000_000, UTC)
    assert (seen["BatchSize"], seen["MaximumRetryAttempts"], seen["BisectBatchOnFunctionError"]) == (100, 3, True)
    assert aws.client("lambda").list_tags(Resource=seen["EventSourceMappingArn"])["Tags"]["owner"] == "us"

    stack = deploy_mapping(aws, stream, action="update", **properties, **start, BatchSize="7")
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    [now] = aws.client("lambda").list_event_source_mappings(FunctionName=stream)["EventSourceMappings"]
    assert (now["UUID"], now["BatchSize"], now["MaximumRetryAttempts"]) == (seen["UUID"], 7, -1)
    aws.client("cloudformation").delete_stack(StackName=stream)


def test_a_template_that_aws_would_not_take_fails_with_the_reason(
    aws: Aws, stream: str, make_function: Callable[[str, str], str]
) -> None:
    properties = {"FunctionName": make_function(stream, NOTHING), "EventSourceArn": stream_arn(aws, stream)}
    stack = deploy_mapping(aws, stream, **properties, StartingPosition="AT_TIMESTAMP")
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    events = aws.client("cloudformation").describe_stack_events(StackName=stream)["StackEvents"]
    assert any("StartingPositionTimestamp" in each.get("ResourceStatusReason", "") for each in events)


def test_a_mapping_of_a_table_and_the_table_itself_can_be_of_a_template(
    aws: Aws, name: str, make_function: Callable[[str, str], str]
) -> None:
    resources = {
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": name,
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
                "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
            },
        },
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "FunctionName": make_function(name, NOTHING),
                "EventSourceArn": {"Fn::GetAtt": ["Table", "StreamArn"]},
                "StartingPosition": "TRIM_HORIZON",
                "MaximumRetryAttempts": "3",
            },
        },
    }
    assert finished(aws, "create", name, {"Resources": resources})["StackStatus"] == "CREATE_COMPLETE"
    aws.client("dynamodb").put_item(TableName=name, Item={"id": {"S": "a"}})
    [seen] = aws.client("lambda").list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    assert (seen["MaximumRetryAttempts"], seen["BatchSize"]) == (3, 100)
    deadline = time.monotonic() + 20
    while not aws.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    aws.client("cloudformation").delete_stack(StackName=name)


@pytest.fixture
def table(aws: Aws, name: str) -> str:
    """A table with a stream."""
    aws.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    return name


def table_stream(aws: Aws, table: str) -> str:
    return str(aws.client("dynamodb").describe_table(TableName=table)["Table"]["LatestStreamArn"])


def told(aws: Aws, arn: str) -> tuple[list[str], str, bool]:
    """The items that a table's stream tells of, its state, and whether its shard has an end."""
    streams = aws.client("dynamodbstreams")
    description = streams.describe_stream(StreamArn=arn)["StreamDescription"]
    [shard] = description["Shards"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
    answer = streams.get_records(ShardIterator=iterator["ShardIterator"])
    items = [each["dynamodb"]["Keys"]["id"]["S"] for each in answer["Records"]]
    return items, description["StreamStatus"], "NextShardIterator" not in answer


def switch_stream(aws: Aws, table: str, **specification: Any) -> None:
    aws.client("dynamodb").update_table(TableName=table, StreamSpecification=specification)


def test_a_tables_stream_stays_readable_once_it_is_off_and_another_one_follows_it(aws: Aws, table: str) -> None:
    first = table_stream(aws, table)
    aws.client("dynamodb").put_item(TableName=table, Item={"id": {"S": "a"}})
    assert told(aws, first) == (["a"], "ENABLED", False)

    switch_stream(aws, table, StreamEnabled=False)
    assert table_stream(aws, table) == first
    assert told(aws, first) == (["a"], "DISABLED", True)

    switch_stream(aws, table, StreamEnabled=True, StreamViewType="KEYS_ONLY")
    assert table_stream(aws, table) != first
    assert told(aws, table_stream(aws, table)) == ([], "ENABLED", False)


def test_a_stream_of_a_table_is_told_where_it_was_read_up_to(aws: Aws, table: str) -> None:
    arn, streams = table_stream(aws, table), aws.client("dynamodbstreams")
    for each in "abc":
        aws.client("dynamodb").put_item(TableName=table, Item={"id": {"S": each}})
    [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    position = {"StreamArn": arn, "ShardId": shard["ShardId"]}

    def read(**more: Any) -> list[dict[str, Any]]:
        iterator = streams.get_shard_iterator(**position, **more)["ShardIterator"]
        return [each["dynamodb"] for each in streams.get_records(ShardIterator=iterator)["Records"]]

    [first, *others] = read(ShardIteratorType="TRIM_HORIZON")
    assert read(ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=first["SequenceNumber"]) == others
    with pytest.raises(ClientError) as caught:
        read(ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber="1" * 30)
    assert code(caught.value) == "TrimmedDataAccessException"


def test_a_mapping_of_a_table_is_checked_like_any_other_and_not_run_by_ministack(
    aws: Aws, table: str, make_function: Callable[[str, str], str]
) -> None:
    functions, arn = aws.client("lambda"), table_stream(aws, table)
    arguments = {"FunctionName": make_function(table, NOTHING), "StartingPosition": "LATEST", "Enabled": False}
    aws.client("dynamodb").put_item(TableName=table, Item={"id": {"S": "a"}})
    made = functions.create_event_source_mapping(EventSourceArn=arn, **arguments)
    assert (made["BatchSize"], made["MaximumRetryAttempts"]) == (100, -1)
    assert "StartsAfter" not in made
    for settings, said in (
        ({"EventSourceArn": arn}, made["UUID"]),
        ({"EventSourceArn": f"{arn}0"}, "Stream not found"),
        ({"EventSourceArn": arn, "StartingPosition": "AT_TIMESTAMP"}, "StartingPosition must be one of"),
        ({"EventSourceArn": arn, "FilterCriteria": {"Filters": [{"Pattern": "{"}]}}, "Invalid filter pattern"),
    ):
        with pytest.raises(ClientError, match=said):
            functions.create_event_source_mapping(**arguments | settings)
    aws.client("dynamodb").put_item(TableName=table, Item={"id": {"S": "b"}})
    time.sleep(1.5)  # MiniStack's poller looks once a second
    assert aws.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{table}")["logGroups"] == []


def test_the_tagging_api_tells_of_mappings(aws: Aws, stream: str, make_function: Callable[[str, str], str]) -> None:
    made = mapping_of(aws, make_function(stream, NOTHING), stream, Tags={"owner": stream})
    found = aws.client("resourcegroupstaggingapi").get_resources(
        TagFilters=[{"Key": "owner", "Values": [stream]}], ResourceTypeFilters=["lambda:event-source-mapping"]
    )["ResourceTagMappingList"]
    assert [each["ResourceARN"] for each in found] == [made["EventSourceMappingArn"]]


def test_nothing_but_our_driver_consumes(aws: Aws, stream: str, make_function: Callable[[str, str], str]) -> None:
    mapping_of(aws, make_function(stream, NOTHING), stream, StartingPosition="TRIM_HORIZON", Enabled=False)
    put(aws, stream, 5)
    time.sleep(1.5)  # MiniStack's poller looks once a second
    assert aws.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{stream}")["logGroups"] == []


# Functions


def test_a_function_without_concurrency_is_throttled(
    aws: Aws, name: str, make_function: Callable[[str, str], str]
) -> None:
    make_function(name, NOTHING)
    aws.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError) as caught:
        aws.once("lambda").invoke(FunctionName=name)
    assert code(caught.value) == "TooManyRequestsException"


def test_what_a_function_prints_is_in_its_log_group(
    aws: Aws, name: str, make_function: Callable[[str, str], str]
) -> None:
    make_function(name, NOTHING)
    aws.client("lambda").invoke(FunctionName=name)
    events = aws.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    assert "called" in [each["message"] for each in events]


def test_what_a_deleted_function_still_prints_makes_no_log_group(
    aws: Aws, name: str, make_function: Callable[[str, str], str]
) -> None:
    make_function(name, "import time\ndef handle(event, context):\n    time.sleep(1)\n    print('late')\n")
    functions = aws.client("lambda")
    with ThreadPoolExecutor(1) as pool:
        invocation = pool.submit(functions.invoke, FunctionName=name)
        time.sleep(0.5)
        functions.delete_function(FunctionName=name)
        invocation.result()
    assert aws.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"] == []


# Metrics


def total(aws: Aws, namespace: str, metric: str, **dimensions: str) -> float | None:
    """The sum of a metric under exactly these dimensions, the same by both ways to ask."""
    now = datetime.now(UTC)
    span = {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(minutes=1)}
    named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    cloudwatch = aws.client("cloudwatch")
    points = cloudwatch.get_metric_statistics(
        Namespace=namespace, MetricName=metric, Dimensions=named, Period=7200, Statistics=["Sum"], **span
    )["Datapoints"]
    asked = {
        "Metric": {"Namespace": namespace, "MetricName": metric, "Dimensions": named},
        "Period": 7200,
        "Stat": "Sum",
    }
    [result] = cloudwatch.get_metric_data(MetricDataQueries=[{"Id": "a", "MetricStat": asked}], **span)[
        "MetricDataResults"
    ]
    assert [each["Sum"] for each in points] == result["Values"]
    return sum(result["Values"]) if result["Values"] else None


def test_metrics_are_found_under_their_exact_dimensions_only(aws: Aws, name: str) -> None:
    cloudwatch = aws.client("cloudwatch")
    one = {"MetricName": "Sold", "Value": 3, "Dimensions": [{"Name": "Shop", "Value": "a"}]}
    cloudwatch.put_metric_data(Namespace=name, MetricData=[one])
    assert total(aws, name, "Sold", Shop="a") == 3
    assert total(aws, name, "Sold") is None
    assert total(aws, name, "Sold", Shop="a", Till="1") is None
    cloudwatch.put_metric_data(Namespace=name, MetricData=[{"MetricName": "Sold", "Value": 4}])
    assert total(aws, name, "Sold") == 4


def test_embedded_metrics_of_a_log_line_are_published(
    aws: Aws, name: str, make_function: Callable[[str, str], str]
) -> None:
    directive = {"Namespace": name, "Dimensions": [[], ["Kind"]], "Metrics": [{"Name": "Sold", "Unit": "Count"}]}
    source = f"""
import json, time
def handle(event, context):
    print(json.dumps({{"_aws": {{"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [{directive}]}},
                      "Sold": [1, 2, 3], "Kind": "book"}}))
"""
    make_function(name, source)
    aws.client("lambda").invoke(FunctionName=name)
    assert total(aws, name, "Sold") == 6
    assert total(aws, name, "Sold", Kind="book") == 6
    assert total(aws, "AWS/Lambda", "Invocations", FunctionName=name) == 1


def test_a_stream_has_its_basic_metrics(aws: Aws, stream: str) -> None:
    put(aws, stream, 20)
    aws.client("kinesis").put_record(StreamName=stream, Data=b"12345", PartitionKey="k")
    read_all(aws, stream)
    assert total(aws, "AWS/Kinesis", "IncomingRecords", StreamName=stream) == 21
    assert total(aws, "AWS/Kinesis", "IncomingBytes", StreamName=stream) == 10 * 1 + 10 * 2 + 5
    assert total(aws, "AWS/Kinesis", "PutRecords.Success", StreamName=stream) == 1
    assert total(aws, "AWS/Kinesis", "GetRecords.Records", StreamName=stream) == 21
    assert total(aws, "AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", StreamName=stream) is not None
    assert total(aws, "AWS/Kinesis", "IncomingRecords") is None


def test_a_table_has_its_consumed_capacity(aws: Aws, name: str) -> None:
    dynamodb = aws.client("dynamodb")
    make_table(aws, name)
    dynamodb.put_item(TableName=name, Item={"id": {"S": "1"}})
    items = [{"PutRequest": {"Item": {"id": {"S": str(each)}}}} for each in range(10)]
    answer = dynamodb.batch_write_item(RequestItems={name: items})
    assert answer["UnprocessedItems"] == {}
    assert "ConsumedCapacity" not in answer
    asked = dynamodb.put_item(TableName=name, Item={"id": {"S": "2"}}, ReturnConsumedCapacity="TOTAL")
    assert asked["ConsumedCapacity"]["CapacityUnits"] == 1
    assert total(aws, "AWS/DynamoDB", "ConsumedWriteCapacityUnits", TableName=name) == 12


def make_table(aws: Aws, name: str) -> None:
    aws.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def test_an_alarm_looks_at_its_own_dimensions(aws: Aws, name: str) -> None:
    cloudwatch = aws.client("cloudwatch")
    for shop in ("a", "b"):
        cloudwatch.put_metric_alarm(
            AlarmName=f"{name}-{shop}",
            Namespace=name,
            MetricName="Errors",
            Dimensions=[{"Name": "Shop", "Value": shop}],
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="notBreaching",
        )
    one = {"MetricName": "Errors", "Value": 1, "Dimensions": [{"Name": "Shop", "Value": "a"}]}
    cloudwatch.put_metric_data(Namespace=name, MetricData=[one])
    alarms = cloudwatch.describe_alarms(AlarmNamePrefix=name)["MetricAlarms"]
    assert {each["AlarmName"]: each["StateValue"] for each in alarms} == {f"{name}-a": "ALARM", f"{name}-b": "OK"}


def test_the_tagging_api_tells_the_tags_of_alarms(aws: Aws, name: str) -> None:
    cloudwatch = aws.client("cloudwatch")
    for each in (name, f"{name}-other"):
        cloudwatch.put_metric_alarm(
            AlarmName=each,
            Namespace="AWS/Lambda",
            MetricName="Errors",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            Tags=[{"Key": "whose", "Value": each}],
        )
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]

    answer = aws.client("resourcegroupstaggingapi").get_resources(ResourceARNList=[alarm["AlarmArn"]])

    (found,) = answer["ResourceTagMappingList"]
    assert (found["ResourceARN"], found["Tags"]) == (alarm["AlarmArn"], [{"Key": "whose", "Value": name}])


def test_an_alarm_on_a_queue_fires_soon_after_a_message_came(aws: Aws, name: str) -> None:
    url = aws.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    cloudwatch = aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=[{"Name": "QueueName", "Value": name}],
        Statistic="Maximum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
    )
    aws.client("sqs").send_message(QueueUrl=url, MessageBody="a")
    deadline = time.monotonic() + 20
    while cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"] != "ALARM":
        assert time.monotonic() < deadline
        time.sleep(0.2)


# State


def test_a_queue_url_names_an_address_that_the_gate_lets_through(aws: Aws, name: str) -> None:
    url = aws.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    aws.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps({"a": 1}))
    [message] = aws.client("sqs").receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"]) == {"a": 1}

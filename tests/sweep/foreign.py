"""Neighbours: resources of every kind that are not the pipeline's, with names as much like its own as can be."""

from __future__ import annotations

import io
import json
import time
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

OWNER_TAG = "streamctl:pipeline"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def zipped(source: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("module.py"), source)  # without the time, so that the bytes are the same
    return buffer.getvalue()


def make_neighbours(client: Callable[[str], Any], name: str) -> None:
    """A pipeline whose name begins with ours, tagged as its own; and things without a tag whose names contain ours."""
    longer = f"{name}0"
    make(client, longer, {OWNER_TAG: longer})
    make(client, f"{name}-copy", {})


def make(client: Callable[[str], Any], name: str, tags: Mapping[str, str]) -> None:
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    function = f"kinesis-processor-{name}"
    client("dynamodb").create_table(
        TableName=f"analytics-results-{name}",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=pairs,
    )
    role = _role(client("iam"), f"kinesis-lambda-role-{name}", pairs)
    client("logs").create_log_group(logGroupName=f"/aws/lambda/{function}", tags=dict(tags))
    for queue in ("rejected", "failures"):
        client("sqs").create_queue(QueueName=f"analytics-{queue}-{name}", tags=dict(tags))
    client("cloudwatch").put_metric_alarm(
        AlarmName=f"KinesisLambdaProcessorErrors-{name}",
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        Tags=pairs,
    )
    _mapped(client, _stream(client("kinesis"), f"analytics-stream-{name}", tags), function, role, tags)


def _role(iam: Any, name: str, pairs: list[dict[str, str]]) -> str:
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), Tags=pairs)["Role"]
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}
    iam.put_role_policy(RoleName=name, PolicyName="KinesisLambdaProcessorPolicy", PolicyDocument=json.dumps(document))
    return str(role["Arn"])


def _stream(kinesis: Any, name: str, tags: Mapping[str, str]) -> str:
    kinesis.create_stream(StreamName=name, ShardCount=1)
    if tags:
        kinesis.add_tags_to_stream(StreamName=name, Tags=dict(tags))
    return str(kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamARN"])


def _mapped(client: Callable[[str], Any], stream: str, function: str, role: str, tags: Mapping[str, str]) -> None:
    functions = client("lambda")
    functions.create_function(
        FunctionName=function,
        Runtime="python3.11",
        Handler="module.handle",
        Role=role,
        Code={"ZipFile": zipped("def handle(event, context): pass")},
        Tags=dict(tags),
    )
    await_function(functions, function)
    functions.create_event_source_mapping(
        EventSourceArn=stream, FunctionName=function, StartingPosition="LATEST", Enabled=False, Tags=dict(tags)
    )


def await_function(functions: Any, name: str) -> None:
    """Wait until Lambda has made the function, or its last change."""
    deadline = time.monotonic() + 10
    while (found := functions.get_function_configuration(FunctionName=name))["LastUpdateStatus"] != "Successful":
        assert time.monotonic() < deadline, f"never ready: {found}"
        time.sleep(0.1)

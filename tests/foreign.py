"""Resources of every kind that are not the pipeline's, made with plain boto3 calls."""

from __future__ import annotations

import io
import json
import time
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Client = Callable[[str], Any]
    Tags = Mapping[str, str]

OWNER_TAG = "streamctl:pipeline"
MAIL = "somebody@example.com"
LOGS = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def make_neighbours(client: Client, name: str) -> None:
    """A pipeline whose name begins with ours, tagged as its own; and things without a tag whose names contain ours."""
    longer = f"{name}0"
    for make in MAKERS.values():
        make(client, longer, {OWNER_TAG: longer})
        make(client, f"{name}-copy", {})


def make_alarm(client: Client, name: str, tags: Tags) -> None:
    client("cloudwatch").put_metric_alarm(
        AlarmName=f"KinesisLambdaProcessorErrors-{name}",
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        Tags=_pairs(tags),
    )


def make_dashboard(client: Client, name: str, tags: Tags) -> None:
    cloudwatch = client("cloudwatch")
    cloudwatch.put_dashboard(
        DashboardName=f"analytics-dashboard-{name}-{cloudwatch.meta.region_name}",
        DashboardBody='{"widgets": []}',
        Tags=_pairs(tags),
    )


def make_table(client: Client, name: str, tags: Tags) -> None:
    client("dynamodb").create_table(
        TableName=f"analytics-results-{name}",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=_pairs(tags),
    )


def make_role(client: Client, name: str, tags: Tags) -> None:
    role, document = f"kinesis-lambda-role-{name}", {**TRUST, "Statement": [LOGS]}
    client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(TRUST), Tags=_pairs(tags))
    client("iam").put_role_policy(
        RoleName=role, PolicyName="KinesisLambdaProcessorPolicy", PolicyDocument=json.dumps(document)
    )


def make_stream(client: Client, name: str, tags: Tags) -> None:
    client("kinesis").create_stream(StreamName=f"analytics-stream-{name}", ShardCount=1)
    if tags:
        client("kinesis").add_tags_to_stream(StreamName=f"analytics-stream-{name}", Tags=dict(tags))


def make_function(client: Client, name: str, tags: Tags) -> None:
    client("lambda").create_function(
        FunctionName=f"kinesis-processor-{name}",
        Runtime="python3.11",
        Handler="module.handle",
        Role=f"arn:aws:iam::000000000000:role/kinesis-lambda-role-{name}",
        Code={"ZipFile": zipped("def handle(event, context): pass")},
        Tags=dict(tags),
    )
    await_function(client("lambda"), f"kinesis-processor-{name}")


def make_mapping(client: Client, name: str, tags: Tags) -> None:
    """Between a stream and a function of these names, made where there is none."""
    streams = client("kinesis")
    if f"analytics-stream-{name}" not in streams.list_streams()["StreamNames"]:
        make_stream(client, name, tags)
        make_function(client, name, tags)
    stream = streams.describe_stream_summary(StreamName=f"analytics-stream-{name}")["StreamDescriptionSummary"]
    client("lambda").create_event_source_mapping(
        EventSourceArn=stream["StreamARN"],
        FunctionName=f"kinesis-processor-{name}",
        StartingPosition="LATEST",
        Enabled=False,
        Tags=dict(tags),
    )


def make_log_group(client: Client, name: str, tags: Tags) -> None:
    client("logs").create_log_group(logGroupName=f"/aws/lambda/kinesis-processor-{name}", tags=dict(tags))


def make_queues(client: Client, name: str, tags: Tags) -> None:
    for queue in ("rejected", "failures"):
        client("sqs").create_queue(QueueName=f"analytics-{queue}-{name}", tags=dict(tags))


def make_topic(client: Client, name: str, tags: Tags) -> None:
    client("sns").create_topic(Name=f"analytics-alarms-{name}", Tags=_pairs(tags))


def make_subscription(client: Client, name: str, tags: Tags) -> None:
    """Of a topic of this name, made where there is none. It carries no tags."""
    topics = [topic["TopicArn"] for topic in client("sns").list_topics()["Topics"]]
    if not any(arn.endswith(f":analytics-alarms-{name}") for arn in topics):
        make_topic(client, name, tags)
    arn = client("sns").create_topic(Name=f"analytics-alarms-{name}")["TopicArn"]
    client("sns").subscribe(TopicArn=arn, Protocol="email", Endpoint=MAIL)


def make_key(client: Client, name: str, tags: Tags) -> None:
    pairs = [{"TagKey": key, "TagValue": value} for key, value in tags.items()]
    key = client("kms").create_key(Tags=pairs)["KeyMetadata"]["KeyId"]
    client("kms").create_alias(AliasName=f"alias/analytics-alarms-{name}", TargetKeyId=key)


def make_bucket(client: Client, name: str, tags: Tags) -> None:
    bucket = f"analytics-failed-{name}-000000000000"
    client("s3").create_bucket(Bucket=bucket)
    if tags:
        client("s3").put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": _pairs(tags)})


MAKERS: Mapping[str, Callable[[Client, str, Tags], None]] = {
    "cloudwatch_alarm": make_alarm,
    "cloudwatch_dashboard": make_dashboard,
    "dynamodb_table": make_table,
    "iam_role": make_role,
    "kinesis_stream": make_stream,
    "lambda_function": make_function,
    "event_source_mapping": make_mapping,
    "log_group": make_log_group,
    "sqs_queue": make_queues,
    "sns_topic": make_topic,
    "sns_subscription": make_subscription,
    "kms_key": make_key,
    "s3_bucket": make_bucket,
}
"""How somebody else makes a thing of each kind, called as the pipeline of a name would call it."""

SETTINGS = {
    "cloudwatch_dashboard": "features.dashboard.enabled = true\n",
    "sns_subscription": f'features.alarms.email = ["{MAIL}"]\n',
    "kms_key": "features.alarms.encrypt_topic = true\n",
    "s3_bucket": 'event_source.on_failure = "s3"\n',
}
"""Settings without which a pipeline has nothing of the kind."""


def settings(kinds: Iterable[str]) -> str:
    """A configuration with which a pipeline has something of each of these kinds."""
    return "".join(SETTINGS[kind] for kind in kinds if kind in SETTINGS)


def _pairs(tags: Tags) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def zipped(source: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("module.py"), source)  # without the time, so that the bytes are the same
    return buffer.getvalue()


def await_function(functions: Any, name: str) -> None:
    """Wait until Lambda has made the function, or its last change."""
    deadline = time.monotonic() + 10
    while (found := functions.get_function_configuration(FunctionName=name))["LastUpdateStatus"] != "Successful":
        assert time.monotonic() < deadline, f"never ready: {found}"
        time.sleep(0.02)

"""The published recipe's own shell commands as boto3 calls, in its order: no tags, and the settings it chose.

The figures, the policy on everything and the alarm that can never fire are the recipe's. The processor is any handler:
no event is sent before ours is in its place.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .foreign import TRUST, await_function, zipped

if TYPE_CHECKING:
    from .foreign import Client

POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:PutLogEvents",
                "kinesis:DescribeStream",
                "kinesis:GetShardIterator",
                "kinesis:GetRecords",
                "kinesis:ListStreams",
                "dynamodb:PutItem",
                "dynamodb:GetItem",
                "dynamodb:UpdateItem",
                "cloudwatch:PutMetricData",
            ],
            "Resource": "*",
        }
    ],
}


def make_by_hand(client: Client, name: str) -> None:
    """The pipeline of a name, as whoever types the recipe gets it."""
    make_table(client, name)
    role = make_role(client, name)
    stream = make_stream(client, name)
    make_function(client, name, role)
    make_mapping(client, name, stream)
    make_alarms(client, name)


def make_table(client: Client, name: str) -> None:
    client("dynamodb").create_table(
        TableName=f"analytics-results-{name}",
        AttributeDefinitions=[
            {"AttributeName": "eventId", "AttributeType": "S"},
            {"AttributeName": "timestamp", "AttributeType": "N"},
        ],
        KeySchema=[
            {"AttributeName": "eventId", "KeyType": "HASH"},
            {"AttributeName": "timestamp", "KeyType": "RANGE"},
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": False},
    )


def make_role(client: Client, name: str) -> str:
    iam, role = client("iam"), f"kinesis-lambda-role-{name}"
    made = iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    iam.put_role_policy(RoleName=role, PolicyName="KinesisLambdaProcessorPolicy", PolicyDocument=json.dumps(POLICY))
    return str(made["Arn"])


def make_stream(client: Client, name: str) -> str:
    """Step 1."""
    kinesis, stream = client("kinesis"), f"analytics-stream-{name}"
    kinesis.create_stream(StreamName=stream, ShardCount=2)
    kinesis.get_waiter("stream_exists").wait(StreamName=stream, WaiterConfig={"Delay": 1})
    return str(kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"])


def make_function(client: Client, name: str, role: str) -> None:
    """Steps 2 and 3."""
    functions, function = client("lambda"), f"kinesis-processor-{name}"
    functions.create_function(
        FunctionName=function,
        Runtime="python3.11",
        Role=role,
        Handler="module.handle",
        Code={"ZipFile": zipped("def handle(event, context): pass")},
        Timeout=300,
        MemorySize=512,
        Environment={"Variables": {"DYNAMODB_TABLE": f"analytics-results-{name}"}},
    )
    await_function(functions, function)


def make_mapping(client: Client, name: str, stream: str) -> None:
    """Step 3: what is sent before Lambda polls is missed."""
    client("lambda").create_event_source_mapping(
        EventSourceArn=stream,
        FunctionName=f"kinesis-processor-{name}",
        StartingPosition="LATEST",
        BatchSize=100,
        MaximumBatchingWindowInSeconds=5,
    )


def make_alarms(client: Client, name: str) -> None:
    """Step 6: nothing is ever published under what the second one watches."""
    make_alarm(client, f"KinesisLambdaProcessorErrors-{name}", "AWS/Lambda", "Errors", f"kinesis-processor-{name}")
    make_alarm(client, f"DynamoDBThrottling-{name}", "AWS/DynamoDB", "ThrottledRequests", f"analytics-results-{name}")


def make_alarm(client: Client, alarm: str, namespace: str, metric: str, of: str) -> None:
    dimension = {"AWS/Lambda": "FunctionName", "AWS/DynamoDB": "TableName"}[namespace]
    settings: dict[str, Any] = {
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    }
    client("cloudwatch").put_metric_alarm(
        AlarmName=alarm,
        AlarmDescription=f"{metric} of {of}",
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": dimension, "Value": of}],
        **settings,
    )

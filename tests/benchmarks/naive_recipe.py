"""The recipe as a script that most would write: one step after another, boto3's own waiters, a sleep for the role.

python naive_recipe.py up|down NAME [SCALE]: everything that waits without being told when is scaled, so that a run with
shorter delays stays comparable. It knows nothing of streamctl.
"""

from __future__ import annotations

import io
import json
import sys
import time
import zipfile
from typing import Any

import boto3

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["kinesis:*"], "Resource": "*"}]}
ROLE_SECONDS = 10.0  # the recipe's own sleep
TABLE_LOOKS, STREAM_LOOKS, FUNCTION_LOOKS = 20.0, 10.0, 1.0  # boto3's own pauses between looks
MAPPING_LOOKS = 1.0  # boto3 has no waiter for mappings, so a script has a loop of its own


def up(name: str, scale: float) -> None:
    dynamodb, iam, kinesis, functions = map(boto3.client, ("dynamodb", "iam", "kinesis", "lambda"))
    dynamodb.create_table(
        TableName=f"results-{name}",
        AttributeDefinitions=[
            {"AttributeName": "eventId", "AttributeType": "S"},
            {"AttributeName": "timestamp", "AttributeType": "N"},
        ],
        KeySchema=[
            {"AttributeName": "eventId", "KeyType": "HASH"},
            {"AttributeName": "timestamp", "KeyType": "RANGE"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    wait(dynamodb, "table_exists", TABLE_LOOKS * scale, TableName=f"results-{name}")
    role = iam.create_role(RoleName=f"role-{name}", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName=f"role-{name}", PolicyName="Policy", PolicyDocument=json.dumps(POLICY))
    time.sleep(ROLE_SECONDS * scale)
    kinesis.create_stream(StreamName=f"stream-{name}", ShardCount=2)
    wait(kinesis, "stream_exists", STREAM_LOOKS * scale, StreamName=f"stream-{name}")
    functions.create_function(
        FunctionName=f"processor-{name}",
        Runtime="python3.11",
        Role=role,
        Handler="app.handle",
        Code={"ZipFile": package()},
    )
    wait(functions, "function_active_v2", FUNCTION_LOOKS * scale, FunctionName=f"processor-{name}")
    stream = kinesis.describe_stream_summary(StreamName=f"stream-{name}")["StreamDescriptionSummary"]["StreamARN"]
    mapping = functions.create_event_source_mapping(
        EventSourceArn=stream, FunctionName=f"processor-{name}", StartingPosition="TRIM_HORIZON", BatchSize=100
    )["UUID"]
    while functions.get_event_source_mapping(UUID=mapping)["State"] != "Enabled":
        time.sleep(MAPPING_LOOKS * scale)
    for title, namespace, metric in (("Errors", "AWS/Lambda", "Errors"), ("Throttling", "AWS/DynamoDB", "Throttled")):
        boto3.client("cloudwatch").put_metric_alarm(
            AlarmName=f"{title}-{name}",
            Namespace=namespace,
            MetricName=metric,
            Statistic="Sum",
            Period=300,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
        )


def down(name: str, scale: float) -> None:
    dynamodb, iam, kinesis, functions = map(boto3.client, ("dynamodb", "iam", "kinesis", "lambda"))
    for mapping in functions.list_event_source_mappings(FunctionName=f"processor-{name}")["EventSourceMappings"]:
        functions.delete_event_source_mapping(UUID=mapping["UUID"])
        while functions.list_event_source_mappings(FunctionName=f"processor-{name}")["EventSourceMappings"]:
            time.sleep(MAPPING_LOOKS * scale)
    functions.delete_function(FunctionName=f"processor-{name}")
    kinesis.delete_stream(StreamName=f"stream-{name}")
    wait(kinesis, "stream_not_exists", STREAM_LOOKS * scale, StreamName=f"stream-{name}")
    dynamodb.delete_table(TableName=f"results-{name}")
    wait(dynamodb, "table_not_exists", TABLE_LOOKS * scale, TableName=f"results-{name}")
    iam.delete_role_policy(RoleName=f"role-{name}", PolicyName="Policy")
    iam.delete_role(RoleName=f"role-{name}")
    boto3.client("cloudwatch").delete_alarms(AlarmNames=[f"Errors-{name}", f"Throttling-{name}"])


def wait(client: Any, waiter: str, pause_seconds: float, **what: str) -> None:
    client.get_waiter(waiter).wait(**what, WaiterConfig={"Delay": pause_seconds, "MaxAttempts": 100})


def package() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", "def handle(event, context):\n    print(len(event['Records']))\n")
    return buffer.getvalue()


if __name__ == "__main__":
    {"up": up, "down": down}[sys.argv[1]](sys.argv[2], float(sys.argv[3]) if len(sys.argv) > 3 else 1.0)

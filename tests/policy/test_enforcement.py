"""With exactly the printed policies everything works; with one action less it is refused by name, and continues after.

Under the emulator's enforcement, which is not AWS's: see `streamctl.emulator.mends.authorization`.

STREAMCTL_SWEEP=all pytest tests/policy/test_enforcement.py -n 2    every action in turn; well over ten minutes
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from streamctl.emulator import process

from .conftest import actions, printed, without

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .conftest import Company

CHANGED = """\
[stream]
shards = 3
retention_hours = 48
encryption = false
[function]
memory_mb = 256
log_retention_days = 7
[event_source]
batching_window_seconds = 0
batch_size = 9
[features.alarms]
period_seconds = 60
"""
NOT_CALLED = {
    "cloudformation:DescribeStacks": "only where a stack made what `import` takes over",
    "cloudwatch:TagResource": "the tags of an alarm are set by its create",
    "dynamodb:TagResource": "the tags of a table are set by its create",
    "dynamodb:UpdateTimeToLive": "items do not expire",
    "iam:DetachRolePolicy": "only where somebody attached a policy to our role",
    "iam:UpdateAssumeRolePolicy": "only where somebody changed who may assume our role",
    "kinesis:DecreaseStreamRetentionPeriod": "the other way round",
    "kinesis:StartStreamEncryption": "done once the stream is there; the change goes the other way",
    "kinesis:UpdateStreamMode": "a stream stays provisioned",
    "kms:DescribeKey": "only where another pipeline of the account has a key",
    "lambda:DeleteFunctionConcurrency": "no reserved concurrency",
    "lambda:PutFunctionConcurrency": "no reserved concurrency",
    "lambda:UpdateFunctionCode": "the code stays",
    "logs:DeleteRetentionPolicy": "the configuration always has one",
    "sqs:SetQueueAttributes": "queues have no settings that change",
}
"""Actions that the flow below gives no occasion for; the contract of each kind shows that they are called."""
WHERE_SOMETHING_IS_MISSING = {
    "dynamodb:Query",
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "sqs:ChangeMessageVisibility",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
}
"""What `verify` calls only while an event is not found, or was given up; test_calls.py shows that it does."""


def test_the_printed_policies_are_enough_and_what_is_missing_is_named_and_continued_once_granted(
    company: Company,
) -> None:
    for who, command, missing, code in (
        ("operator", "plan", "dynamodb:DescribeTable", 3),
        ("operator", "up", "iam:PassRole", 4),
        ("produce", "produce --batches 1", "kinesis:PutRecords", 3),
        ("verify", "verify", "dynamodb:Scan", 3),
        ("operator", "metrics", "", 0),
        ("operator", "status", "", 0),
        ("operator", "deploy", "", 0),
        ("operator", "ls", "", 0),
        ("operator", "down --yes", "logs:DeleteLogGroup", 4),
    ):
        if missing:
            company.allow(who, but=missing)
            refused = company.run(who, *command.split())
            assert refused.code == code, refused
            assert f"permission denied for {missing}" in refused.err
            assert f"Grant {missing}. `streamctl policy operator`" in refused.err
            company.allow(who)
        said = company.run(who, *command.split())
        assert said.code == 0, (command, said)


@pytest.mark.parametrize("action", ["dynamodb:BatchWriteItem", "kinesis:GetRecords"])
def test_nothing_is_lost_while_the_processor_lacks_a_permission(company: Company, action: str) -> None:
    assert company.run("operator", "up").code == 0
    policy = company.role_policy
    company.allow_processor(without(policy, action))
    assert company.run("produce", "produce", "--batches", "1").code == 0
    waiting = company.run("verify", "verify", "--deadline", "1", "--json")
    assert (waiting.code, waiting.document["stored"], waiting.document["lost"]) == (5, 0, 0)

    company.allow_processor(policy)

    assert company.run("verify", "verify", "--json").document["stored"] == 10


def test_the_stream_of_a_table_is_read_with_what_a_role_may_read_and_with_nothing_less(enforcing: str) -> None:
    tables, roles, name = client(enforcing, "dynamodb"), client(enforcing, "iam"), f"t{secrets.token_hex(3)}"
    arn = tables.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )["TableDescription"]["LatestStreamArn"]
    who = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [who]})
    role = roles.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]

    def read(*actions: str, of: str = arn) -> str:
        """The first action that is refused to a role that may do these; empty where none is."""
        allowed = {"Effect": "Allow", "Action": [f"dynamodb:{each}" for each in actions], "Resource": of}
        document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        roles.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document)
        keys = client(enforcing, "sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        streams = client(enforcing, "dynamodbstreams", keys)
        try:
            [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
            iterator = streams.get_shard_iterator(
                StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            streams.get_records(ShardIterator=iterator)
        except ClientError as error:
            return error.operation_name
        return ""

    every = ("DescribeStream", "GetShardIterator", "GetRecords")
    assert read(*every) == ""
    assert read(*every, of=arn.replace(name, "another")) == "DescribeStream"
    assert read("DescribeStream", "GetRecords") == "GetShardIterator"
    assert read("DescribeStream", "GetShardIterator") == "GetRecords"


def client(endpoint_url: str, service: str, keys: Mapping[str, str] | None = None) -> Any:
    """Of the account itself, or of a role that was assumed."""
    own = dict(zip(("AccessKeyId", "SecretAccessKey"), process.CREDENTIALS, strict=True))
    used = keys or own
    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=endpoint_url,
        aws_access_key_id=used["AccessKeyId"],
        aws_secret_access_key=used["SecretAccessKey"],
        aws_session_token=used.get("SessionToken"),
    )


@pytest.mark.skipif(not os.environ.get("STREAMCTL_SWEEP"), reason="slow: set STREAMCTL_SWEEP")
@pytest.mark.parametrize(
    ("who", "action"),
    [
        (who, action)
        for who in ("operator", "produce", "verify")
        for action in actions(printed(who, Path()))
        if action not in NOT_CALLED and not (who == "verify" and action in WHERE_SOMETHING_IS_MISSING)
    ],
)
def test_every_action_is_missed_by_name_and_everything_continues_once_it_is_granted(
    company: Company, who: str, action: str
) -> None:
    company.allow(who, but=action)
    refusals = []
    for number, (whose, command) in enumerate(
        (
            ("operator", "up"),
            ("produce", "produce --batches 1"),
            ("verify", "verify"),
            ("operator", "metrics"),
            ("operator", "ls"),
            ("operator", "up"),
            ("operator", "down --yes"),
        )
    ):
        if number == 5:
            company.configure(CHANGED)
        said = company.run(whose, *command.split())
        if said.code:
            assert said.code in {3, 4}, said
            assert f"permission denied for {action}" in said.err, said
            refusals.append(command)
            company.allow(who)
            said = company.run(whose, *command.split())
            assert said.code == 0, said
    assert refusals

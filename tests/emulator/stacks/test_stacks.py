"""What export relies on in CloudFormation: a stack of every type, made, changed and deleted, read through the APIs."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.conftest import REGION
from tests.emulator.stacks.deploying import delete, finished, put_code, reasons
from tests.emulator.stacks.reading import ACCOUNT, read_all
from tests.emulator.stacks.template import allow, template

if TYPE_CHECKING:
    from streamctl.aws import Aws

pytestmark = pytest.mark.xdist_group("emulator")


@dataclass
class Story:
    """What the APIs told of one stack's resources while it was there, after its update, and once it was deleted."""

    name: str
    outputs: dict[str, str]
    made: dict[str, Any]
    changed: dict[str, Any]
    left: dict[str, Any]


@pytest.fixture(scope="module")
def story(aws: Aws) -> Story:
    name = f"stack-{uuid.uuid4().hex[:8]}"
    put_code(aws, name)
    stack = finished(aws, "create", name, template(name))
    assert stack["StackStatus"] == "CREATE_COMPLETE", "\n".join(reasons(aws, name))
    made = read_all(aws, name)
    stack = finished(aws, "update", name, template(name, "them", **changes(name)))
    assert stack["StackStatus"] == "UPDATE_COMPLETE", "\n".join(reasons(aws, name))
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    changed = read_all(aws, name)
    assert delete(aws, stack["StackId"]) == "DELETE_COMPLETE", reasons(aws, stack["StackId"])
    return Story(name, outputs, made, changed, read_all(aws, name))


def changes(name: str) -> dict[str, Any]:
    return {
        "Stream": {"ShardCount": 4, "RetentionPeriodHours": None, "StreamEncryption": None},
        "Table": {
            "DeletionProtectionEnabled": False,
            "StreamSpecification": {"StreamViewType": "KEYS_ONLY"},
            "PointInTimeRecoverySpecification": None,
            "TimeToLiveSpecification": {"AttributeName": "leaves", "Enabled": True},
        },
        "Bucket": {"LifecycleConfiguration": {"Rules": [{"Id": "old", "Status": "Disabled", "ExpirationInDays": 1}]}},
        "BucketPolicy": {"PolicyDocument": allow("s3:PutObject", f"arn:aws:s3:::{name}/*")},
        "Group": {"RetentionInDays": None},
        "Queue": {"VisibilityTimeout": None, "MessageRetentionPeriod": 600},
        "Key": {"EnableKeyRotation": "false"},
        "Topic": {"DisplayName": "Others", "KmsMasterKeyId": None},
        "Subscription": {"RawMessageDelivery": None},
        "Role": {"Policies": [{"PolicyName": "other", "PolicyDocument": allow("kinesis:List*", "*")}]},
        "Function": {
            "Code": {"S3Bucket": f"{name}-code", "S3Key": "second.zip"},
            "MemorySize": None,
            "TracingConfig": None,
            "ReservedConcurrentExecutions": None,
        },
        "Mapping": {"BatchSize": 7, "Enabled": True, "DestinationConfig": None, "FilterCriteria": None},
        "Alarm": {"Threshold": 5, "OKActions": None},
        "Dashboard": {"DashboardBody": '{"widgets":[],"start":"-PT1H"}'},
    }


def assert_has(settings: dict[str, Any], **expected: Any) -> None:
    assert {name: settings.get(name) for name in expected} == expected


def test_a_stack_leaves_nothing_behind(story: Story) -> None:
    assert {name for name, there in story.made.items() if there} == story.left.keys()
    assert {name for name, there in story.left.items() if there} == set()


def test_tags_are_there_and_change_in_place(story: Story) -> None:
    assert {name: each["Tags"]["owner"] for name, each in story.made.items()} == dict.fromkeys(story.made, "us")
    assert {name: each["Tags"]["owner"] for name, each in story.changed.items()} == dict.fromkeys(story.made, "them")


def test_what_a_stack_makes_says_whose_it_is(story: Story) -> None:
    marked = {name: each["Tags"].get("aws:cloudformation:stack-name") for name, each in story.changed.items()}
    assert marked == dict.fromkeys(story.changed, story.name)
    assert story.made["mapping"]["Tags"]["aws:cloudformation:logical-id"] == "Mapping"


def test_an_update_makes_no_new_resource(story: Story) -> None:
    same = (("mapping", "UUID"), ("key", "KeyId"), ("role", "RoleId"), ("table", "TableId"), ("queue", "Url"))
    assert [story.made[of][key] for of, key in same] == [story.changed[of][key] for of, key in same]


def test_references_answer_as_aws_documents(story: Story) -> None:
    name, told = story.name, story.outputs
    here = f"{REGION}:{ACCOUNT}"
    assert_has(
        told,
        Alarm=name,
        AlarmArn=f"arn:aws:cloudwatch:{here}:alarm:{name}",
        Alias=f"alias/{name}",
        Bucket=name,
        BucketArn=f"arn:aws:s3:::{name}",
        BucketPolicy=name,
        Dashboard=name,
        Function=name,
        FunctionArn=f"arn:aws:lambda:{here}:function:{name}",
        GroupArn=f"arn:aws:logs:{here}:log-group:/aws/lambda/{name}:*",
        Key=story.made["key"]["KeyId"],
        KeyArn=story.made["key"]["Arn"],
        KeyKeyId=story.made["key"]["KeyId"],
        Mapping=story.made["mapping"]["UUID"],
        MappingId=story.made["mapping"]["UUID"],
        Queue=story.made["queue"]["Url"],
        QueueArn=f"arn:aws:sqs:{here}:{name}",
        QueueQueueName=name,
        Role=name,
        RoleArn=story.made["role"]["Arn"],
        Stream=name,
        StreamArn=f"arn:aws:kinesis:{here}:stream/{name}",
        Subscription=story.made["topic"]["Subscriptions"][0]["SubscriptionArn"],
        Table=name,
        TableStreamArn=story.changed["table"]["LatestStreamArn"],
        Topic=f"arn:aws:sns:{here}:{name}",
        TopicTopicArn=f"arn:aws:sns:{here}:{name}",
        TopicTopicName=name,
    )


def test_a_stream_has_its_settings(story: Story) -> None:
    assert_has(
        story.made["stream"], OpenShardCount=2, RetentionPeriodHours=48, EncryptionType="KMS", KeyId="alias/aws/kinesis"
    )
    assert_has(story.changed["stream"], OpenShardCount=4, RetentionPeriodHours=24, EncryptionType="NONE")


def test_a_table_has_its_settings(story: Story) -> None:
    made, changed = story.made["table"], story.changed["table"]
    assert [key["AttributeName"] for key in made["KeySchema"]] == ["id", "at"]
    assert made["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert_has(
        made,
        DeletionProtectionEnabled=True,
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        Recovery="ENABLED",
        Expiry={"AttributeName": "expires", "TimeToLiveStatus": "ENABLED"},
    )
    assert_has(
        changed,
        DeletionProtectionEnabled=False,
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        Recovery="DISABLED",
        Expiry={"AttributeName": "leaves", "TimeToLiveStatus": "ENABLED"},
    )


def test_a_bucket_has_its_settings(story: Story) -> None:
    made, changed = story.made["bucket"], story.changed["bucket"]
    rule = {"ID": "old", "Filter": {"Prefix": ""}, "Status": "Enabled", "Expiration": {"Days": 9}}
    assert made["Rules"] == [rule]
    assert changed["Rules"] == [rule | {"Status": "Disabled", "Expiration": {"Days": 1}}]
    assert (made["PublicAccess"]["BlockPublicAcls"], made["PublicAccess"]["BlockPublicPolicy"]) == (True, False)
    assert made["Ownership"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert made["Encryption"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    actions = [each["Policy"]["Statement"][0]["Action"] for each in (made, changed)]
    assert actions == ["s3:GetObject", "s3:PutObject"]


def test_a_log_group_has_its_retention(story: Story) -> None:
    assert (story.made["group"]["retentionInDays"], story.changed["group"].get("retentionInDays")) == (7, None)


def test_a_queue_has_its_settings(story: Story) -> None:
    assert_has(
        story.made["queue"], MessageRetentionPeriod="1209600", VisibilityTimeout="77", SqsManagedSseEnabled="true"
    )
    assert json.loads(story.made["queue"]["Policy"])["Statement"][0]["Action"] == "sqs:SendMessage"
    assert_has(story.changed["queue"], MessageRetentionPeriod="600", VisibilityTimeout="30")


def test_a_key_has_its_settings(story: Story) -> None:
    assert story.made["key"]["Policy"] == allow("kms:*", "*")
    assert (story.made["key"]["Rotation"], story.changed["key"]["Rotation"]) == (True, False)


def test_a_topic_and_its_subscription_have_their_settings(story: Story) -> None:
    made, changed = story.made["topic"], story.changed["topic"]
    assert_has(made, DisplayName="Alarms", KmsMasterKeyId=f"alias/{story.name}")
    assert (changed["DisplayName"], changed.get("KmsMasterKeyId", "")) == ("Others", "")
    assert json.loads(made["Policy"])["Statement"][0]["Action"] == "sns:Publish"
    [subscription], [subscription_now] = made["Subscriptions"], changed["Subscriptions"]
    assert json.loads(subscription["FilterPolicy"]) == {"kind": ["alarm"]}
    assert (subscription["RawMessageDelivery"], subscription_now["RawMessageDelivery"]) == ("true", "false")


def test_a_role_has_its_policies_and_no_others(story: Story) -> None:
    assert story.made["role"]["AssumeRolePolicyDocument"] == allow("sts:AssumeRole", "*")
    assert story.made["role"]["Policies"] == {"work": allow("kinesis:Get*", story.made["stream"]["StreamARN"])}
    assert story.changed["role"]["Policies"] == {"other": allow("kinesis:List*", "*")}


def test_a_function_has_its_settings(story: Story) -> None:
    made, changed = story.made["function"], story.changed["function"]
    assert_has(
        made,
        Architectures=["arm64"],
        Environment={"Variables": {"TABLE": story.name}},
        MemorySize=256,
        ReservedConcurrentExecutions=3,
        Role=story.made["role"]["Arn"],
        Runtime="python3.11",
        Timeout=11,
        TracingConfig={"Mode": "Active"},
    )
    assert_has(changed, MemorySize=128, Timeout=11, TracingConfig={"Mode": "PassThrough"}, Architectures=["arm64"])
    assert changed.get("ReservedConcurrentExecutions") is None
    assert made["CodeSha256"] != changed["CodeSha256"]


def test_a_mapping_has_its_settings(story: Story) -> None:
    assert_has(
        story.made["mapping"],
        State="Disabled",
        BatchSize=33,
        MaximumBatchingWindowInSeconds=4,
        ParallelizationFactor=2,
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=5,
        MaximumRecordAgeInSeconds=120,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        DestinationConfig={"OnFailure": {"Destination": story.made["queue"]["QueueArn"]}},
        FilterCriteria={"Filters": [{"Pattern": '{"data":{"kind":["view"]}}'}]},
    )
    assert_has(story.changed["mapping"], State="Enabled", BatchSize=7, DestinationConfig={"OnFailure": {}})
    assert not story.changed["mapping"].get("FilterCriteria", {}).get("Filters")


def test_an_alarm_has_its_settings(story: Story) -> None:
    topic = story.made["topic"]["TopicArn"]
    assert_has(
        story.made["alarm"],
        AlarmDescription="Late",
        Dimensions=[{"Name": "FunctionName", "Value": story.name}],
        ExtendedStatistic="p99",
        EvaluationPeriods=3,
        DatapointsToAlarm=2,
        Threshold=60000.0,
        TreatMissingData="notBreaching",
        AlarmActions=[topic],
        OKActions=[topic],
    )
    assert_has(story.changed["alarm"], Threshold=5.0, AlarmActions=[topic], OKActions=[])


def test_a_dashboard_has_its_body(story: Story) -> None:
    bodies = [json.loads(each["dashboard"]["Body"]) for each in (story.made, story.changed)]
    assert bodies == [{"widgets": []}, {"widgets": [], "start": "-PT1H"}]

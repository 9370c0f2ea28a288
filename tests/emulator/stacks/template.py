"""A template of every type that CloudFormation makes through the services' APIs, with no setting at its default."""

from __future__ import annotations

from typing import Any

Properties = dict[str, Any]
PARAMETERS = {"Retention": "48", "Timeout": "11", "Rotate": "true"}
"""All text, as CloudFormation has them."""


def template(name: str, owner: str = "us", **changed: Properties) -> dict[str, Any]:
    """The resources of one stack; `changed` replaces properties of one by its logical id, and None drops them."""
    resources = {**_stores(name), **_messages(name), **_work(name)}
    for logical_id, properties in changed.items():
        merged = resources[logical_id]["Properties"] | properties
        resources[logical_id]["Properties"] = {key: value for key, value in merged.items() if value is not None}
    for each in resources.values():
        if "Tags" in each["Properties"]:
            each["Properties"]["Tags"] = [{"Key": "owner", "Value": owner}]
    parameters = {key: {"Type": "String", "Default": value} for key, value in PARAMETERS.items()}
    outputs = {logical_id: {"Value": {"Ref": logical_id}} for logical_id in resources}
    answers = {f"{of}{attribute}": {"Value": {"Fn::GetAtt": [of, attribute]}} for of, attribute in ATTRIBUTES}
    return {"Parameters": parameters, "Resources": resources, "Outputs": outputs | answers}


ATTRIBUTES = (
    ("Alarm", "Arn"),
    ("Bucket", "Arn"),
    ("Function", "Arn"),
    ("Group", "Arn"),
    ("Key", "Arn"),
    ("Key", "KeyId"),
    ("Mapping", "Id"),
    ("Queue", "Arn"),
    ("Queue", "QueueName"),
    ("Role", "Arn"),
    ("Stream", "Arn"),
    ("Table", "Arn"),
    ("Table", "StreamArn"),
    ("Topic", "TopicArn"),
    ("Topic", "TopicName"),
)


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def allow(action: str, target: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": action, "Resource": target}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _stores(name: str) -> dict[str, Any]:
    return {
        "Stream": resource(
            "Kinesis::Stream",
            Name=name,
            ShardCount=2,
            RetentionPeriodHours={"Ref": "Retention"},
            StreamModeDetails={"StreamMode": "PROVISIONED"},
            StreamEncryption={"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"},
            Tags=[],
        ),
        "Table": resource(
            "DynamoDB::Table",
            TableName=name,
            AttributeDefinitions=[
                {"AttributeName": "id", "AttributeType": "S"},
                {"AttributeName": "at", "AttributeType": "N"},
            ],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamViewType": "NEW_IMAGE"},
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
            TimeToLiveSpecification={"AttributeName": "expires", "Enabled": True},
            DeletionProtectionEnabled=True,
            Tags=[],
        ),
        "Bucket": resource(
            "S3::Bucket",
            BucketName=name,
            LifecycleConfiguration={"Rules": [{"Id": "old", "Status": "Enabled", "ExpirationInDays": 9}]},
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": False,
                "RestrictPublicBuckets": False,
            },
            OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            BucketEncryption={
                "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
            Tags=[],
        ),
        "BucketPolicy": resource(
            "S3::BucketPolicy", Bucket={"Ref": "Bucket"}, PolicyDocument=allow("s3:GetObject", f"arn:aws:s3:::{name}/*")
        ),
        "Group": resource("Logs::LogGroup", LogGroupName=f"/aws/lambda/{name}", RetentionInDays=7, Tags=[]),
    }


def _messages(name: str) -> dict[str, Any]:
    return {
        "Queue": resource(
            "SQS::Queue",
            QueueName=name,
            MessageRetentionPeriod=1209600,
            VisibilityTimeout="77",
            SqsManagedSseEnabled=True,
            Tags=[],
        ),
        "QueuePolicy": resource(
            "SQS::QueuePolicy",
            Queues=[{"Ref": "Queue"}],
            PolicyDocument=allow("sqs:SendMessage", {"Fn::GetAtt": ["Queue", "Arn"]}),
        ),
        "Key": resource(
            "KMS::Key",
            Description=name,
            EnableKeyRotation={"Ref": "Rotate"},
            KeyPolicy=allow("kms:*", "*"),
            PendingWindowInDays=7,
            Tags=[],
        ),
        "Alias": resource("KMS::Alias", AliasName=f"alias/{name}", TargetKeyId={"Ref": "Key"}),
        "Topic": resource("SNS::Topic", TopicName=name, DisplayName="Alarms", KmsMasterKeyId={"Ref": "Alias"}, Tags=[]),
        "TopicPolicy": resource(
            "SNS::TopicPolicy", Topics=[{"Ref": "Topic"}], PolicyDocument=allow("sns:Publish", {"Ref": "Topic"})
        ),
        "Subscription": resource(
            "SNS::Subscription",
            TopicArn={"Ref": "Topic"},
            Protocol="sqs",
            Endpoint={"Fn::GetAtt": ["Queue", "Arn"]},
            RawMessageDelivery="true",
            FilterPolicy={"kind": ["alarm"]},
        ),
    }


def _work(name: str) -> dict[str, Any]:
    policy = {"PolicyName": "work", "PolicyDocument": allow("kinesis:Get*", {"Fn::GetAtt": ["Stream", "Arn"]})}
    return {
        "Role": resource(
            "IAM::Role",
            RoleName=name,
            AssumeRolePolicyDocument=allow("sts:AssumeRole", "*"),
            Policies=[policy],
            Tags=[],
        ),
        "Function": resource(
            "Lambda::Function",
            FunctionName=name,
            Code={"S3Bucket": f"{name}-code", "S3Key": "first.zip"},
            Role={"Fn::GetAtt": ["Role", "Arn"]},
            Handler="module.handle",
            Runtime="python3.11",
            Architectures=["arm64"],
            MemorySize=256,
            Timeout={"Ref": "Timeout"},
            Environment={"Variables": {"TABLE": {"Ref": "Table"}}},
            TracingConfig={"Mode": "Active"},
            ReservedConcurrentExecutions=3,
            Tags=[],
        ),
        "Mapping": resource(
            "Lambda::EventSourceMapping",
            EventSourceArn={"Fn::GetAtt": ["Stream", "Arn"]},
            FunctionName={"Ref": "Function"},
            StartingPosition="TRIM_HORIZON",
            Enabled=False,
            BatchSize=33,
            MaximumBatchingWindowInSeconds=4,
            ParallelizationFactor=2,
            BisectBatchOnFunctionError=True,
            MaximumRetryAttempts=5,
            MaximumRecordAgeInSeconds=120,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            DestinationConfig={"OnFailure": {"Destination": {"Fn::GetAtt": ["Queue", "Arn"]}}},
            FilterCriteria={"Filters": [{"Pattern": '{"data":{"kind":["view"]}}'}]},
            Tags=[],
        ),
        "Alarm": resource(
            "CloudWatch::Alarm",
            AlarmName=name,
            AlarmDescription="Late",
            Namespace="AWS/Lambda",
            MetricName="IteratorAge",
            Dimensions=[{"Name": "FunctionName", "Value": {"Ref": "Function"}}],
            ExtendedStatistic="p99",
            Period=60,
            EvaluationPeriods=3,
            DatapointsToAlarm=2,
            Threshold=60000,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="notBreaching",
            AlarmActions=[{"Ref": "Topic"}],
            OKActions=[{"Ref": "Topic"}],
            Tags=[],
        ),
        "Dashboard": resource("CloudWatch::Dashboard", DashboardName=name, DashboardBody='{"widgets":[]}', Tags=[]),
    }

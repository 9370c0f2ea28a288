"""What the services' own APIs tell of the resources of the template."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from streamctl.aws.failures import or_none
from tests.emulator.conftest import REGION

if TYPE_CHECKING:
    from streamctl.aws import Aws

ACCOUNT = "000000000000"


def read_all(aws: Aws, name: str) -> dict[str, Any]:
    """The settings by logical id, or None where there is no such resource."""
    readers = (_stream, _table, _bucket, _group, _queue, _key, _topic, _role, _function, _mapping, _alarm, _dashboard)
    return {each.__name__[1:]: each(aws, name) for each in readers}


def _arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


def _pairs(tags: Any) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in tags}


def _stream(aws: Aws, name: str) -> Any:
    kinesis = aws.client("kinesis")
    found = or_none(kinesis.describe_stream_summary, StreamName=name)
    return found and {
        **found["StreamDescriptionSummary"],
        "Tags": _pairs(kinesis.list_tags_for_stream(StreamName=name)["Tags"]),
    }


def _table(aws: Aws, name: str) -> Any:
    dynamodb = aws.client("dynamodb")
    found = or_none(dynamodb.describe_table, TableName=name)
    if found is None:
        return None
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    return {
        **found["Table"],
        "Recovery": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
        "Expiry": dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"],
        "Tags": _pairs(dynamodb.list_tags_of_resource(ResourceArn=found["Table"]["TableArn"])["Tags"]),
    }


def _bucket(aws: Aws, name: str) -> Any:
    s3 = aws.client("s3")
    if or_none(s3.head_bucket, Bucket=name) is None:
        return None
    return {
        "Rules": s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"],
        "PublicAccess": s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"],
        "Ownership": s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"],
        "Encryption": s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"],
        "Policy": json.loads(s3.get_bucket_policy(Bucket=name)["Policy"]),
        "Tags": _pairs(s3.get_bucket_tagging(Bucket=name)["TagSet"]),
    }


def _group(aws: Aws, name: str) -> Any:
    logs = aws.client("logs")
    [*found] = logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"]
    tags = found and logs.list_tags_for_resource(resourceArn=found[0]["arn"].removesuffix(":*"))["tags"]
    return {**found[0], "Tags": tags} if found else None


def _queue(aws: Aws, name: str) -> Any:
    sqs = aws.client("sqs")
    found = or_none(sqs.get_queue_url, QueueName=name)
    if found is None:
        return None
    url = found["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {**attributes, "Url": url, "Tags": sqs.list_queue_tags(QueueUrl=url)["Tags"]}


def _key(aws: Aws, name: str) -> Any:
    kms = aws.client("kms")
    found = or_none(kms.describe_key, KeyId=f"alias/{name}")
    if found is None:
        return None
    key = found["KeyMetadata"]["KeyId"]
    return {
        **found["KeyMetadata"],
        "Rotation": kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"],
        "Policy": json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]),
        "Tags": {each["TagKey"]: each["TagValue"] for each in kms.list_resource_tags(KeyId=key)["Tags"]},
    }


def _topic(aws: Aws, name: str) -> Any:
    sns, arn = aws.client("sns"), _arn("sns", name)
    found = or_none(sns.get_topic_attributes, TopicArn=arn)
    if found is None:
        return None
    subscriptions = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    settings = [
        sns.get_subscription_attributes(SubscriptionArn=each["SubscriptionArn"])["Attributes"] for each in subscriptions
    ]
    tags = _pairs(sns.list_tags_for_resource(ResourceArn=arn)["Tags"])
    return {**found["Attributes"], "Subscriptions": settings, "Tags": tags}


def _role(aws: Aws, name: str) -> Any:
    iam = aws.client("iam")
    found = or_none(iam.get_role, RoleName=name)
    if found is None:
        return None
    names = iam.list_role_policies(RoleName=name)["PolicyNames"]
    policies = {each: iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"] for each in names}
    return {**found["Role"], "Policies": policies, "Tags": _pairs(found["Role"].get("Tags", ()))}


def _function(aws: Aws, name: str) -> Any:
    found = or_none(aws.client("lambda").get_function, FunctionName=name)
    return found and {**found["Configuration"], **found.get("Concurrency", {}), "Tags": found["Tags"]}


def _mapping(aws: Aws, name: str) -> Any:
    functions = aws.client("lambda")
    mappings = functions.list_event_source_mappings(EventSourceArn=_arn("kinesis", f"stream/{name}"))
    found = next(iter(mappings["EventSourceMappings"]), None)
    return found and {**found, "Tags": functions.list_tags(Resource=found["EventSourceMappingArn"])["Tags"]}


def _alarm(aws: Aws, name: str) -> Any:
    cloudwatch = aws.client("cloudwatch")
    found = next(iter(cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]), None)
    return found and {
        **found,
        "Tags": _pairs(cloudwatch.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"]),
    }


def _dashboard(aws: Aws, name: str) -> Any:
    cloudwatch = aws.client("cloudwatch")
    found = or_none(cloudwatch.get_dashboard, DashboardName=name)
    return found and {
        "Body": found["DashboardBody"],
        "Tags": _pairs(cloudwatch.list_tags_for_resource(ResourceARN=found["DashboardArn"])["Tags"]),
    }

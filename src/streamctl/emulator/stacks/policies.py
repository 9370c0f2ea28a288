"""AWS::SQS::QueuePolicy, AWS::SNS::TopicPolicy and AWS::S3::BucketPolicy: policies of what is there already."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from streamctl.aws.failures import or_none
from streamctl.emulator.stacks.requests import text
from streamctl.emulator.stacks.resource_type import ResourceType, no_attributes

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamctl.emulator.stacks.requests import Properties
    from streamctl.emulator.stacks.resource_type import Place


def _put_on_queue(place: Place, url: str, document: Any) -> None:
    """None takes it away."""
    policy = text(document) if document else ""
    or_none(place.client("sqs").set_queue_attributes, QueueUrl=url, Attributes={"Policy": policy})


def _put_on_topic(place: Place, arn: str, document: Any) -> None:
    """None brings back the one that every topic begins with."""
    policy = text(document or _first_policy(place, arn))
    sns = place.client("sns")
    or_none(sns.set_topic_attributes, TopicArn=arn, AttributeName="Policy", AttributeValue=policy)


def _first_policy(place: Place, arn: str) -> dict[str, Any]:
    actions = ("Publish", "Subscribe", "ListSubscriptionsByTopic", "GetTopicAttributes", "SetTopicAttributes")
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in (*actions, "DeleteTopic", "AddPermission", "RemovePermission")],
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": place.account}},
    }
    return {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}


def _of_several(name: str, holders: str, put: Callable[[Place, str, Any], None]) -> ResourceType:
    """A type that puts one document on everything its property `holders` names."""

    def create(place: Place, _name: str, properties: Properties) -> str:
        change(place, "", {}, properties)
        return str(uuid.uuid4())

    def change(place: Place, _identifier: str, old: Properties, new: Properties) -> None:
        for each in new.get(holders, ()):
            put(place, each, new["PolicyDocument"])
        for each in old.get(holders, ()):
            if each not in new.get(holders, ()):
                put(place, each, None)

    return ResourceType(
        name=name,
        create=create,
        created_with=frozenset({holders, "PolicyDocument"}),
        changes={(holders, "PolicyDocument"): change},
        delete=lambda place, identifier, properties: change(place, identifier, properties, {}),
        attributes=lambda _place, identifier: {"Id": identifier},
    )


def _put_on_bucket(place: Place, bucket: str, properties: Properties) -> str:
    place.client("s3").put_bucket_policy(Bucket=bucket, Policy=text(properties["PolicyDocument"]))
    return bucket


def _take_off_bucket(place: Place, bucket: str, _properties: Properties) -> None:
    or_none(place.client("s3").delete_bucket_policy, Bucket=bucket)


def _change_on_bucket(place: Place, bucket: str, _old: Properties, new: Properties) -> None:
    _put_on_bucket(place, bucket, new)


QUEUE_POLICY = _of_several("AWS::SQS::QueuePolicy", "Queues", _put_on_queue)
TOPIC_POLICY = _of_several("AWS::SNS::TopicPolicy", "Topics", _put_on_topic)
BUCKET_POLICY = ResourceType(
    name="AWS::S3::BucketPolicy",
    named_by="Bucket",
    create=_put_on_bucket,
    created_with=frozenset({"PolicyDocument"}),
    changes={("PolicyDocument",): _change_on_bucket},
    delete=_take_off_bucket,
    attributes=no_attributes,
)

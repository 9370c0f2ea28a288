"""AWS::SQS::Queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.aws.failures import or_none
from streamctl.emulator.stacks.requests import as_map, attributes, dropped
from streamctl.emulator.stacks.resource_type import ResourceType, already, retagging

if TYPE_CHECKING:
    from streamctl.emulator.stacks.requests import Properties
    from streamctl.emulator.stacks.resource_type import Place

DEFAULTS = {
    "ContentBasedDeduplication": "false",
    "DeduplicationScope": "queue",
    "DelaySeconds": "0",
    "FifoThroughputLimit": "perQueue",
    "KmsDataKeyReusePeriodSeconds": "300",
    "KmsMasterKeyId": "",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "RedriveAllowPolicy": "",
    "RedrivePolicy": "",
    "SqsManagedSseEnabled": "true",
    "VisibilityTimeout": "30",
}


def _create(place: Place, name: str, properties: Properties) -> str:
    sqs = place.client("sqs")
    if or_none(sqs.get_queue_url, QueueName=name):
        raise already(name)
    sent = attributes(properties, (*DEFAULTS, "FifoQueue"))
    return str(sqs.create_queue(QueueName=name, Attributes=sent, tags=as_map(properties.get("Tags")))["QueueUrl"])


def _change(place: Place, url: str, old: Properties, new: Properties) -> None:
    wanted = attributes(new, DEFAULTS) | dropped(DEFAULTS, old, new)
    place.client("sqs").set_queue_attributes(QueueUrl=url, Attributes=wanted)


def _delete(place: Place, url: str, _properties: Properties) -> None:
    place.client("sqs").delete_queue(QueueUrl=url)


def _attributes(place: Place, url: str) -> dict[str, str]:
    name = url.rpartition("/")[2]
    return {"Arn": place.arn("sqs", name), "QueueName": name, "QueueUrl": url}


QUEUE = ResourceType(
    name="AWS::SQS::Queue",
    named_by="QueueName",
    longest_name=80,
    create=_create,
    created_with=frozenset({*DEFAULTS, "Tags"}),
    fixed=frozenset({"FifoQueue"}),
    changes={tuple(DEFAULTS): _change, ("Tags",): retagging("sqs", "QueueUrl", calls=("tag_queue", "untag_queue"))},
    delete=_delete,
    attributes=_attributes,
)

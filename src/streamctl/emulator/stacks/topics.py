"""AWS::SNS::Topic and AWS::SNS::Subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.aws.failures import or_none
from streamctl.emulator.stacks.requests import attributes, send, text
from streamctl.emulator.stacks.resource_type import ResourceType, already, retagging

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamctl.emulator.stacks.requests import Properties
    from streamctl.emulator.stacks.resource_type import Change, Place

TOPIC_DEFAULTS = {
    "ContentBasedDeduplication": "false",
    "DisplayName": "",
    "KmsMasterKeyId": "",
    "SignatureVersion": "1",
    "TracingConfig": "PassThrough",
}
SUBSCRIPTION_DEFAULTS = {
    "DeliveryPolicy": "",
    "FilterPolicy": "",
    "FilterPolicyScope": "MessageAttributes",
    "RawMessageDelivery": "false",
    "RedrivePolicy": "",
    "SubscriptionRoleArn": "",
}


def _create(place: Place, name: str, properties: Properties) -> str:
    sns = place.client("sns")
    if or_none(sns.get_topic_attributes, TopicArn=place.arn("sns", name)):
        raise already(name)
    sent = attributes(properties, (*TOPIC_DEFAULTS, "FifoTopic"))
    return str(send(sns, "create_topic", properties, Name=name, Attributes=sent)["TopicArn"])


def _one_by_one(defaults: Mapping[str, str], call: str, argument: str) -> Change:
    """A change of attributes, which SNS takes one at a time; one that is no longer said goes back to its default."""

    def change(place: Place, arn: str, old: Properties, new: Properties) -> None:
        for key, default in defaults.items():
            if old.get(key) != new.get(key):
                attribute = {"AttributeName": key, "AttributeValue": text(new.get(key, default))}
                getattr(place.client("sns"), call)(**{argument: arn}, **attribute)

    return change


def _delete(place: Place, arn: str, _properties: Properties) -> None:
    place.client("sns").delete_topic(TopicArn=arn)


def _subscribe(place: Place, _name: str, properties: Properties) -> str:
    sent = attributes(properties, SUBSCRIPTION_DEFAULTS)
    answer = send(place.client("sns"), "subscribe", properties, Attributes=sent, ReturnSubscriptionArn=True)
    return str(answer["SubscriptionArn"])


def _unsubscribe(place: Place, arn: str, _properties: Properties) -> None:
    place.client("sns").unsubscribe(SubscriptionArn=arn)


TOPIC = ResourceType(
    name="AWS::SNS::Topic",
    named_by="TopicName",
    longest_name=256,
    create=_create,
    created_with=frozenset({*TOPIC_DEFAULTS, "Tags"}),
    fixed=frozenset({"FifoTopic"}),
    changes={
        tuple(TOPIC_DEFAULTS): _one_by_one(TOPIC_DEFAULTS, "set_topic_attributes", "TopicArn"),
        ("Tags",): retagging("sns", "ResourceArn"),
    },
    delete=_delete,
    attributes=lambda _place, arn: {"TopicArn": arn, "TopicName": arn.rpartition(":")[2]},
)

SUBSCRIPTION = ResourceType(
    name="AWS::SNS::Subscription",
    create=_subscribe,
    created_with=frozenset(SUBSCRIPTION_DEFAULTS),
    fixed=frozenset({"Endpoint", "Protocol", "TopicArn"}),
    changes={
        tuple(SUBSCRIPTION_DEFAULTS): _one_by_one(
            SUBSCRIPTION_DEFAULTS, "set_subscription_attributes", "SubscriptionArn"
        )
    },
    delete=_unsubscribe,
    attributes=lambda _place, arn: {"Arn": arn},
)

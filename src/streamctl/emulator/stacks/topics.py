"""AWS::SNS::Topic and AWS::SNS::Subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.aws.failures import or_none
from streamctl.emulator.stacks.requests import attributes, retag, send, text
from streamctl.emulator.stacks.resource_type import ResourceType, already

if TYPE_CHECKING:
    from streamctl.emulator.stacks.requests import Properties
    from streamctl.emulator.stacks.resource_type import Place

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


def _change(place: Place, arn: str, old: Properties, new: Properties) -> None:
    for key, default in TOPIC_DEFAULTS.items():
        if old.get(key) != new.get(key):
            value = text(new.get(key, default))
            place.client("sns").set_topic_attributes(TopicArn=arn, AttributeName=key, AttributeValue=value)


def _change_tags(place: Place, arn: str, old: Properties, new: Properties) -> None:
    retag(place.client("sns"), old.get("Tags"), new.get("Tags"), ResourceArn=arn)


def _delete(place: Place, arn: str, _properties: Properties) -> None:
    place.client("sns").delete_topic(TopicArn=arn)


def _subscribe(place: Place, _name: str, properties: Properties) -> str:
    sent = attributes(properties, SUBSCRIPTION_DEFAULTS)
    answer = send(place.client("sns"), "subscribe", properties, Attributes=sent, ReturnSubscriptionArn=True)
    return str(answer["SubscriptionArn"])


def _change_subscription(place: Place, arn: str, old: Properties, new: Properties) -> None:
    for key, default in SUBSCRIPTION_DEFAULTS.items():
        if old.get(key) != new.get(key):
            value = text(new.get(key, default))
            place.client("sns").set_subscription_attributes(
                SubscriptionArn=arn, AttributeName=key, AttributeValue=value
            )


def _unsubscribe(place: Place, arn: str, _properties: Properties) -> None:
    place.client("sns").unsubscribe(SubscriptionArn=arn)


TOPIC = ResourceType(
    name="AWS::SNS::Topic",
    named_by="TopicName",
    longest_name=256,
    create=_create,
    created_with=frozenset({*TOPIC_DEFAULTS, "Tags"}),
    fixed=frozenset({"FifoTopic"}),
    changes={tuple(TOPIC_DEFAULTS): _change, ("Tags",): _change_tags},
    delete=_delete,
    attributes=lambda _place, arn: {"TopicArn": arn, "TopicName": arn.rpartition(":")[2]},
)

SUBSCRIPTION = ResourceType(
    name="AWS::SNS::Subscription",
    create=_subscribe,
    created_with=frozenset(SUBSCRIPTION_DEFAULTS),
    fixed=frozenset({"Endpoint", "Protocol", "TopicArn"}),
    changes={tuple(SUBSCRIPTION_DEFAULTS): _change_subscription},
    delete=_unsubscribe,
    attributes=lambda _place, arn: {"Arn": arn},
)

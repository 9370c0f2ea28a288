"""Somebody who gets what is published to an SNS topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from streamctl.aws.failures import or_none
from streamctl.engine.block import Block
from streamctl.engine.declaration import REF, Declaration
from streamctl.engine.question import Question, literal
from streamctl.engine.resource import Live, Resource
from streamctl.resources.tags import from_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamctl.aws import Aws

PENDING = "PendingConfirmation"
"""What AWS says instead of an ARN until the person has clicked the link in the mail."""
_DELETED = "Deleted"


@dataclass(frozen=True, kw_only=True)
class SnsSubscription(Resource):
    """One endpoint of one topic; AWS knows it by these two. Whoever's the topic is, is its owner.

    A mail address must be confirmed by the person within 48 hours. Until then AWS does not let the subscription be
    deleted: it goes after the 48 hours, or with its topic.
    """

    kind: ClassVar[str] = "sns_subscription"
    stage: ClassVar[Literal["provision", "deploy"]] = "deploy"
    fixed: ClassVar[frozenset[str]] = frozenset({"topic_arn", "protocol", "endpoint"})
    found_by: ClassVar[frozenset[str]] = fixed
    attributes: ClassVar[frozenset[str]] = frozenset({"arn"})
    cloudformation_attributes: ClassVar[dict[str, str]] = {"arn": REF}
    terraform_attributes: ClassVar[dict[str, str]] = {"arn": "arn"}
    can_be_tagged: ClassVar[bool] = False
    unscoped: ClassVar[frozenset[str]] = frozenset({"sns:Unsubscribe"})
    permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "read": ("sns:ListSubscriptionsByTopic", "sns:ListTagsForResource"),
        "create": ("sns:Subscribe",),
        "update": (),
        "delete": ("sns:Unsubscribe",),
    }

    topic_arn: str
    protocol: Literal["email", "sqs"]
    endpoint: str
    """A mail address, or the ARN of a queue."""

    def scope(self, action: str) -> tuple[str, ...]:
        """AWS ties what is done with a subscription to its topic."""
        return super().scope(action) if action in self.unscoped else (self.topic_arn,)

    def read(self, aws: Aws) -> Live | None:
        sns = aws.client("sns")
        found = self._find(sns)
        tags = or_none(sns.list_tags_for_resource, ResourceArn=self.topic_arn) if found else None
        if found is None or tags is None:
            return None
        pending = found["SubscriptionArn"] == PENDING
        return Live(
            attributes={"arn": found["SubscriptionArn"]},
            settings={"topic_arn": found["TopicArn"], "protocol": found["Protocol"], "endpoint": found["Endpoint"]},
            tags=from_pairs(tags["Tags"]),
            state=PENDING if pending else "Confirmed",
            expires="was never confirmed, and goes with its topic or 48 hours after it was made" if pending else "",
        )

    def _find(self, sns: Any) -> Any | None:
        pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=self.topic_arn)
        answer = or_none(pages.build_full_result) or {}
        for each in answer.get("Subscriptions", ()):
            is_it = (each["Protocol"], each["Endpoint"]) == (self.protocol, self.endpoint)
            if is_it and each["SubscriptionArn"] != _DELETED:
                return each
        return None

    def create(self, aws: Aws) -> None:
        aws.once("sns").subscribe(TopicArn=self.topic_arn, Protocol=self.protocol, Endpoint=self.endpoint)

    def update(self, aws: Aws, live: Live) -> None:
        """Nothing of it can change."""

    def delete(self, aws: Aws, live: Live) -> None:
        aws.client("sns").unsubscribe(SubscriptionArn=live.attributes["arn"])

    def questions(self) -> dict[str, Question]:
        """None of one that nobody confirmed: it has no ARN, and goes with its topic."""
        asked = f"Protocol=={literal(self.protocol)} && Endpoint=={literal(self.endpoint)}"
        confirmed = f"SubscriptionArn!={literal(PENDING)}"
        path = f"Subscriptions[?{asked} && {confirmed}].SubscriptionArn | [0]"
        return {"arn": Question("sns", "list_subscriptions_by_topic", {"TopicArn": self.topic_arn}, path)}

    def cloudformation(self) -> Sequence[Declaration]:
        properties = {"TopicArn": self.topic_arn, "Protocol": self.protocol, "Endpoint": self.endpoint}
        return (Declaration("AWS::SNS::Subscription", properties, identity={"Arn": self.ref("arn")}),)

    def terraform(self) -> Sequence[Block]:
        arguments = {"topic_arn": self.topic_arn, "protocol": self.protocol, "endpoint": self.endpoint}
        return (Block("aws_sns_topic_subscription", arguments, identity=self.ref("arn")),)

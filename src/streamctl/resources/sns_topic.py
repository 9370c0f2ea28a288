"""An SNS topic."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from streamctl.aws.failures import or_none
from streamctl.engine.block import Block, json_document
from streamctl.engine.declaration import REF, Declaration
from streamctl.engine.references import fill
from streamctl.engine.resource import Live, Resource
from streamctl.engine.survey import surroundings
from streamctl.resources.tags import from_pairs, to_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamctl.aws import Aws


@dataclass(frozen=True, kw_only=True)
class SnsTopic(Resource):
    """A standard topic.

    CreateTopic answers with a topic of that name that is already there, unless its tags are others: then AWS refuses.
    """

    kind: ClassVar[str] = "sns_topic"
    stage: ClassVar[Literal["provision", "deploy"]] = "deploy"
    attributes: ClassVar[frozenset[str]] = frozenset({"name", "arn"})
    arn_format: ClassVar[str] = "sns:${aws.region}:${aws.account}:{name}"
    cloudformation_attributes: ClassVar[dict[str, str]] = {"name": "TopicName", "arn": REF}
    terraform_attributes: ClassVar[dict[str, str]] = {"name": "name", "arn": "arn"}
    tagging: ClassVar[frozenset[str]] = frozenset({"sns:CreateTopic", "sns:TagResource"})
    permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "read": ("sns:GetTopicAttributes", "sns:ListTagsForResource"),
        "create": ("sns:CreateTopic", "sns:TagResource"),
        "update": ("sns:SetTopicAttributes", "sns:TagResource"),
        "delete": ("sns:DeleteTopic",),
    }

    policy: Mapping[str, Any] = field(default_factory=dict)
    """Who besides the account's own identities may use it. Without one, AWS gives it one for the account alone."""
    kms_key_id: str = ""
    """The key that messages are encrypted with at rest: an alias, id or ARN. CloudWatch must be let use it, which the
    key AWS manages for SNS (`alias/aws/sns`) does not: alarms would tell nobody."""

    def read(self, aws: Aws) -> Live | None:
        sns = aws.client("sns")
        arn = fill(self.arn, surroundings(aws))
        answer = or_none(sns.get_topic_attributes, TopicArn=arn)
        if answer is None:
            return None
        found = answer["Attributes"]
        tags = or_none(sns.list_tags_for_resource, ResourceArn=arn)
        policy = {"policy": json.loads(found.get("Policy") or "{}")} if self.policy else {}  # else AWS's own
        return Live(
            attributes={"name": self.name, "arn": found["TopicArn"]},
            settings={"kms_key_id": found.get("KmsMasterKeyId", ""), **policy},
            tags=from_pairs(tags["Tags"]) if tags else {},
            ready=tags is not None,
        )

    def create(self, aws: Aws) -> None:
        attributes = {name: value for name, value in self._attributes().items() if value}
        aws.once("sns").create_topic(Name=self.name, Attributes=attributes, Tags=to_pairs(self.tags))

    def update(self, aws: Aws, live: Live) -> None:
        sns, arn = aws.client("sns"), live.attributes["arn"]
        if missing := self.missing_tags(live):
            sns.tag_resource(ResourceArn=arn, Tags=to_pairs(missing))
        names = {"policy": "Policy", "kms_key_id": "KmsMasterKeyId"}
        for setting in self.differing(live).keys() - {"tags"}:
            name = names[setting]
            sns.set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=self._attributes()[name])

    def delete(self, aws: Aws, live: Live) -> None:
        aws.client("sns").delete_topic(TopicArn=live.attributes["arn"])

    def cloudformation(self) -> Sequence[Declaration]:
        key = {"KmsMasterKeyId": self.kms_key_id} if self.kms_key_id else {}
        topic = {"TopicName": self.name, **key, "Tags": to_pairs(self.tags)}
        policy = {"Topics": [self.ref("arn")], "PolicyDocument": self.policy}
        parts = (Declaration("AWS::SNS::TopicPolicy", policy, "Policy"),) if self.policy else ()
        return (Declaration("AWS::SNS::Topic", topic, identity={"TopicArn": self.ref("arn")}), *parts)

    def terraform(self) -> Sequence[Block]:
        key = {"kms_master_key_id": self.kms_key_id} if self.kms_key_id else {}
        topic = {"name": self.name, **key, "tags": self.tags}
        arn = self.ref("arn")
        policy = {"arn": arn, "policy": json_document(self.policy)}
        parts = (Block("aws_sns_topic_policy", policy, identity=arn),) if self.policy else ()
        return (Block("aws_sns_topic", topic, identity=arn), *parts)

    def _attributes(self) -> dict[str, str]:
        return {
            "Policy": json.dumps(self.policy) if self.policy else "",
            "KmsMasterKeyId": self.kms_key_id,
        }

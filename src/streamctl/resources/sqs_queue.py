"""An SQS standard queue."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from streamctl.aws.failures import or_none
from streamctl.engine.block import Block, json_document
from streamctl.engine.declaration import REF, Declaration
from streamctl.engine.question import Question
from streamctl.engine.resource import Live, Resource
from streamctl.resources.tags import to_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamctl.aws import Aws

FOURTEEN_DAYS_SECONDS = 1_209_600  # the longest SQS keeps a message
COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


@dataclass(frozen=True, kw_only=True)
class SqsQueue(Resource):
    """A queue. AWS takes up to a minute to delete one, and refuses the same name for a minute after that."""

    kind: ClassVar[str] = "sqs_queue"
    stage: ClassVar[Literal["provision", "deploy"]] = "provision"
    attributes: ClassVar[frozenset[str]] = frozenset({"name", "arn", "url"})
    arn_format: ClassVar[str] = "sqs:${aws.region}:${aws.account}:{name}"
    cloudformation_attributes: ClassVar[dict[str, str]] = {"name": "QueueName", "arn": "Arn", "url": REF}
    terraform_attributes: ClassVar[dict[str, str]] = {"name": "name", "arn": "arn", "url": "url"}
    holds_data: ClassVar[bool] = True
    permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "read": ("sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"),
        "create": ("sqs:CreateQueue", "sqs:TagQueue"),
        "update": ("sqs:SetQueueAttributes", "sqs:TagQueue"),
        "delete": ("sqs:DeleteQueue",),
    }
    tagging: ClassVar[frozenset[str]] = frozenset({"sqs:CreateQueue", "sqs:TagQueue"})

    message_retention_seconds: int = FOURTEEN_DAYS_SECONDS
    """60 to 1,209,600."""
    visibility_timeout_seconds: int = 30
    """0 to 43,200."""
    encryption: bool = True
    """At rest, with a key of SQS's own."""
    policy: Mapping[str, Any] = field(default_factory=dict)
    """Who besides the account's own roles may use it."""
    derived: bool = False
    """Nothing of the user's is lost with its messages: a feature that made it may be turned off."""

    def read(self, aws: Aws) -> Live | None:
        sqs = aws.client("sqs")
        address = or_none(sqs.get_queue_url, QueueName=self.name)
        if address is None:
            return None
        url = address["QueueUrl"]
        answer = or_none(sqs.get_queue_attributes, QueueUrl=url, AttributeNames=["All"])
        if answer is None:
            return None
        found = answer["Attributes"]
        tags = or_none(sqs.list_queue_tags, QueueUrl=url)
        return Live(
            attributes={"name": self.name, "arn": found["QueueArn"], "url": url},
            settings={
                "message_retention_seconds": int(found["MessageRetentionPeriod"]),
                "visibility_timeout_seconds": int(found["VisibilityTimeout"]),
                "encryption": found.get("SqsManagedSseEnabled", "false") == "true",
                "policy": json.loads(found.get("Policy") or "{}"),
            },
            tags=tags.get("Tags", {}) if tags else {},
            ready=tags is not None,
        )

    def create(self, aws: Aws) -> None:
        attributes = {name: value for name, value in self._attributes().items() if value}
        aws.once("sqs").create_queue(QueueName=self.name, Attributes=attributes, tags=dict(self.tags))

    def update(self, aws: Aws, live: Live) -> None:
        sqs = aws.client("sqs")
        if missing := self.missing_tags(live):
            sqs.tag_queue(QueueUrl=live.attributes["url"], Tags=missing)
        if self.differing(live).keys() - {"tags"}:
            sqs.set_queue_attributes(QueueUrl=live.attributes["url"], Attributes=self._attributes())

    def delete(self, aws: Aws, live: Live) -> None:
        aws.client("sqs").delete_queue(QueueUrl=live.attributes["url"])

    def has_data(self, aws: Aws) -> bool:
        """SQS counts with a delay: a message of the last minute may be overlooked."""
        if self.derived:
            return False
        sqs = aws.client("sqs")
        address = or_none(sqs.get_queue_url, QueueName=self.name)
        counts = address and or_none(
            sqs.get_queue_attributes, QueueUrl=address["QueueUrl"], AttributeNames=list(COUNTS)
        )
        return any(int(counts["Attributes"][name]) for name in COUNTS) if counts else False

    def cloudformation(self) -> Sequence[Declaration]:
        queue = {
            "QueueName": self.name,
            "MessageRetentionPeriod": self.message_retention_seconds,
            "VisibilityTimeout": self.visibility_timeout_seconds,
            "SqsManagedSseEnabled": self.encryption,
            "Tags": to_pairs(self.tags),
        }
        policy = {"Queues": [self.ref("url")], "PolicyDocument": self.policy}
        parts = (Declaration("AWS::SQS::QueuePolicy", policy, "Policy"),) if self.policy else ()
        return (Declaration("AWS::SQS::Queue", queue, identity={"QueueUrl": self.ref("url")}), *parts)

    def terraform(self) -> Sequence[Block]:
        queue = {
            "name": self.name,
            "message_retention_seconds": self.message_retention_seconds,
            "visibility_timeout_seconds": self.visibility_timeout_seconds,
            "sqs_managed_sse_enabled": self.encryption,
            "tags": self.tags,
        }
        url = self.ref("url")
        policy = {"queue_url": url, "policy": json_document(self.policy)}
        parts = (Block("aws_sqs_queue_policy", policy, identity=url),) if self.policy else ()
        return (Block("aws_sqs_queue", queue, identity=url), *parts)

    def questions(self) -> dict[str, Question]:
        return {"url": Question("sqs", "get_queue_url", {"QueueName": self.name}, "QueueUrl")}

    def _attributes(self) -> dict[str, str]:
        return {
            "MessageRetentionPeriod": str(self.message_retention_seconds),
            "VisibilityTimeout": str(self.visibility_timeout_seconds),
            "SqsManagedSseEnabled": str(self.encryption).lower(),
            "Policy": json.dumps(self.policy) if self.policy else "",  # an empty one removes it
        }

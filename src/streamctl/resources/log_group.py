"""A CloudWatch log group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from streamctl.aws.failures import or_none
from streamctl.engine.block import Block
from streamctl.engine.declaration import REF, Declaration
from streamctl.engine.resource import Live, Resource
from streamctl.resources.tags import to_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamctl.aws import Aws


@dataclass(frozen=True, kw_only=True)
class LogGroup(Resource):
    """A log group, made before the function that writes to it: the one Lambda makes never expires and stays behind."""

    kind: ClassVar[str] = "log_group"
    stage: ClassVar[Literal["provision", "deploy"]] = "provision"
    attributes: ClassVar[frozenset[str]] = frozenset({"name", "arn"})
    arn_format: ClassVar[str] = "logs:${aws.region}:${aws.account}:log-group:{name}"
    cloudformation_attributes: ClassVar[dict[str, str]] = {"name": REF}  # its Arn ends with what stands for the streams
    terraform_attributes: ClassVar[dict[str, str]] = {"name": "name", "arn": "arn"}
    permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "read": ("logs:DescribeLogGroups", "logs:ListTagsForResource"),
        "create": ("logs:CreateLogGroup", "logs:TagResource"),
        "update": ("logs:DeleteRetentionPolicy", "logs:PutRetentionPolicy", "logs:TagResource"),
        "delete": ("logs:DeleteLogGroup",),
    }
    unscoped: ClassVar[frozenset[str]] = frozenset({"logs:DescribeLogGroups"})
    created: ClassVar[dict[str, Any]] = {"retention_days": None}
    tagging: ClassVar[frozenset[str]] = frozenset({"logs:CreateLogGroup", "logs:TagResource"})

    retention_days: int | None = None
    """One of AWS's steps (1, 3, 5, 7, 14, 30, 60, 90, … 3,653); None keeps everything for ever."""

    def scope(self, action: str) -> tuple[str, ...]:
        """AWS wants the group itself where tags are meant, and for the rest what stands for the streams in it."""
        if action in self.unscoped:
            return ("*",)
        return (self.arn, f"{self.arn}:*")

    def read(self, aws: Aws) -> Live | None:
        logs = aws.client("logs")
        found = self._find(logs)
        if found is None:
            return None
        arn = found["arn"].removesuffix(":*")  # which stands for the streams in it
        tags = or_none(logs.list_tags_for_resource, resourceArn=arn)
        return Live(
            attributes={"name": found["logGroupName"], "arn": arn},
            settings={"retention_days": found.get("retentionInDays")},
            tags=tags["tags"] if tags else {},
            ready=tags is not None,
        )

    def _find(self, logs: Any) -> Any | None:
        """AWS only searches by prefix, in alphabetical order: the name itself comes first."""
        groups = logs.describe_log_groups(logGroupNamePrefix=self.name)["logGroups"]
        return next((group for group in groups if group["logGroupName"] == self.name), None)

    def create(self, aws: Aws) -> None:
        aws.once("logs").create_log_group(logGroupName=self.name, tags=dict(self.tags))

    def update(self, aws: Aws, live: Live) -> None:
        logs = aws.client("logs")
        if missing := self.missing_tags(live):
            logs.tag_resource(resourceArn=live.attributes["arn"], tags=missing)
        if "retention_days" not in self.differing(live):
            return
        if self.retention_days is None:
            logs.delete_retention_policy(logGroupName=self.name)
        else:
            logs.put_retention_policy(logGroupName=self.name, retentionInDays=self.retention_days)

    def delete(self, aws: Aws, live: Live) -> None:
        aws.client("logs").delete_log_group(logGroupName=self.name)

    def cloudformation(self) -> Sequence[Declaration]:
        retention = {} if self.retention_days is None else {"RetentionInDays": self.retention_days}
        properties = {"LogGroupName": self.name, **retention, "Tags": to_pairs(self.tags)}
        return (Declaration("AWS::Logs::LogGroup", properties, identity={"LogGroupName": self.name}),)

    def terraform(self) -> Sequence[Block]:
        arguments = {
            "name": self.name,
            "retention_in_days": self.retention_days or 0,  # for ever
            "tags": self.tags,
        }
        return (Block("aws_cloudwatch_log_group", arguments, identity=self.name),)

"""A DynamoDB table, billed per request and encrypted at rest: DynamoDB's own key is always on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from streamctl.aws.failures import code, or_none
from streamctl.engine.block import Block, Nested
from streamctl.engine.declaration import REF, Declaration
from streamctl.engine.question import Question
from streamctl.engine.resource import Live, Resource
from streamctl.resources import time_to_live
from streamctl.resources.tags import from_pairs, to_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamctl.aws import Aws

StreamView = Literal["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]
Key = tuple[str, str]
"""An attribute's name and its type: `S`, `N` or `B`."""

TAKE_PROTECTION_OFF = "Set `deletion_protection = false` in [table], run `streamctl up`, then `streamctl down`."


@dataclass(frozen=True, kw_only=True)
class DynamodbTable(Resource):
    """A table whose items are told apart by `hash_key` and, where there is one, `range_key`."""

    kind: ClassVar[str] = "dynamodb_table"
    stage: ClassVar[Literal["provision", "deploy"]] = "provision"
    fixed: ClassVar[frozenset[str]] = frozenset({"hash_key", "range_key"})
    attributes: ClassVar[frozenset[str]] = frozenset({"name", "arn", "stream_arn"})
    renews: ClassVar[dict[str, frozenset[str]]] = {"stream_view": frozenset({"stream_arn"})}
    arn_format: ClassVar[str] = "dynamodb:${aws.region}:${aws.account}:table/{name}"
    cloudformation_attributes: ClassVar[dict[str, str]] = {"name": REF, "arn": "Arn", "stream_arn": "StreamArn"}
    terraform_attributes: ClassVar[dict[str, str]] = {"name": "name", "arn": "arn", "stream_arn": "stream_arn"}
    holds_data: ClassVar[bool] = True
    permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "read": (
            "dynamodb:DescribeContinuousBackups",
            "dynamodb:DescribeTable",
            "dynamodb:DescribeTimeToLive",
            "dynamodb:ListTagsOfResource",
        ),
        "create": ("dynamodb:CreateTable", "dynamodb:TagResource"),
        "update": (
            "dynamodb:TagResource",
            "dynamodb:UpdateContinuousBackups",
            "dynamodb:UpdateTable",
            "dynamodb:UpdateTimeToLive",
        ),
        "delete": ("dynamodb:DeleteTable",),
    }
    created: ClassVar[dict[str, Any]] = {"point_in_time_recovery": False, "ttl_attribute": None}
    tagging: ClassVar[frozenset[str]] = frozenset({"dynamodb:CreateTable", "dynamodb:TagResource"})

    hash_key: Key
    range_key: Key | None = None
    point_in_time_recovery: bool = False
    """It can be restored as it was at any second of the last 35 days."""
    deletion_protection: bool = False
    """AWS refuses to delete it."""
    stream_view: StreamView | None = None
    """What its stream tells of each change, for 24 hours; None: it has no stream. `stream_arn` is that of a stream."""
    ttl_attribute: str | None = None
    """Items are deleted some time after the epoch second in this attribute; None keeps them."""

    derived: bool = False
    """Nothing of the user's is lost with it: a feature that made it may be turned off."""

    @property
    def provided(self) -> frozenset[str]:
        return self.attributes if self.stream_view else self.attributes - {"stream_arn"}

    def read(self, aws: Aws) -> Live | None:
        dynamodb = aws.client("dynamodb")
        answer = or_none(dynamodb.describe_table, TableName=self.name)
        if answer is None:
            return None
        found = answer["Table"]
        pages = dynamodb.get_paginator("list_tags_of_resource").paginate(ResourceArn=found["TableArn"])
        tags = or_none(pages.build_full_result)  # DynamoDB tells them only of a table that is made, and not leaving
        types = {attribute["AttributeName"]: attribute["AttributeType"] for attribute in found["AttributeDefinitions"]}
        keys = {key["KeyType"]: (key["AttributeName"], types[key["AttributeName"]]) for key in found["KeySchema"]}
        # DynamoDB tells it only of a table that is made.
        made = found["TableStatus"] == "ACTIVE"
        backups = or_none(dynamodb.describe_continuous_backups, TableName=self.name) if made else None
        expiry = time_to_live.described(dynamodb, self.name) if made else None
        protected = bool(found.get("DeletionProtectionEnabled"))
        view = _stream_view(found)  # a stream that was turned off goes on being told as the latest one
        return Live(
            attributes={
                "name": found["TableName"],
                "arn": found["TableArn"],
                **({"stream_arn": found["LatestStreamArn"]} if view else {}),
            },
            settings={
                "hash_key": keys["HASH"],
                "range_key": keys.get("RANGE"),
                "deletion_protection": protected,
                "stream_view": view,
                **({} if backups is None else {"point_in_time_recovery": _is_recoverable(backups)}),
                **({} if expiry is None else {"ttl_attribute": time_to_live.attribute(expiry)}),
            },
            tags=from_pairs(tags["Tags"]) if tags else {},
            state=found["TableStatus"],
            ready=tags is not None and backups is not None and expiry is not None,
            protection=TAKE_PROTECTION_OFF if protected else "",
        )

    def create(self, aws: Aws) -> None:
        aws.once("dynamodb").create_table(
            **self._definition(), **(_stream(self.stream_view) if self.stream_view else {})
        )

    def _definition(self) -> dict[str, Any]:
        """What CreateTable and CloudFormation say in the same words."""
        keys = {"HASH": self.hash_key} | ({"RANGE": self.range_key} if self.range_key else {})
        return {
            "TableName": self.name,
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": type_} for name, type_ in keys.values()],
            "KeySchema": [{"AttributeName": name, "KeyType": part} for part, (name, _) in keys.items()],
            "BillingMode": "PAY_PER_REQUEST",
            "DeletionProtectionEnabled": self.deletion_protection,
            "Tags": to_pairs(self.tags),
        }

    def cloudformation(self) -> Sequence[Declaration]:
        stream = {"StreamSpecification": {"StreamViewType": self.stream_view}} if self.stream_view else {}
        expiry = {"AttributeName": self.ttl_attribute, "Enabled": True}
        properties = {
            **self._definition(),
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": self.point_in_time_recovery},
            **stream,
            **({"TimeToLiveSpecification": expiry} if self.ttl_attribute else {}),
        }
        return (Declaration("AWS::DynamoDB::Table", properties, identity={"TableName": self.name}),)

    def terraform(self) -> Sequence[Block]:
        keys = {"hash_key": self.hash_key} | ({"range_key": self.range_key} if self.range_key else {})
        stream = {"stream_view_type": self.stream_view} if self.stream_view else {}
        expiry = {"attribute_name": self.ttl_attribute, "enabled": True}
        arguments = {
            "name": self.name,
            "billing_mode": "PAY_PER_REQUEST",
            **{part: name for part, (name, _) in keys.items()},
            "deletion_protection_enabled": self.deletion_protection,
            "stream_enabled": bool(self.stream_view),
            **stream,
            "tags": self.tags,
            "attribute": [Nested({"name": name, "type": type_}) for name, type_ in keys.values()],
            "point_in_time_recovery": Nested({"enabled": self.point_in_time_recovery}),
            **({"ttl": Nested(expiry)} if self.ttl_attribute else {}),
        }
        return (Block("aws_dynamodb_table", arguments, identity=self.name),)

    def questions(self) -> dict[str, Question]:
        return {"stream_arn": Question("dynamodb", "describe_table", {"TableName": self.name}, "Table.LatestStreamArn")}

    def readiness(self) -> Question:
        return Question("dynamodb", "describe_table", {"TableName": self.name}, "Table.TableStatus", "ACTIVE")

    def update(self, aws: Aws, live: Live) -> None:
        dynamodb, differences = aws.client("dynamodb"), self.differing(live)
        if "tags" in differences:
            dynamodb.tag_resource(ResourceArn=live.attributes["arn"], Tags=to_pairs(self.missing_tags(live)))
        if "deletion_protection" in differences:  # and while it changes the table, DynamoDB takes no other change
            dynamodb.update_table(TableName=self.name, DeletionProtectionEnabled=self.deletion_protection)
        elif "stream_view" in differences:  # a stream cannot show something else: it ends, then another one begins
            self._change_stream(dynamodb, None if live.settings["stream_view"] else self.stream_view)
        elif "point_in_time_recovery" in differences:
            dynamodb.update_continuous_backups(
                TableName=self.name,
                PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": self.point_in_time_recovery},
            )
        elif "ttl_attribute" in differences:
            time_to_live.change(dynamodb, self.name, differences["ttl_attribute"][0], self.ttl_attribute)

    def _change_stream(self, dynamodb: Any, view: StreamView | None) -> None:
        """DynamoDB refuses to turn on what is on, and off what is off: so it is where an answer got lost."""
        try:
            dynamodb.update_table(TableName=self.name, **_stream(view))
        except Exception as error:
            refused = code(error) == "ValidationException"
            if not refused or _stream_view(dynamodb.describe_table(TableName=self.name)["Table"]) != view:
                raise

    def delete(self, aws: Aws, live: Live) -> None:
        aws.client("dynamodb").delete_table(TableName=self.name)

    def has_data(self, aws: Aws) -> bool:
        return not self.derived


def _stream(view: StreamView | None) -> dict[str, Any]:
    return {
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": view} if view else {"StreamEnabled": False}
    }


def _stream_view(found: Mapping[str, Any]) -> str | None:
    stream = found.get("StreamSpecification", {})
    return stream.get("StreamViewType") if stream.get("StreamEnabled") else None


def _is_recoverable(backups: Mapping[str, Any]) -> bool:
    description = backups["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    return bool(description.get("PointInTimeRecoveryStatus") == "ENABLED")

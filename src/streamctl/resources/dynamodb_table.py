"""A DynamoDB table, billed per request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from streamctl.aws.failures import or_none
from streamctl.engine.resource import Live, Resource
from streamctl.resources.tags import from_pairs, to_pairs

if TYPE_CHECKING:
    from streamctl.aws import Aws

Key = tuple[str, str]
"""An attribute's name and its type: `S`, `N` or `B`."""


@dataclass(frozen=True, kw_only=True)
class DynamodbTable(Resource):
    """A table whose items are told apart by `hash_key` and, where there is one, `range_key`."""

    kind: ClassVar[str] = "dynamodb_table"
    stage: ClassVar[Literal["provision", "deploy"]] = "provision"
    fixed: ClassVar[frozenset[str]] = frozenset({"hash_key", "range_key"})
    attributes: ClassVar[frozenset[str]] = frozenset({"name", "arn"})
    arn_format: ClassVar[str] = "dynamodb:${aws.region}:${aws.account}:table/{name}"
    holds_data: ClassVar[bool] = True
    permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "read": ("dynamodb:DescribeTable", "dynamodb:ListTagsOfResource"),
        "create": ("dynamodb:CreateTable", "dynamodb:TagResource"),
        "update": ("dynamodb:TagResource",),
        "delete": ("dynamodb:DeleteTable",),
    }
    tagging: ClassVar[frozenset[str]] = frozenset({"dynamodb:CreateTable", "dynamodb:TagResource"})

    hash_key: Key
    range_key: Key | None = None

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
        return Live(
            attributes={"name": found["TableName"], "arn": found["TableArn"]},
            settings={"hash_key": keys["HASH"], "range_key": keys.get("RANGE")},
            tags=from_pairs(tags["Tags"]) if tags else {},
            state=found["TableStatus"],
            ready=tags is not None and found["TableStatus"] == "ACTIVE",
        )

    def create(self, aws: Aws) -> None:
        keys = {"HASH": self.hash_key} | ({"RANGE": self.range_key} if self.range_key else {})
        aws.once("dynamodb").create_table(
            TableName=self.name,
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": type_} for name, type_ in keys.values()],
            KeySchema=[{"AttributeName": name, "KeyType": part} for part, (name, _) in keys.items()],
            BillingMode="PAY_PER_REQUEST",
            Tags=to_pairs(self.tags),
        )

    def update(self, aws: Aws, live: Live) -> None:
        if missing := self.missing_tags(live):
            aws.client("dynamodb").tag_resource(ResourceArn=live.attributes["arn"], Tags=to_pairs(missing))

    def delete(self, aws: Aws, live: Live) -> None:
        aws.client("dynamodb").delete_table(TableName=self.name)

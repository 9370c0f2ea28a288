"""A KMS key of the account's own, and its alias."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from streamctl.aws.failures import or_none, unless
from streamctl.engine.block import Block, json_document
from streamctl.engine.declaration import REF, Declaration
from streamctl.engine.question import Question
from streamctl.engine.resource import EXPORT_TAG, OWNER_TAG, Live, Resource
from streamctl.resources.tags import to_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from streamctl.aws import Aws

SHORTEST_WINDOW_DAYS = 7
_WITH_ALIAS = frozenset({"kms:CreateAlias", "kms:DeleteAlias"})
_ONLY_OURS = frozenset(
    {"kms:DisableKeyRotation", "kms:EnableKeyRotation", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"}
)
_LEAVING = "PendingDeletion"


@dataclass(frozen=True, kw_only=True)
class KmsKey(Resource):
    """A symmetric key, known by the alias `alias/NAME`; between its creation and its alias's, by its tag.

    A key costs a dollar a month. KMS deletes none at once: one that waits for its end, for 7 days at least, is as good
    as gone, costs nothing, and can be saved by hand until then.
    """

    kind: ClassVar[str] = "kms_key"
    stage: ClassVar[Literal["provision", "deploy"]] = "deploy"
    attributes: ClassVar[frozenset[str]] = frozenset({"name", "arn", "key_id"})
    cloudformation_attributes: ClassVar[dict[str, str]] = {"arn": "Arn", "key_id": REF}
    terraform_attributes: ClassVar[dict[str, str]] = {"arn": "arn", "key_id": "key_id"}
    created: ClassVar[dict[str, Any]] = {"rotation": False}
    unscoped: ClassVar[frozenset[str]] = frozenset({"kms:CreateKey", "tag:GetResources"})
    tagging: ClassVar[frozenset[str]] = frozenset({"kms:CreateKey", "kms:TagResource"})
    permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "read": (
            "kms:DescribeKey",
            "kms:GetKeyPolicy",
            "kms:GetKeyRotationStatus",
            "kms:ListResourceTags",
            "tag:GetResources",
        ),
        "create": ("kms:CreateAlias", "kms:CreateKey", "kms:TagResource"),
        "update": (
            "kms:CreateAlias",
            "kms:DisableKeyRotation",
            "kms:EnableKeyRotation",
            "kms:PutKeyPolicy",
            "kms:TagResource",
        ),
        "delete": ("kms:DeleteAlias", "kms:ScheduleKeyDeletion"),
    }

    policy: Mapping[str, Any]
    """Who may use and administer it; without the account's root nobody could any more."""
    rotation: bool = True
    """New key material every year; what was encrypted before stays readable."""

    def scope(self, action: str) -> tuple[str, ...]:
        """KMS draws the key's id: a policy can only name them all, and the alias."""
        if action in self.unscoped:
            return super().scope(action)
        place = "arn:${aws.partition}:kms:${aws.region}:${aws.account}:"
        keys = (f"{place}key/*",)
        return (*keys, place + self.alias) if action in _WITH_ALIAS else keys

    def condition(self, action: str) -> Mapping[str, Mapping[str, str]]:
        if action not in _ONLY_OURS:
            return super().condition(action)
        return {"StringEquals": {f"aws:ResourceTag/{OWNER_TAG}": self.tags[OWNER_TAG]}}

    @property
    def alias(self) -> str:
        return f"alias/{self.name}"

    def read(self, aws: Aws) -> Live | None:
        kms = aws.client("kms")
        by_alias = self._described(kms, self.alias)
        found = by_alias or next(self._tagged(aws), None)
        if found is None:
            return None
        arn = found["Arn"]
        tags = or_none(kms.get_paginator("list_resource_tags").paginate(KeyId=arn).build_full_result)
        policy = or_none(kms.get_key_policy, KeyId=arn, PolicyName="default")
        rotation = or_none(kms.get_key_rotation_status, KeyId=arn)
        if tags is None or policy is None or rotation is None:
            return None
        return Live(
            attributes={"name": self.name, "arn": arn, "key_id": found["KeyId"]},
            settings={
                "name": self.name if by_alias else "",
                "policy": json.loads(policy["Policy"]),
                "rotation": rotation["KeyRotationEnabled"],
            },
            tags={tag["TagKey"]: tag["TagValue"] for tag in tags.get("Tags", ())},
            state=found["KeyState"],
        )

    def _described(self, kms: Any, key: str) -> Any | None:
        answer = or_none(kms.describe_key, KeyId=key)
        return answer["KeyMetadata"] if answer and answer["KeyMetadata"]["KeyState"] != _LEAVING else None

    def _tagged(self, aws: Aws) -> Iterator[Any]:
        """Every key that was made for this name: a lost answer may have left one without its alias."""
        pages = aws.client("resourcegroupstaggingapi").get_paginator("get_resources")
        ours = [{"Key": key, "Values": [value]} for key, value in self.tags.items() if key in {OWNER_TAG, EXPORT_TAG}]
        for page in pages.paginate(ResourceTypeFilters=["kms:key"], TagFilters=ours):
            for entry in page["ResourceTagMappingList"]:
                found = self._described(aws.client("kms"), entry["ResourceARN"])
                if found and found["Description"] == self.name:
                    yield found

    def create(self, aws: Aws) -> None:
        kms = aws.once("kms")
        made = kms.create_key(Description=self.name, Policy=json.dumps(self.policy), Tags=_tags(self.tags))
        kms.create_alias(AliasName=self.alias, TargetKeyId=made["KeyMetadata"]["KeyId"])

    def update(self, aws: Aws, live: Live) -> None:
        kms, arn = aws.client("kms"), live.attributes["arn"]
        if missing := self.missing_tags(live):
            kms.tag_resource(KeyId=arn, Tags=_tags(missing))
        differences = self.differing(live)
        if "name" in differences:
            unless("AlreadyExistsException", kms.create_alias, AliasName=self.alias, TargetKeyId=arn)
        if "policy" in differences:
            kms.put_key_policy(KeyId=arn, PolicyName="default", Policy=json.dumps(self.policy))
        if "rotation" in differences:
            (kms.enable_key_rotation if self.rotation else kms.disable_key_rotation)(KeyId=arn)

    def delete(self, aws: Aws, live: Live) -> None:
        kms = aws.client("kms")
        or_none(kms.delete_alias, AliasName=self.alias)
        known = self._described(kms, live.attributes["arn"])
        keys = {found["KeyId"] for found in (known, *self._tagged(aws)) if found}
        for key in sorted(keys):
            unless(
                "KMSInvalidStateException",  # it is leaving already
                kms.schedule_key_deletion,
                KeyId=key,
                PendingWindowInDays=SHORTEST_WINDOW_DAYS,
            )

    def questions(self) -> dict[str, Question]:
        def by_alias(path: str) -> Question:
            return Question("kms", "describe_key", {"KeyId": self.alias}, f"KeyMetadata.{path}")

        return {"arn": by_alias("Arn"), "key_id": by_alias("KeyId")}

    def as_deployed(self) -> dict[str, Any]:
        key = {"KeyId": self.ref("key_id"), "KeyState": "Enabled"}
        return {"describe_key": {"KeyMetadata": key}, "get_resources": {"ResourceTagMappingList": []}}

    def cloudformation(self) -> Sequence[Declaration]:
        key = {
            "Description": self.name,
            "KeyPolicy": self.policy,
            "EnableKeyRotation": self.rotation,
            "PendingWindowInDays": SHORTEST_WINDOW_DAYS,
            "Tags": to_pairs(self.tags),
        }
        alias = {"AliasName": self.alias, "TargetKeyId": self.ref("arn")}
        return (
            Declaration("AWS::KMS::Key", key, identity={"KeyId": self.ref("key_id")}),
            Declaration("AWS::KMS::Alias", alias, "Alias", {"AliasName": self.alias}),
        )

    def terraform(self) -> Sequence[Block]:
        key = {
            "description": self.name,
            "policy": json_document(self.policy),
            "enable_key_rotation": self.rotation,
            "deletion_window_in_days": SHORTEST_WINDOW_DAYS,
            "tags": self.tags,
        }
        alias = {"name": self.alias, "target_key_id": self.ref("key_id")}
        return (
            Block("aws_kms_key", key, identity=self.ref("key_id")),
            Block("aws_kms_alias", alias, identity=self.alias),
        )


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"TagKey": key, "TagValue": value} for key, value in tags.items()]

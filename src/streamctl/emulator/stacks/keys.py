"""AWS::KMS::Key and AWS::KMS::Alias."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.emulator.stacks.requests import as_map, is_true, send, text
from streamctl.emulator.stacks.resource_type import ResourceType, no_attributes

if TYPE_CHECKING:
    from streamctl.emulator.stacks.requests import Properties
    from streamctl.emulator.stacks.resource_type import Place

LONGEST_WINDOW_DAYS = 30


def _create(place: Place, _name: str, properties: Properties) -> str:
    policy = {"Policy": properties["KeyPolicy"]} if "KeyPolicy" in properties else {}
    sent = {key: value for key, value in properties.items() if key != "Tags"} | policy
    tags = _tags(as_map(properties.get("Tags")))
    return str(send(place.client("kms"), "create_key", sent, Tags=tags)["KeyMetadata"]["KeyId"])


def _tags(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"TagKey": key, "TagValue": value} for key, value in tags.items()]


def _change_description(place: Place, key: str, _old: Properties, new: Properties) -> None:
    send(place.client("kms"), "update_key_description", KeyId=key, Description=new.get("Description", ""))


def _change_policy(place: Place, key: str, _old: Properties, new: Properties) -> None:
    if "KeyPolicy" in new:
        policy = text(new["KeyPolicy"])
        place.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=policy)


def _change_rotation(place: Place, key: str, _old: Properties, new: Properties) -> None:
    on = is_true(new.get("EnableKeyRotation", False))
    send(place.client("kms"), "enable_key_rotation" if on else "disable_key_rotation", new, KeyId=key)


def _change_state(place: Place, key: str, _old: Properties, new: Properties) -> None:
    on = is_true(new.get("Enabled", True))
    send(place.client("kms"), "enable_key" if on else "disable_key", KeyId=key)


def _change_window(_place: Place, _key: str, _old: Properties, _new: Properties) -> None:
    """It counts when the key is deleted."""


def _change_tags(place: Place, key: str, old: Properties, new: Properties) -> None:
    kms, before, now = place.client("kms"), as_map(old.get("Tags")), as_map(new.get("Tags"))
    if gone := sorted(before.keys() - now.keys()):
        kms.untag_resource(KeyId=key, TagKeys=gone)
    kms.tag_resource(KeyId=key, Tags=_tags(now))


def _delete(place: Place, key: str, properties: Properties) -> None:
    days = properties.get("PendingWindowInDays", LONGEST_WINDOW_DAYS)
    send(place.client("kms"), "schedule_key_deletion", KeyId=key, PendingWindowInDays=days)


def _create_alias(place: Place, name: str, properties: Properties) -> str:
    send(place.client("kms"), "create_alias", properties, AliasName=name)
    return name


def _change_alias(place: Place, name: str, _old: Properties, new: Properties) -> None:
    send(place.client("kms"), "update_alias", new, AliasName=name)


def _delete_alias(place: Place, name: str, _properties: Properties) -> None:
    place.client("kms").delete_alias(AliasName=name)


KEY = ResourceType(
    name="AWS::KMS::Key",
    create=_create,
    created_with=frozenset({"Description", "KeyPolicy", "KeySpec", "KeyUsage", "MultiRegion", "Origin", "Tags"}),
    changes={
        ("Description",): _change_description,
        ("KeyPolicy",): _change_policy,
        ("EnableKeyRotation", "RotationPeriodInDays"): _change_rotation,
        ("Enabled",): _change_state,
        ("PendingWindowInDays",): _change_window,
        ("Tags",): _change_tags,
    },
    delete=_delete,
    attributes=lambda place, key: {"Arn": place.arn("kms", f"key/{key}"), "KeyId": key},
)
ALIAS = ResourceType(
    name="AWS::KMS::Alias",
    named_by="AliasName",
    create=_create_alias,
    created_with=frozenset({"TargetKeyId"}),
    changes={("TargetKeyId",): _change_alias},
    delete=_delete_alias,
    attributes=no_attributes,
)

"""AWS::S3::Bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamctl.emulator.stacks.requests import as_map, as_pairs, send
from streamctl.emulator.stacks.resource_type import ResourceType

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamctl.emulator.stacks.requests import Properties
    from streamctl.emulator.stacks.resource_type import Change, Place

WITHOUT_LOCATION = "us-east-1"
RULE = {
    "AbortIncompleteMultipartUpload": "AbortIncompleteMultipartUpload",
    "Id": "ID",
    "NoncurrentVersionExpiration": "NoncurrentVersionExpiration",
    "Status": "Status",
}
"""What a lifecycle rule has under the same or another name."""


def _create(place: Place, name: str, _properties: Properties) -> str:
    at = {"CreateBucketConfiguration": {"LocationConstraint": place.region}}
    place.client("s3").create_bucket(Bucket=name, **({} if place.region == WITHOUT_LOCATION else at))
    return name


def _part(prop: str, put: str, delete: str, argument: str, shaped: Callable[[Any], Any]) -> Change:
    """A change of one part of the configuration, which has calls of its own."""

    def change(place: Place, bucket: str, _old: Properties, new: Properties) -> None:
        s3 = place.client("s3")
        if prop in new:
            send(s3, put, Bucket=bucket, **{argument: shaped(new[prop])})
        else:
            getattr(s3, delete)(Bucket=bucket)

    return change


def _same(value: Any) -> Any:
    return value


def _encryption(value: Any) -> dict[str, Any]:
    rules = value["ServerSideEncryptionConfiguration"]
    renamed = {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"}
    return {"Rules": [{renamed.get(key, key): part for key, part in rule.items()} for rule in rules]}


def _lifecycle(value: Any) -> dict[str, Any]:
    return {"Rules": [_rule(each) for each in value["Rules"]]}


def _rule(rule: dict[str, Any]) -> dict[str, Any]:
    if unknown := rule.keys() - RULE.keys() - {"ExpirationInDays", "Prefix"}:
        raise ValueError(f"The emulator does not carry out {', '.join(sorted(unknown))} of a lifecycle rule.")
    expiry = {"Expiration": {"Days": rule["ExpirationInDays"]}} if "ExpirationInDays" in rule else {}
    same = {RULE[key]: value for key, value in rule.items() if key in RULE}
    return {"Filter": {"Prefix": rule.get("Prefix", "")}, **same, **expiry}


def _tags(value: Any) -> dict[str, Any]:
    return {"TagSet": as_pairs(as_map(value))}


def _change_versioning(place: Place, bucket: str, _old: Properties, new: Properties) -> None:
    wanted = new.get("VersioningConfiguration", {"Status": "Suspended"})
    send(place.client("s3"), "put_bucket_versioning", Bucket=bucket, VersioningConfiguration=wanted)


def _delete(place: Place, bucket: str, _properties: Properties) -> None:
    """S3 refuses while it holds anything."""
    place.client("s3").delete_bucket(Bucket=bucket)


def _attributes(place: Place, name: str) -> dict[str, str]:
    return {
        "Arn": f"arn:aws:s3:::{name}",
        "DomainName": f"{name}.s3.amazonaws.com",
        "DualStackDomainName": f"{name}.s3.dualstack.{place.region}.amazonaws.com",
        "RegionalDomainName": f"{name}.s3.{place.region}.amazonaws.com",
        "WebsiteURL": f"http://{name}.s3-website-{place.region}.amazonaws.com",
    }


PARTS: dict[str, tuple[str, str, str, Callable[[Any], Any]]] = {
    "BucketEncryption": (
        "put_bucket_encryption",
        "delete_bucket_encryption",
        "ServerSideEncryptionConfiguration",
        _encryption,
    ),
    "LifecycleConfiguration": (
        "put_bucket_lifecycle_configuration",
        "delete_bucket_lifecycle",
        "LifecycleConfiguration",
        _lifecycle,
    ),
    "OwnershipControls": (
        "put_bucket_ownership_controls",
        "delete_bucket_ownership_controls",
        "OwnershipControls",
        _same,
    ),
    "PublicAccessBlockConfiguration": (
        "put_public_access_block",
        "delete_public_access_block",
        "PublicAccessBlockConfiguration",
        _same,
    ),
    "Tags": ("put_bucket_tagging", "delete_bucket_tagging", "Tagging", _tags),
}

BUCKET = ResourceType(
    name="AWS::S3::Bucket",
    named_by="BucketName",
    longest_name=63,
    create=_create,
    changes={
        **{(prop,): _part(prop, *part) for prop, part in PARTS.items()},
        ("VersioningConfiguration",): _change_versioning,
    },
    delete=_delete,
    attributes=_attributes,
)

"""An S3 bucket that nobody outside the account can read, whose objects expire."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import starmap
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from streamctl.aws.failures import code, or_none
from streamctl.engine.block import Block, Nested, json_document
from streamctl.engine.declaration import REF, Declaration
from streamctl.engine.resource import Live, Resource
from streamctl.resources.tags import from_pairs, to_pairs
from streamctl.resources.tls_only import tls_only

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from streamctl.aws import Aws

WITHOUT_LOCATION = "us-east-1"
"""The one region that CreateBucket must not be told."""
EXPIRY_RULE = "streamctl-expiry"
PUBLIC_ACCESS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_PUBLIC_ACCESS_ARGUMENTS = ("block_public_acls", "ignore_public_acls", "block_public_policy", "restrict_public_buckets")
ELSEWHERE = "in another region"
_OF_OBJECTS = frozenset({"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject"})
_UNSET = frozenset(
    {
        "NoSuchBucketPolicy",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "NoSuchTagSet",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)


@dataclass(frozen=True, kw_only=True)
class S3Bucket(Resource):
    """A bucket. Its name is unique in all of AWS; one that we have in another region is not this one."""

    kind: ClassVar[str] = "s3_bucket"
    stage: ClassVar[Literal["provision", "deploy"]] = "provision"
    attributes: ClassVar[frozenset[str]] = frozenset({"name", "arn"})
    cloudformation_attributes: ClassVar[dict[str, str]] = {"name": REF, "arn": "Arn"}
    terraform_attributes: ClassVar[dict[str, str]] = {"name": "bucket", "arn": "arn"}
    holds_data: ClassVar[bool] = True
    created: ClassVar[dict[str, Any]] = {"tags": {}, "private": False, "expiry_days": 0, "tls_only": False}
    permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "read": (
            "s3:GetBucketOwnershipControls",
            "s3:GetBucketPolicy",
            "s3:GetBucketPublicAccessBlock",
            "s3:GetBucketTagging",
            "s3:GetEncryptionConfiguration",
            "s3:GetLifecycleConfiguration",
            "s3:ListBucket",
        ),
        "create": ("s3:CreateBucket",),
        "update": (
            "s3:DeleteBucketPolicy",
            "s3:PutBucketOwnershipControls",
            "s3:PutBucketPolicy",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutBucketTagging",
            "s3:PutEncryptionConfiguration",
            "s3:PutLifecycleConfiguration",
        ),
        "delete": ("s3:DeleteBucket", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions"),
    }

    expiry_days: int = 14
    """Days until an object is deleted, at least 1; 0 keeps it."""
    private: bool = True
    """Whatever would make it public is refused, and only the account owns its objects."""
    tls_only: bool = True
    """Requests without encryption on their way are refused."""
    encryption: Literal["AES256"] = "AES256"
    """At rest, with a key of S3's own."""

    @property
    def arn(self) -> str:
        return f"arn:${{aws.partition}}:s3:::{self.name}"

    def scope(self, action: str) -> tuple[str, ...]:
        return (f"{self.arn}/*",) if action in _OF_OBJECTS else (self.arn,)

    def read(self, aws: Aws) -> Live | None:
        s3 = aws.client("s3")
        found = or_none(s3.head_bucket, Bucket=self.name)
        if found is None:
            return None
        attributes = {"name": self.name, "arn": self._arn(aws)}
        region = found["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region", aws.region)
        if region != aws.region:
            return Live(attributes=attributes, settings={}, state=ELSEWHERE, elsewhere=True)
        looked = or_none(self._look, aws=aws, s3=s3)  # S3 may know the bucket here and not yet, or no longer, there
        settings, tags = looked or ({}, {})
        return Live(attributes=attributes, settings=settings, tags=tags, ready=looked is not None)

    def _look(self, aws: Aws, s3: Any) -> tuple[dict[str, Any], dict[str, str]]:
        return self._settings(aws, s3), self._tags(s3)

    def create(self, aws: Aws) -> None:
        region = aws.region
        place = {} if region == WITHOUT_LOCATION else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        aws.once("s3").create_bucket(Bucket=self.name, **place)

    def update(self, aws: Aws, live: Live) -> None:
        s3, differences = aws.client("s3"), self.differing(live).keys()
        if "tags" in differences:  # S3 replaces all of them, and refuses where those of a stack would go
            s3.put_bucket_tagging(Bucket=self.name, Tagging={"TagSet": to_pairs({**live.tags, **self.tags})})
        if "private" in differences:
            self._put_private(s3)
        if "encryption" in differences:
            rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": self.encryption}}
            s3.put_bucket_encryption(Bucket=self.name, ServerSideEncryptionConfiguration={"Rules": [rule]})
        if "expiry_days" in differences:
            s3.put_bucket_lifecycle_configuration(
                Bucket=self.name, LifecycleConfiguration={"Rules": [self._expiry_rule()]}
            )
        if "tls_only" in differences and self.tls_only:
            s3.put_bucket_policy(Bucket=self.name, Policy=json.dumps(self._tls_policy(aws)))
        elif "tls_only" in differences:
            s3.delete_bucket_policy(Bucket=self.name)

    def delete(self, aws: Aws, live: Live) -> None:
        """Empty it and delete it: S3 deletes no bucket that holds anything."""
        s3 = aws.client("s3")
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=self.name):
            held = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            if held:
                objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in held]
                s3.delete_objects(Bucket=self.name, Delete={"Objects": objects, "Quiet": True})
        s3.delete_bucket(Bucket=self.name)

    def has_data(self, aws: Aws) -> bool:
        answer = or_none(aws.client("s3").list_objects_v2, Bucket=self.name, MaxKeys=1)
        return bool(answer and answer["KeyCount"])

    def cloudformation(self) -> Sequence[Declaration]:
        """A bucket that holds anything outlives its stack: CloudFormation empties none."""
        rule = {"Id": EXPIRY_RULE, "Prefix": "", "Status": "Enabled", "ExpirationInDays": self.expiry_days}
        encryption = {
            "BucketKeyEnabled": False,  # as S3 has it where nobody says
            "ServerSideEncryptionByDefault": {"SSEAlgorithm": self.encryption},
        }
        bucket = {
            "BucketName": self.name,
            "PublicAccessBlockConfiguration": dict.fromkeys(PUBLIC_ACCESS, self.private),
            "OwnershipControls": {"Rules": [{"ObjectOwnership": _owner(private=self.private)}]},
            "BucketEncryption": {"ServerSideEncryptionConfiguration": [encryption]},
            **({"LifecycleConfiguration": {"Rules": [rule]}} if self.expiry_days else {}),
            "Tags": to_pairs(self.tags),
        }
        policy = {"Bucket": self.ref("name"), "PolicyDocument": self._open_tls_policy()}
        parts = (
            (Declaration("AWS::S3::BucketPolicy", policy, "Policy", {"Bucket": self.name}),) if self.tls_only else ()
        )
        return (Declaration("AWS::S3::Bucket", bucket, identity={"BucketName": self.name}), *parts)

    def terraform(self) -> Sequence[Block]:
        bucket = {"bucket": self.name, "force_destroy": True, "tags": self.tags}
        return (Block("aws_s3_bucket", bucket, identity=self.name), *starmap(self._part, self._parts().items()))

    def _part(self, type_: str, arguments: Mapping[str, Any]) -> Block:
        return Block(type_, {"bucket": self.ref("name"), **arguments}, identity=self.name)

    def _parts(self) -> dict[str, Mapping[str, Any]]:
        """What belongs to the bucket, and is a resource of its own for Terraform."""
        algorithm = Nested({"sse_algorithm": self.encryption})
        encryption = Nested({"bucket_key_enabled": False, "apply_server_side_encryption_by_default": algorithm})
        expiry = Nested(
            {
                "id": EXPIRY_RULE,
                "status": "Enabled",
                "filter": Nested({"prefix": ""}),
                "expiration": Nested({"days": self.expiry_days}),
            }
        )
        policy = {"policy": json_document(self._open_tls_policy())}
        return {
            "aws_s3_bucket_public_access_block": dict.fromkeys(_PUBLIC_ACCESS_ARGUMENTS, self.private),
            "aws_s3_bucket_ownership_controls": {"rule": Nested({"object_ownership": _owner(private=self.private)})},
            "aws_s3_bucket_server_side_encryption_configuration": {"rule": encryption},
            **({"aws_s3_bucket_lifecycle_configuration": {"rule": expiry}} if self.expiry_days else {}),
            **({"aws_s3_bucket_policy": policy} if self.tls_only else {}),
        }

    def as_deployed(self) -> dict[str, Any]:
        """Empty; what a script does about the objects in it is the script's to say."""
        return {"list_object_versions": {}}

    def _arn(self, aws: Aws) -> str:
        return f"arn:{aws.identity.partition}:s3:::{self.name}"

    def _tags(self, s3: Any) -> dict[str, str]:
        return from_pairs(_set(s3.get_bucket_tagging, "TagSet", self.name) or ())

    def _settings(self, aws: Aws, s3: Any) -> dict[str, Any]:
        policy = _set(s3.get_bucket_policy, "Policy", self.name)
        encryption = _set(s3.get_bucket_encryption, "ServerSideEncryptionConfiguration", self.name) or {"Rules": ()}
        rules = _set(s3.get_bucket_lifecycle_configuration, "Rules", self.name) or ()
        return {
            "expiry_days": next(_expiries(rules), 0),
            "private": self._is_private(s3),
            "tls_only": json.loads(policy or "{}") == self._tls_policy(aws),
            "encryption": next(
                (rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] for rule in encryption["Rules"]), ""
            ),
        }

    def _open_tls_policy(self) -> dict[str, Any]:
        """With the account's partition left open."""
        return tls_only("s3", self.arn, f"{self.arn}/*")

    def _tls_policy(self, aws: Aws) -> dict[str, Any]:
        arn = self._arn(aws)
        return tls_only("s3", arn, f"{arn}/*")

    def _is_private(self, s3: Any) -> bool:
        block = _set(s3.get_public_access_block, "PublicAccessBlockConfiguration", self.name) or {}
        controls = _set(s3.get_bucket_ownership_controls, "OwnershipControls", self.name) or {"Rules": ()}
        owners = [rule["ObjectOwnership"] for rule in controls["Rules"]]
        return all(block.get(name) for name in PUBLIC_ACCESS) and owners == ["BucketOwnerEnforced"]

    def _put_private(self, s3: Any) -> None:
        s3.put_public_access_block(
            Bucket=self.name, PublicAccessBlockConfiguration=dict.fromkeys(PUBLIC_ACCESS, self.private)
        )
        rule = {"ObjectOwnership": _owner(private=self.private)}
        s3.put_bucket_ownership_controls(Bucket=self.name, OwnershipControls={"Rules": [rule]})

    def _expiry_rule(self) -> dict[str, Any]:
        return {
            "ID": EXPIRY_RULE,
            "Filter": {"Prefix": ""},
            "Status": "Enabled" if self.expiry_days else "Disabled",
            "Expiration": {"Days": self.expiry_days or 1},
        }


def _owner(*, private: bool) -> str:
    """Who owns the objects: the account alone, or whoever put them there and did not give them away."""
    return "BucketOwnerEnforced" if private else "BucketOwnerPreferred"


def _expiries(rules: Any) -> Iterator[int]:
    for rule in rules:
        if rule.get("ID") == EXPIRY_RULE and rule["Status"] == "Enabled":
            yield rule["Expiration"]["Days"]


def _set(call: Callable[..., Any], key: str, name: str) -> Any | None:
    """One part of a bucket's configuration, or None where it was never set."""
    try:
        return call(Bucket=name)[key]
    except Exception as error:
        if code(error) in _UNSET:
            return None
        raise

"""An IAM role that an AWS service assumes, with its inline policies."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from streamctl.aws.failures import or_none
from streamctl.engine.block import Block, json_document
from streamctl.engine.declaration import REF, Declaration
from streamctl.engine.resource import Live, Resource
from streamctl.resources.tags import from_pairs, to_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamctl.aws import Aws


@dataclass(frozen=True, kw_only=True)
class IamRole(Resource):
    """A role with exactly these inline policies: name to policy document.

    Deleting it also deletes the inline policies and detaches the managed ones that somebody added: AWS deletes no role
    that has any.
    """

    kind: ClassVar[str] = "iam_role"
    stage: ClassVar[Literal["provision", "deploy"]] = "provision"
    attributes: ClassVar[frozenset[str]] = frozenset({"name", "arn"})
    arn_format: ClassVar[str] = "iam::${aws.account}:role/{name}"
    cloudformation_attributes: ClassVar[dict[str, str]] = {"name": REF, "arn": "Arn"}
    terraform_attributes: ClassVar[dict[str, str]] = {"name": "name", "arn": "arn"}
    permissions: ClassVar[dict[str, tuple[str, ...]]] = {
        "read": ("iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies"),
        "create": ("iam:CreateRole", "iam:TagRole"),
        "update": ("iam:DeleteRolePolicy", "iam:PutRolePolicy", "iam:TagRole", "iam:UpdateAssumeRolePolicy"),
        "delete": (
            "iam:DeleteRole",
            "iam:DeleteRolePolicy",
            "iam:DetachRolePolicy",
            "iam:ListAttachedRolePolicies",
        ),
    }
    created: ClassVar[dict[str, Any]] = {"policies": {}}
    tagging: ClassVar[frozenset[str]] = frozenset({"iam:CreateRole", "iam:TagRole"})

    trusted_service: str
    """Who may assume it: `lambda.amazonaws.com`."""
    source_account: str = ""
    """On whose behalf the service may assume it; of any account where empty."""
    policies: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def read(self, aws: Aws) -> Live | None:
        iam = aws.client("iam")
        answer = or_none(iam.get_role, RoleName=self.name)
        if answer is None:
            return None
        found = answer["Role"]
        names = self._listed(iam, "list_role_policies", "PolicyNames")
        policies = [or_none(iam.get_role_policy, RoleName=self.name, PolicyName=name) for name in names or ()]
        return Live(
            attributes={"name": found["RoleName"], "arn": found["Arn"]},
            settings={
                **self._trust(found["AssumeRolePolicyDocument"]),
                "policies": {policy["PolicyName"]: policy["PolicyDocument"] for policy in policies if policy},
            },
            tags=from_pairs(found.get("Tags", ())),
            ready=names is not None,
        )

    def create(self, aws: Aws) -> None:
        aws.once("iam").create_role(
            RoleName=self.name,
            AssumeRolePolicyDocument=json.dumps(trust_policy(self.trusted_service, self.source_account)),
            Tags=to_pairs(self.tags),
        )

    def update(self, aws: Aws, live: Live) -> None:
        iam = aws.client("iam")
        if missing := self.missing_tags(live):
            iam.tag_role(RoleName=self.name, Tags=to_pairs(missing))
        differences = self.differing(live)
        if differences.keys() & {"trusted_service", "source_account"}:
            document = json.dumps(trust_policy(self.trusted_service, self.source_account))
            iam.update_assume_role_policy(RoleName=self.name, PolicyDocument=document)
        if "policies" in differences:
            self._replace_policies(iam, live.settings["policies"])

    def delete(self, aws: Aws, live: Live) -> None:
        iam = aws.client("iam")
        for name in self._listed(iam, "list_role_policies", "PolicyNames") or ():
            or_none(iam.delete_role_policy, RoleName=self.name, PolicyName=name)
        for policy in self._listed(iam, "list_attached_role_policies", "AttachedPolicies") or ():
            or_none(iam.detach_role_policy, RoleName=self.name, PolicyArn=policy["PolicyArn"])
        iam.delete_role(RoleName=self.name)

    def cloudformation(self) -> Sequence[Declaration]:
        properties = {
            "RoleName": self.name,
            "AssumeRolePolicyDocument": trust_policy(self.trusted_service, self.source_account),
            "Policies": [{"PolicyName": name, "PolicyDocument": policy} for name, policy in self.policies.items()],
            "Tags": to_pairs(self.tags),
        }
        return (Declaration("AWS::IAM::Role", properties, identity={"RoleName": self.name}),)

    def terraform(self) -> Sequence[Block]:
        role = {
            "name": self.name,
            "assume_role_policy": json_document(trust_policy(self.trusted_service, self.source_account)),
            "force_detach_policies": True,
            "tags": self.tags,
        }
        return (Block("aws_iam_role", role, identity=self.name), *map(self._policy_block, self.policies))

    def _policy_block(self, name: str) -> Block:
        """Who runs as the role is refused what he does until its policies are there."""
        policy = {"name": name, "role": self.ref("name"), "policy": json_document(self.policies[name])}
        return Block("aws_iam_role_policy", policy, part=name, identity=f"{self.name}:{name}", awaited=True)

    def as_deployed(self) -> dict[str, Any]:
        return {"list_role_policies": {"PolicyNames": list(self.policies)}, "list_attached_role_policies": {}}

    def _listed(self, iam: Any, operation: str, key: str) -> list[Any] | None:
        """What all pages hold under `key`, or None where IAM does not know the role, or not everywhere yet."""
        answer = or_none(iam.get_paginator(operation).paginate(RoleName=self.name).build_full_result)
        return None if answer is None else list(answer.get(key, ()))

    def _replace_policies(self, iam: Any, there: Mapping[str, Any]) -> None:
        for name, document in self.policies.items():
            if there.get(name) != document:
                iam.put_role_policy(RoleName=self.name, PolicyName=name, PolicyDocument=json.dumps(document))
        for name in there.keys() - self.policies.keys():
            or_none(iam.delete_role_policy, RoleName=self.name, PolicyName=name)

    def _trust(self, document: Mapping[str, Any]) -> dict[str, str]:
        """Service and account, if they and nobody else are trusted; any other document as it is, so that it is seen."""
        account = _source_account(document)
        is_ours = document == trust_policy(self.trusted_service, account)
        return {
            "trusted_service": self.trusted_service if is_ours else json.dumps(document),
            "source_account": account,
        }


def trust_policy(service: str, source_account: str) -> dict[str, Any]:
    """Who may assume a role. The Lambda guide allows `aws:SourceAccount` for execution roles; not tried on AWS.

    `aws:SourceArn` is left out: which ARN Lambda sends when it polls a stream for a mapping is not documented.
    """
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    if source_account:
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": source_account}}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _source_account(document: Mapping[str, Any]) -> str:
    """The account the first statement asks for; empty where it asks for none."""
    try:
        account = document["Statement"][0]["Condition"]["StringEquals"]["aws:SourceAccount"]
    except (KeyError, IndexError, TypeError):
        return ""
    return account if isinstance(account, str) else ""

"""AWS::IAM::Role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.emulator.stacks.requests import send
from streamctl.emulator.stacks.resource_type import ResourceType, retagging

if TYPE_CHECKING:
    from typing import Any

    from streamctl.emulator.stacks.requests import Properties
    from streamctl.emulator.stacks.resource_type import Place


def _create(place: Place, name: str, properties: Properties) -> str:
    send(place.client("iam"), "create_role", properties, RoleName=name)
    return name


def _change_trust(place: Place, name: str, _old: Properties, new: Properties) -> None:
    document = new["AssumeRolePolicyDocument"]
    send(place.client("iam"), "update_assume_role_policy", RoleName=name, PolicyDocument=document)


def _change_details(place: Place, name: str, _old: Properties, new: Properties) -> None:
    details = {"Description": "", "MaxSessionDuration": 3600} | new
    send(place.client("iam"), "update_role", details, RoleName=name)


def _change_policies(place: Place, name: str, old: Properties, new: Properties) -> None:
    iam, before, now = place.client("iam"), _inline(old), _inline(new)
    for policy in before.keys() - now.keys():
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    for policy, document in now.items():
        send(iam, "put_role_policy", RoleName=name, PolicyName=policy, PolicyDocument=document)


def _inline(properties: Properties) -> dict[str, Any]:
    return {each["PolicyName"]: each["PolicyDocument"] for each in properties.get("Policies", ())}


def _change_attached(place: Place, name: str, old: Properties, new: Properties) -> None:
    iam = place.client("iam")
    before, now = (set(each.get("ManagedPolicyArns", ())) for each in (old, new))
    for arn in before - now:
        iam.detach_role_policy(RoleName=name, PolicyArn=arn)
    for arn in now - before:
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)


def _delete(place: Place, name: str, properties: Properties) -> None:
    """With the template's own policies; IAM refuses to delete a role to which somebody attached others."""
    iam = place.client("iam")
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        if policy in _inline(properties):
            iam.delete_role_policy(RoleName=name, PolicyName=policy)
    for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        if attached["PolicyArn"] in properties.get("ManagedPolicyArns", ()):
            iam.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
    iam.delete_role(RoleName=name)


def _attributes(place: Place, name: str) -> dict[str, str]:
    role = place.client("iam").get_role(RoleName=name)["Role"]
    return {"Arn": role["Arn"], "RoleId": role["RoleId"]}


ROLE = ResourceType(
    name="AWS::IAM::Role",
    named_by="RoleName",
    longest_name=64,
    create=_create,
    created_with=frozenset(
        {"AssumeRolePolicyDocument", "Description", "MaxSessionDuration", "PermissionsBoundary", "Tags"}
    ),
    fixed=frozenset({"Path"}),
    changes={
        ("AssumeRolePolicyDocument",): _change_trust,
        ("Description", "MaxSessionDuration"): _change_details,
        ("Policies",): _change_policies,
        ("ManagedPolicyArns",): _change_attached,
        ("Tags",): retagging("iam", "RoleName", calls=("tag_role", "untag_role")),
    },
    delete=_delete,
    attributes=_attributes,
)

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from streamctl.aws.failures import Failure, classify
from streamctl.resources.iam_role import IamRole

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamctl.aws import Aws

READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"}]}
ROLE = IamRole(id="role", name="processor", trusted_service="lambda.amazonaws.com", policies={"Own": READ})
FOUND = {
    "get_role": {
        "Role": {
            "RoleName": "processor",
            "Arn": "arn:aws:iam::123456789012:role/processor",
            "AssumeRolePolicyDocument": {},
            "Tags": [{"Key": "team", "Value": "data"}],
        }
    },
    "list_role_policies": {"PolicyNames": ["Own", "Gone"]},
    "list_attached_role_policies": {"AttachedPolicies": [{"PolicyArn": "managed"}]},
    "get_role_policy": {"PolicyName": "Own", "PolicyDocument": READ},
}


def make(aws: Aws, role: IamRole = ROLE) -> None:
    role.create(aws)
    live = role.read(aws)
    assert live
    role.update(aws, live)


def test_only_the_service_may_assume_the_role(aws: Aws) -> None:
    make(aws)
    document = aws.client("iam").get_role(RoleName="processor")["Role"]["AssumeRolePolicyDocument"]
    assert document["Statement"] == [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]


def test_a_policy_that_nobody_wants_is_seen_and_removed(aws: Aws) -> None:
    make(aws)
    aws.client("iam").put_role_policy(RoleName="processor", PolicyName="Foreign", PolicyDocument=json.dumps(READ))
    live = ROLE.read(aws)
    assert live
    assert ROLE.differing(live).keys() == {"policies"}
    ROLE.update(aws, live)
    assert aws.client("iam").list_role_policies(RoleName="processor")["PolicyNames"] == ["Own"]


def test_somebody_else_who_may_assume_the_role_is_seen_and_removed(aws: Aws) -> None:
    make(aws)
    opened = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com", "AWS": "*"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    aws.client("iam").update_assume_role_policy(RoleName="processor", PolicyDocument=json.dumps(opened))
    live = ROLE.read(aws)
    assert live
    assert ROLE.differing(live).keys() == {"trusted_service"}
    ROLE.update(aws, live)
    after = ROLE.read(aws)
    assert after
    assert not ROLE.differing(after)


def test_a_role_with_inline_and_managed_policies_can_be_deleted(aws: Aws) -> None:
    make(aws, replace(ROLE, policies={"Own": READ, "More": READ}))
    managed = aws.client("iam").create_policy(PolicyName="managed", PolicyDocument=json.dumps(READ))["Policy"]["Arn"]
    aws.client("iam").attach_role_policy(RoleName="processor", PolicyArn=managed)
    live = ROLE.read(aws)
    assert live
    ROLE.delete(aws, live)
    assert ROLE.read(aws) is None


def test_a_managed_policy_outlives_the_role_it_was_attached_to(aws: Aws) -> None:
    make(aws)
    managed = aws.client("iam").create_policy(PolicyName="managed", PolicyDocument=json.dumps(READ))["Policy"]["Arn"]
    aws.client("iam").attach_role_policy(RoleName="processor", PolicyArn=managed)
    live = ROLE.read(aws)
    assert live
    ROLE.delete(aws, live)
    assert aws.client("iam").get_policy(PolicyArn=managed)["Policy"]["AttachmentCount"] == 0


@pytest.mark.parametrize(
    "call", ["list_role_policies", "delete_role_policy", "list_attached_role_policies", "detach_role_policy"]
)
def test_a_part_that_is_gone_already_is_not_the_role(
    call: str, fake: Callable[..., Any], refused: Callable[[str], Exception]
) -> None:
    live = ROLE.read(fake(FOUND))
    assert live
    aws = fake(FOUND | {call: refused("NoSuchEntity")})
    ROLE.delete(aws, live)
    assert aws.operations[-1] == "delete_role"


def test_a_role_that_is_gone_is_told_by_its_own_delete(
    fake: Callable[..., Any], refused: Callable[[str], Exception]
) -> None:
    live = ROLE.read(fake(FOUND))
    assert live
    with pytest.raises(ClientError, match="NoSuchEntity"):
        ROLE.delete(fake(FOUND | {"delete_role": refused("NoSuchEntity")}), live)


def test_a_role_whose_policies_iam_still_sees_can_be_deleted_in_a_moment(refused: Callable[[str], Exception]) -> None:
    assert classify(refused("DeleteConflict")) is Failure.NO_EFFECT


def test_a_listed_policy_that_is_gone_is_not_a_missing_role(
    fake: Callable[..., Any], refused: Callable[[str], Exception]
) -> None:
    live = ROLE.read(fake(FOUND | {"get_role_policy": refused("NoSuchEntity")}))
    assert live
    assert live.settings["policies"] == {}


def test_a_new_role_that_iam_does_not_know_everywhere_is_there_and_not_ready(
    fake: Callable[..., Any], refused: Callable[[str], Exception]
) -> None:
    live = ROLE.read(fake(FOUND | {"list_role_policies": refused("NoSuchEntity")}))
    assert live
    assert (live.tags, live.ready) == ({"team": "data"}, False)


def test_an_unwanted_policy_that_is_gone_does_not_stop_an_update(
    fake: Callable[..., Any], refused: Callable[[str], Exception]
) -> None:
    aws = fake(FOUND | {"delete_role_policy": refused("NoSuchEntity")})
    wanted = replace(ROLE, policies={})
    live = wanted.read(aws)
    assert live
    wanted.update(aws, live)
    assert "delete_role_policy" in aws.operations


@pytest.mark.parametrize("condition", [None, {"StringEquals": {"aws:SourceAccount": "999999999999"}}, {"Bool": {}}])
def test_a_trust_that_is_not_for_our_account_is_seen_and_mended(condition: Any, aws: Aws) -> None:
    wanted = replace(ROLE, source_account="123456789012")
    make(aws, wanted)
    statement = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    drifted = {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]}
    aws.client("iam").update_assume_role_policy(RoleName="processor", PolicyDocument=json.dumps(drifted))
    live = wanted.read(aws)
    assert live
    assert "source_account" in wanted.differing(live)
    wanted.update(aws, live)
    after = wanted.read(aws)
    assert after
    assert not wanted.differing(after)

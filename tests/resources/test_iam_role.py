from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from streamctl.resources.iam_role import IamRole

if TYPE_CHECKING:
    from streamctl.aws import Aws

READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "*"}]}
ROLE = IamRole(id="role", name="processor", trusted_service="lambda.amazonaws.com", policies={"Own": READ})


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

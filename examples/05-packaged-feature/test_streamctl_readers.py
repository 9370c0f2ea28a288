from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from moto import mock_aws

from streamctl import Aws, Check, ConfigError, Pipeline, Situation
from streamctl.resources import IamRole
from streamctl.testing import pipeline_with
from streamctl_readers import ROLE, Readers

ADMINISTRATOR = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def granted(pipeline: Pipeline) -> set[str]:
    """What the role may do."""
    policies = pipeline.get(ROLE, IamRole).policies.values()
    return {action for policy in policies for statement in policy["Statement"] for action in statement["Action"]}


def test_readers_may_read_the_table_and_nothing_else() -> None:
    assert granted(pipeline_with(Readers())) == {"dynamodb:GetItem", "dynamodb:Query"}


def test_readers_of_the_stream_may_read_it_too() -> None:
    assert "kinesis:GetRecords" in granted(pipeline_with(Readers(), {"stream": True}))


def test_only_an_aws_service_can_assume_the_role() -> None:
    with pytest.raises(ConfigError, match=r"service: .*The AWS service that runs the application"):
        pipeline_with(Readers(), {"service": "example.com"})


@pytest.fixture
def aws() -> Iterator[Aws]:
    with mock_aws():
        yield Aws(region="eu-central-1", credentials=("testing", "testing"))


def looked(aws: Aws) -> Check:
    """What `verify` says, once the role is there."""
    pipeline = pipeline_with(Readers())
    role = pipeline.get(ROLE, IamRole)
    if role.read(aws) is None:
        role.create(aws)
    (look,) = pipeline.looks
    (check,) = look(Situation(aws, now=datetime.now(UTC), sent_at=None))
    return check


def test_a_role_as_it_was_made_passes(aws: Aws) -> None:
    assert looked(aws).passed


def test_a_policy_that_somebody_attached_is_told(aws: Aws) -> None:
    looked(aws)
    iam = aws.client("iam")
    policy = iam.create_policy(PolicyName="Everything", PolicyDocument=str(ADMINISTRATOR).replace("'", '"'))
    iam.attach_role_policy(RoleName="analytics-readers-a1b2c3", PolicyArn=policy["Policy"]["Arn"])

    check = looked(aws)

    assert check.passed is False
    assert "Everything" in check.detail

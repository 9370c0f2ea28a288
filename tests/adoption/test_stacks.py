from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from streamctl.adoption.stacks import Stack, standing
from streamctl.aws import Aws
from streamctl.emulator import process
from streamctl.errors import AwsError

from ..emulator.conftest import REGION
from ..emulator.stacks.deploying import delete, finished

if TYPE_CHECKING:
    from streamctl.emulator.process import Emulator

TOPIC = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
NEVER = "arn:aws:cloudformation:eu-west-1:123456789012:stack/long-gone/0a1b"


@pytest.fixture
def aws(emulator: Emulator) -> Aws:
    return Aws(region=REGION, endpoint_url=emulator.endpoint_url, credentials=process.CREDENTIALS)


def test_a_stack_stands_until_it_is_deleted_whatever_bears_its_name_then(aws: Aws) -> None:
    name = f"s{secrets.token_hex(4)}"
    earlier = finished(aws, "create", name, TOPIC)["StackId"]
    before = standing(aws, [earlier, earlier])
    delete(aws, earlier)
    later = finished(aws, "create", name, TOPIC)["StackId"]
    after = standing(aws, [earlier, later, NEVER])
    delete(aws, later)

    assert (before, after) == ({earlier: Stack(name)}, {later: Stack(name)})


class Refusing:
    """An AWS that refuses to tell of stacks."""

    def __init__(self, code: str) -> None:
        self._code = code

    def client(self, service: str) -> Any:
        assert service == "cloudformation"
        return self

    def describe_stacks(self, StackName: str) -> Any:
        raise ClientError({"Error": {"Code": self._code, "Message": f"not {StackName}"}}, "DescribeStacks")


def test_where_nobody_may_ask_it_is_not_certain() -> None:
    assert standing(Refusing("AccessDenied"), [NEVER]) == {  # type: ignore[arg-type]
        NEVER: Stack("long-gone", is_certain=False)
    }


def test_another_refusal_is_an_error() -> None:
    with pytest.raises(AwsError, match="Could not look at the CloudFormation stack long-gone"):
        standing(Refusing("ValidationError"), [NEVER])  # type: ignore[arg-type]

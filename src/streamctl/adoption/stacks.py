"""Which CloudFormation stacks still are: AWS leaves their tags on what they let go of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamctl.aws import sdk
from streamctl.aws.failures import explained, is_denied, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamctl.aws import Aws

PERMISSIONS = {
    "arn:${aws.partition}:cloudformation:${aws.region}:${aws.account}:stack/*": ("cloudformation:DescribeStacks",)
}
STACK_TAG = "aws:cloudformation:stack-id"
"""AWS puts it on what a stack makes, as far as its kind can be tagged; nobody else can. It tells apart two stacks that
had the same name."""


@dataclass(frozen=True, order=True)
class Stack:
    name: str
    is_certain: bool = True
    """False where nobody let us ask whether it still is."""


def standing(aws: Aws, ids: Iterable[str]) -> dict[str, Stack]:
    """Those of the stacks that are not deleted, by id."""
    return {each: stack for each in sorted(set(ids)) if (stack := _look(aws, each))}


def _look(aws: Aws, stack_id: str) -> Stack | None:
    name = stack_id.split("/")[1]
    with explained(f"look at the CloudFormation stack {name}"):
        try:
            (found,) = aws.client("cloudformation").describe_stacks(StackName=stack_id)["Stacks"]
        except sdk.ClientError as error:
            if is_denied(error):
                return Stack(name, is_certain=False)
            if "does not exist" in text(error):  # deleted, more than 90 days ago
                return None
            raise
    return None if found["StackStatus"] == "DELETE_COMPLETE" else Stack(name)

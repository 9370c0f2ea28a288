"""Which CloudFormation stacks still are: AWS leaves their tags on what they let go of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streamctl.aws import sdk
from streamctl.aws.failures import explained, is_denied, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamctl.aws import Aws
    from streamctl.engine.resource import Live

PERMISSIONS = {
    "arn:${aws.partition}:cloudformation:${aws.region}:${aws.account}:stack/*": (
        "cloudformation:DescribeStacks",
        "cloudformation:ListStackResources",
    )
}
STACK_TAG = "aws:cloudformation:stack-id"
"""AWS puts it on what a stack makes, as far as its kind can be tagged; nobody else can. It tells apart two stacks that
had the same name."""


@dataclass(frozen=True, order=True)
class Stack:
    name: str
    is_certain: bool = True
    """False where nobody let us ask whether it still is."""
    holds: frozenset[str] = field(default=frozenset(), compare=False)
    """What it manages, by the ids that CloudFormation has for it, as far as we may know."""

    @property
    def letting_go(self) -> str:
        """How it is made to manage nothing any more, and to leave all as it is."""
        return (
            "To end that, give every resource of its template `DeletionPolicy: Retain`, and some `Metadata`, without "
            "which CloudFormation may see no change; deploy it, then delete the stack: "
            f"aws cloudformation delete-stack --stack-name {self.name}"
        )


def made_by(live: Live | None) -> str:
    """The id of the stack that made it, whether or not it still is; or nothing."""
    return live.tags.get(STACK_TAG, "") if live else ""


def standing(aws: Aws, ids: Iterable[str]) -> dict[str, Stack]:
    """Those of the stacks that are not deleted, by id; an empty id is none."""
    return {each: stack for each in sorted({*ids} - {""}) if (stack := _look(aws, each))}


def _look(aws: Aws, stack_id: str) -> Stack | None:
    name, client = stack_id.split("/")[1], aws.client("cloudformation")
    with explained(f"look at the CloudFormation stack {name}"):
        try:
            (found,) = client.describe_stacks(StackName=stack_id)["Stacks"]
            if found["StackStatus"] == "DELETE_COMPLETE":
                return None
            pages = client.get_paginator("list_stack_resources").paginate(StackName=stack_id)
            held = {each.get("PhysicalResourceId", "") for page in pages for each in page["StackResourceSummaries"]}
            queues = {each.rpartition("/")[2] for each in held if "://" in each}  # a queue's address has several hosts
            return Stack(name, holds=frozenset((held | queues) - {""}))
        except sdk.ClientError as error:
            if is_denied(error):
                return Stack(name, is_certain=False)
            if "does not exist" in text(error):  # deleted, more than 90 days ago
                return None
            raise

"""Making, changing and deleting a stack, and waiting for the end of it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from tests.emulator.conftest import REGION, zipped

if TYPE_CHECKING:
    from streamctl.aws import Aws

NOTHING = "def handle(event, context):\n    pass\n"


def put_code(aws: Aws, name: str) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=f"{name}-code", CreateBucketConfiguration={"LocationConstraint": REGION})
    for key in ("first.zip", "second.zip"):
        s3.put_object(Bucket=f"{name}-code", Key=key, Body=zipped(f"{NOTHING}# {key}\n"))


def finished(aws: Aws, action: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
    cloudformation = aws.client("cloudformation")
    call = getattr(cloudformation, f"{action}_stack")
    call(StackName=name, TemplateBody=json.dumps(body), Capabilities=["CAPABILITY_NAMED_IAM"])
    return settled(cloudformation, name)


def delete(aws: Aws, stack_id: str) -> str:
    cloudformation = aws.client("cloudformation")
    cloudformation.delete_stack(StackName=stack_id)
    return str(settled(cloudformation, stack_id)["StackStatus"])


def settled(cloudformation: Any, name: str) -> dict[str, Any]:
    """The stack, once it has come to rest."""
    deadline = time.monotonic() + 30
    while True:
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            return stack
        assert time.monotonic() < deadline, stack
        time.sleep(0.1)


def reasons(aws: Aws, name: str) -> list[str]:
    events = aws.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    return [
        f"{each['LogicalResourceId']}: {each['ResourceStatusReason']}"
        for each in events
        if each.get("ResourceStatusReason")
    ]

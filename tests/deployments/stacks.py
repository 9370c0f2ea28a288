"""Exported templates, deployed with boto3: the aws CLI's own waiters would take half a minute a time."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..emulator.stacks.deploying import settled
from . import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

CAPABILITIES = ["CAPABILITY_NAMED_IAM"]


@contextmanager
def deployed(
    client: Callable[[str], Any], name: str, template: str, uploads: Mapping[tuple[str, str], bytes], **parameters: str
) -> Iterator[None]:
    """A stack of the pipeline `name`, and at the end nothing of it. `uploads`: bucket and key to what lies there."""
    s3, stacks = client("s3"), client("cloudformation")
    buckets = sorted({bucket for bucket, _ in uploads})
    for bucket in buckets:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    for (bucket, key), content in uploads.items():
        s3.put_object(Bucket=bucket, Key=key, Body=content)
    stack_id = stacks.create_stack(
        StackName=name,
        TemplateBody=template,
        Capabilities=CAPABILITIES,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )["StackId"]
    assert settled(stacks, stack_id)["StackStatus"] == "CREATE_COMPLETE"
    yield
    for bucket, key in uploads:
        s3.delete_object(Bucket=bucket, Key=key)
    for bucket in buckets:
        s3.delete_bucket(Bucket=bucket)
    stacks.delete_stack(StackName=stack_id)
    assert settled(stacks, stack_id)["StackStatus"] == "DELETE_COMPLETE"
    assert not [kind for kind, things in read(client, name).items() if things]

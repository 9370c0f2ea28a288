"""What an export deploys is what `up` deploys, in every setting and every stored item."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from ..emulator.stacks.deploying import settled
from . import differences, owners, read, sent_items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Pair

pytestmark = pytest.mark.xdist_group("two_ups")


@pytest.fixture
def exported(pair: Pair) -> Iterator[str]:
    """The name of a pipeline that CloudFormation made from the export, beside two that `up` made."""
    name, bucket = f"t{secrets.token_hex(4)}", f"code-{secrets.token_hex(4)}"
    pair.shell.run("export", "cloudformation")
    folder = pair.shell.folder / "cloudformation"
    template = (folder / "template.yaml").read_text(encoding="utf-8")
    s3, stacks = pair.client("s3"), pair.client("cloudformation")
    s3.create_bucket(Bucket=bucket)
    uploads = [line.split() for line in (folder / "README.md").read_text().splitlines() if line.startswith("aws s3 cp")]
    for *_, source, target in uploads:
        key = target.removeprefix("s3://BUCKET/")
        s3.put_object(Bucket=bucket, Key=key, Body=(folder / source).read_bytes())
    parameters = {"PipelineName": name, "CodeBucket": bucket}
    stack_id = stacks.create_stack(
        StackName=name,
        TemplateBody=template,
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )["StackId"]
    assert settled(stacks, stack_id)["StackStatus"] == "CREATE_COMPLETE"
    yield name
    for *_, target in uploads:
        s3.delete_object(Bucket=bucket, Key=target.removeprefix("s3://BUCKET/"))
    s3.delete_bucket(Bucket=bucket)
    stacks.delete_stack(StackName=stack_id)
    assert settled(stacks, stack_id)["StackStatus"] == "DELETE_COMPLETE"
    assert not [kind for kind, things in read(pair.client, name).items() if things]


def test_a_cloudformation_stack_is_what_up_makes_and_stores_the_same_items(pair: Pair, exported: str) -> None:
    made, deployed = read(pair.client, pair.one), read(pair.client, exported)

    assert differences(made, deployed) == []
    assert {kind: len(things) for kind, things in deployed.items()} == {kind: len(each) for kind, each in made.items()}
    tagged = {name: tags for name, tags in owners(deployed).items() if "streamctl:export" in str(tags)}
    assert set(tagged) == set(owners(made))
    assert "streamctl:pipeline" not in str(owners(deployed))
    assert sent_items(pair.shell, pair.client, exported) == sent_items(pair.shell, pair.client, pair.one)

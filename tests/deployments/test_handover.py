"""What `up` made becomes a CloudFormation stack's by the commands of `handover`, and ours again by `import`."""

from __future__ import annotations

import json
import re
import secrets
from typing import TYPE_CHECKING, Any

import pytest

from ..emulator.stacks.deploying import settled
from . import differences, owners, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .conftest import Pair

pytestmark = pytest.mark.xdist_group("two_ups")


@pytest.fixture
def bucket(pair: Pair) -> Iterator[str]:
    name = f"code-{secrets.token_hex(4)}"
    s3 = pair.client("s3")
    s3.create_bucket(Bucket=name)
    yield name
    for each in s3.list_objects_v2(Bucket=name)["Contents"]:
        s3.delete_object(Bucket=name, Key=each["Key"])
    s3.delete_bucket(Bucket=name)


def test_a_running_pipeline_becomes_a_stacks_and_ours_again_and_nothing_changes_but_its_tag(
    pair: Pair, bucket: str
) -> None:
    told = pair.shell.run("handover", "cloudformation", "--name", pair.other, "--json").document
    folder = pair.shell.folder / "cloudformation"
    stack = take_over(pair, folder, told["commands"], bucket)
    mine, theirs = read(pair.client, pair.one), read(pair.client, pair.other)
    refused = pair.shell.run("down", "--yes", "--name", pair.other, check=False)

    assert differences(mine, theirs) == []
    assert "streamctl:pipeline" not in str(owners(theirs))
    assert refused.code == 3

    taken = pair.shell.run("import", pair.other, "--yes", "--json").document
    assert taken["stacks"] == [stack]
    assert pair.shell.run("up", "--name", pair.other, "--json").document["changes"] == []
    release(pair.client("cloudformation"), stack, (folder / "template.yaml").read_text(encoding="utf-8"))
    released = pair.shell.run("import", pair.other, "--json").document
    assert differences(mine, read(pair.client, pair.other)) == []
    assert (stack in str(released), released["taken_over"], released["stacks"]) == (False, [], [])
    assert f"table/analytics-results-{pair.other}" in str(tagged(pair, stack))


def test_what_runs_otherwise_than_configured_is_not_handed_over(pair: Pair) -> None:
    stream = f"analytics-stream-{pair.other}"
    pair.client("kinesis").increase_stream_retention_period(StreamName=stream, RetentionPeriodHours=30)

    refused = pair.shell.run("handover", "cloudformation", "--name", pair.other, "-o", "never", check=False)

    pair.shell.run("up", "--name", pair.other)
    assert (refused.code, "1 change outstanding" in refused.err, "streamctl up" in refused.err) == (2, True, True)
    assert not (pair.shell.folder / "never").exists()


def tagged(pair: Pair, stack: str) -> list[str]:
    """What carries the tag of a stack, whether it still is or not."""
    by_name = [{"Key": "aws:cloudformation:stack-name", "Values": [stack]}]
    found = pair.client("resourcegroupstaggingapi").get_resources(TagFilters=by_name)["ResourceTagMappingList"]
    return [each["ResourceARN"] for each in found]


def take_over(pair: Pair, folder: Path, commands: list[str], bucket: str) -> str:
    """Do what the commands say, with boto3: their waiters alone would take a minute and a half."""
    said = "\n".join(commands).replace("\\\n", "").replace("BUCKET", bucket)
    lines = [line.split() for line in said.splitlines()]
    s3, stacks = pair.client("s3"), pair.client("cloudformation")
    for _, _, _, source, target in (line for line in lines if line[:3] == ["aws", "s3", "cp"]):
        s3.put_object(Bucket=bucket, Key=target.removeprefix(f"s3://{bucket}/"), Body=(folder / source).read_bytes())
    options = next(line for line in lines if line[:3] == ["aws", "cloudformation", "create-change-set"])
    stack = options[options.index("--stack-name") + 1]
    values = [dict(part.split("=") for part in each.split(",")) for each in options if each.startswith("ParameterKey=")]
    common: dict[str, Any] = {
        "StackName": stack,
        "Parameters": values,
        "Capabilities": [options[options.index("--capabilities") + 1]],
    }
    stacks.create_change_set(
        ChangeSetName="adopt",
        ChangeSetType="IMPORT",
        TemplateBody=(folder / "import.yaml").read_text(encoding="utf-8"),
        ResourcesToImport=json.loads((folder / "resources-to-import.json").read_text(encoding="utf-8")),
        **common,
    )
    stacks.execute_change_set(StackName=stack, ChangeSetName="adopt")
    assert settled(stacks, stack)["StackStatus"] == "IMPORT_COMPLETE"
    assert lines[-1][:3] == ["aws", "cloudformation", "deploy"]
    stacks.update_stack(TemplateBody=(folder / "template.yaml").read_text(encoding="utf-8"), **common)
    assert settled(stacks, stack)["StackStatus"] == "UPDATE_COMPLETE"
    return stack


def release(stacks: Any, stack: str, template: str) -> None:
    """Delete the stack and nothing else, as `import` says."""
    kept = template.replace("    DeletionPolicy: Delete\n", "")
    kept = re.sub(
        r"^    Type: .*$", r"\g<0>\n    DeletionPolicy: Retain\n    Metadata: {Kept: true}", kept, flags=re.MULTILINE
    )
    found = stacks.describe_stacks(StackName=stack)["Stacks"][0]
    parameters = [{"ParameterKey": each["ParameterKey"], "UsePreviousValue": True} for each in found["Parameters"]]
    stacks.update_stack(
        StackName=stack, TemplateBody=kept, Parameters=parameters, Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    assert settled(stacks, stack)["StackStatus"] == "UPDATE_COMPLETE"
    stacks.delete_stack(StackName=stack)
    assert settled(stacks, found["StackId"])["StackStatus"] == "DELETE_COMPLETE"

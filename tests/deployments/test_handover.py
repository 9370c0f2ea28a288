"""What `up` made becomes a CloudFormation stack's by the commands of `handover`, and ours again by `import`."""

from __future__ import annotations

import re
import secrets
import subprocess
import sysconfig
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ..emulator.stacks.deploying import settled
from . import aws_cli, differences, owners, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Pair

SCRIPT = "handover.sh"
CALLS = "calls"
STUB = """\
#!/bin/sh
echo "$(basename "$0") $*" >> "$CALLS"
mkdir -p .venv/bin && touch .venv/bin/activate
[ "$(wc -l < "$CALLS")" -ne "$FAILS" ]
"""
"""A tool that does nothing but say how it was called; one of the calls fails."""

pytestmark = pytest.mark.xdist_group("two_ups")


@pytest.fixture
def bucket(pair: Pair) -> Iterator[str]:
    name = f"code-{secrets.token_hex(4)}"
    s3 = pair.client("s3")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    yield name
    for each in s3.list_objects_v2(Bucket=name)["Contents"]:
        s3.delete_object(Bucket=name, Key=each["Key"])
    s3.delete_bucket(Bucket=name)


@aws_cli.needs_aws_cli
def test_a_running_pipeline_becomes_a_stacks_and_ours_again_and_nothing_changes_but_its_tag(
    pair: Pair, bucket: str, environment: dict[str, str]
) -> None:
    pair.shell.run("handover", "cloudformation", "--name", pair.other)
    folder, stack = pair.shell.folder / "cloudformation", f"streamctl-{pair.other}"
    for _ in range(2):  # once is enough; the second time, there is nothing left to do
        done = aws_cli.run(folder / SCRIPT, environment={**environment, "BUCKET": bucket})
        assert done.returncode == 0, done.stderr
    mine, theirs = read(pair.client, pair.one), read(pair.client, pair.other)
    refused = pair.shell.run("down", "--yes", "--name", pair.other, check=False)

    assert differences(mine, theirs) == []
    assert "streamctl:pipeline" not in str(owners(theirs))
    assert refused.code == 3

    taken = pair.shell.run("import", pair.other, "--yes", "--json").document
    assert taken["stacks"] == [stack]
    assert [each for each in taken["resources"] if each["stack"] != stack] == []
    again = pair.shell.run("handover", "cloudformation", "--name", pair.other, check=False)
    assert (again.code, f"The CloudFormation stack {stack} manages it already" in again.err) == (2, True)
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


IN_TURN = {
    "cloudformation": [
        "aws s3 cp",
        "aws s3 cp",
        "aws cloudformation list-stacks",
        "aws cloudformation create-change-set",
        "aws cloudformation wait",
        "aws cloudformation execute-change-set",
        "aws cloudformation wait",
        "aws cloudformation deploy",
    ],
    "terraform": ["terraform init", "terraform apply", "aws cloudwatch untag-resource"],
}
IN_TURN["cdk-python"] = ["python3 -m venv", "pip install", *IN_TURN["cloudformation"][2:-1], "npx aws-cdk"]
IN_TURN["cdk-typescript"] = ["npm ci", *IN_TURN["cloudformation"][2:-1], "npx cdk deploy"]


@pytest.mark.parametrize("form", sorted(IN_TURN))
def test_the_script_does_one_thing_after_another_and_nothing_after_one_that_failed(
    pair: Pair, form: str, tmp_path: Path
) -> None:
    below = pair.shell.folder / "below"
    below.mkdir(exist_ok=True)
    replace(pair.shell, folder=below).run("handover", form, "--name", pair.other)

    script = below / form / SCRIPT
    calls = called(script, tmp_path)
    counts = range(1, len(calls) + 1)
    shellcheck = Path(sysconfig.get_path("scripts"), "shellcheck")
    found = subprocess.run([shellcheck, "--exclude=SC1091", script], capture_output=True, text=True, check=False)

    assert found.stdout == ""
    assert [begun for call, begun in zip(calls, IN_TURN[form], strict=True) if not call.startswith(begun)] == []
    assert [len(called(script, tmp_path, fails=count)) for count in counts] == [*counts]


def called(script: Path, folder: Path, *, fails: int = 0) -> list[str]:
    """How the script calls its tools; the call of that number fails."""
    for tool in ("aws", "npm", "npx", "pip", "python3", "terraform"):
        (folder / tool).write_text(STUB, encoding="utf-8")
        (folder / tool).chmod(0o755)
    (folder / CALLS).write_text("", encoding="utf-8")
    environment = {"BUCKET": "zips", "CALLS": str(folder / CALLS), "FAILS": str(fails)}
    ended = subprocess.run([str(script)], env={"PATH": f"{folder}:/usr/bin:/bin", **environment}, check=False)
    assert ended.returncode == (1 if fails else 0)
    return (folder / CALLS).read_text(encoding="utf-8").splitlines()


def tagged(pair: Pair, stack: str) -> list[str]:
    """What carries the tag of a stack, whether it still is or not."""
    by_name = [{"Key": "aws:cloudformation:stack-name", "Values": [stack]}]
    found = pair.client("resourcegroupstaggingapi").get_resources(TagFilters=by_name)["ResourceTagMappingList"]
    return [each["ResourceARN"] for each in found]


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

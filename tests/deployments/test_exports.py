"""What an export deploys is what `up` deploys, in every setting and every stored item."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

import pytest

from ..synthesizing import assets, needs_cdk, synthesized
from . import differences, owners, read, sent_items
from .conftest import REGION
from .stacks import deployed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .conftest import Pair

pytestmark = pytest.mark.xdist_group("two_ups")


@pytest.fixture
def stack(pair: Pair) -> Iterator[str]:
    """The name of a pipeline that CloudFormation made from the export."""
    name, bucket = f"t{secrets.token_hex(4)}", f"code-{secrets.token_hex(4)}"
    pair.shell.run("export", "cloudformation")
    folder = pair.shell.folder / "cloudformation"
    lines = [line.split() for line in (folder / "README.md").read_text(encoding="utf-8").splitlines()]
    copies = [line[3:] for line in lines if line[:3] == ["aws", "s3", "cp"]]
    copied = {target.strip('"').removeprefix("s3://$BUCKET/"): place for place, target in copies}
    uploads = {(bucket, key): (folder / place).read_bytes() for key, place in copied.items()}
    template = (folder / "template.yaml").read_text(encoding="utf-8")
    with deployed(pair.client, name, template, uploads, PipelineName=name, CodeBucket=bucket):
        yield name


@pytest.fixture
def app(pair: Pair, tmp_path: Path) -> Iterator[str]:
    """The name of a pipeline that CloudFormation made from an app of the AWS CDK, in a bootstrapped account."""
    name, form = f"t{secrets.token_hex(4)}", "cdk-python"
    pair.shell.run("export", form, "--output", str(tmp_path / form))
    output = synthesized(form, tmp_path / form, {}, name)
    account = pair.client("sts").get_caller_identity()["Account"]
    bucket = f"cdk-hnb659fds-assets-{account}-{REGION}"
    version = "/cdk-bootstrap/hnb659fds/version"
    pair.client("ssm").put_parameter(Name=version, Value="21", Type="String", Overwrite=True)
    uploads = {(bucket, key): content for key, content in assets(output).items()}
    template = json.loads((output / f"streamctl-{name}.template.json").read_text(encoding="utf-8"))
    short = json.dumps(template, separators=(",", ":"))  # CDK's own command would upload it, which has no limit
    with deployed(pair.client, name, short, uploads, BootstrapVersion=version):
        yield name
    pair.client("ssm").delete_parameter(Name=version)


@pytest.mark.parametrize("made_by", ["stack", pytest.param("app", marks=needs_cdk)])
def test_what_an_export_deploys_is_what_up_makes_and_stores_the_same_items(
    pair: Pair, made_by: str, request: pytest.FixtureRequest
) -> None:
    name = request.getfixturevalue(made_by)
    made, exported = read(pair.client, pair.one), read(pair.client, name)

    assert differences(made, exported) == []
    assert {kind: len(things) for kind, things in exported.items()} == {kind: len(each) for kind, each in made.items()}
    tagged = {name: tags for name, tags in owners(exported).items() if "streamctl:export" in str(tags)}
    assert set(tagged) == set(owners(made))
    assert "streamctl:pipeline" not in str(owners(exported))
    assert sent_items(pair.shell, pair.client, name) == sent_items(pair.shell, pair.client, pair.one)

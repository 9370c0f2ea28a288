from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import hcl2
import pytest

from streamctl.blueprint import design
from streamctl.config import Config, Project
from streamctl.engine.block import Block, Call, Nested
from streamctl.engine.declaration import REF
from streamctl.engine.graph import Graph
from streamctl.engine.resource import EXPORT_TAG
from streamctl.errors import PluginError
from streamctl.exporters.terraform import Terraform
from streamctl.pipeline.design import Design
from streamctl.plugins import Catalogue
from streamctl.resources import (
    CloudwatchDashboard,
    IamRole,
    KinesisStream,
    KmsKey,
    LambdaFunction,
    LogGroup,
    SnsSubscription,
    SnsTopic,
    SqsQueue,
)

from .test_cloudformation import DeclaredGadget, Gadget

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from streamctl.engine.declaration import Declaration
    from streamctl.engine.resource import Resource

IN_OTHER_WORDS = {"HASH", "RANGE", "${alarms_key.arn}", "${code.bucket}"}
"""What only CloudFormation is told: the roles of keys, the key of the alias, and where the zips lie."""

STREAM = KinesisStream(id="stream", name="events-${pipeline.name}", tags={"team": "data"})
ROLE = IamRole(id="role", name="role-${pipeline.name}", trusted_service="lambda.amazonaws.com")
FUNCTION = LambdaFunction(
    id="function",
    name="f",
    role="${role.arn}",
    handler="a.b",
    package="code/processor.zip",
    code_sha256="",
    runtime="x",
)

STREAM_AS_HCL = """\
provider "aws" {
  region = var.region
}

resource "aws_kinesis_stream" "stream" {
  name                      = "events-${var.pipeline_name}"
  shard_count               = 1
  retention_period          = 24
  encryption_type           = "KMS"
  kms_key_id                = "alias/aws/kinesis"
  enforce_consumer_deletion = true
  tags = {
    team = "data"
  }

  stream_mode_details {
    stream_mode = "PROVISIONED"
  }
}
"""


def of(*resources: Resource) -> str:
    return Terraform().export(Design(Graph(resources), {}))["main.tf"]


def stands_in(text: str, address: str) -> str:
    """The block of that address, `aws_sqs_queue.q`."""
    type_, label = address.split(".")
    found = re.search(rf'^resource "{type_}" "{label}" {{\n.*?^}}\n', text, re.MULTILINE | re.DOTALL)
    assert found, f"{address} is not in {text}"
    return found[0]


def leaves(value: Any, *, names: bool) -> Iterator[Any]:
    """All that a declaration says, that within texts of JSON too; with the `names` of arguments, or without."""
    if isinstance(value, Nested | Call):
        yield from leaves(value.arguments if isinstance(value, Nested) else value.argument, names=names)
    elif hasattr(value, "items"):
        yield from value if names else ()
        yield from leaves(list(value.values()), names=names)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from leaves(inner, names=names)
    elif isinstance(value, str) and value.startswith("{"):
        yield from leaves(json.loads(value), names=names)
    else:
        yield repr(value) if isinstance(value, bool) else value  # True equals 1


def unsaid(declarations: Iterable[Declaration], blocks: Iterable[Block]) -> set[Any]:
    """What is said to CloudFormation more often than to Terraform, but for what has to be."""
    said = Counter(leaf for each in declarations for leaf in leaves(each.properties, names=False))
    told = Counter(leaf for each in blocks for leaf in leaves(each.arguments, names=True))
    return set(said - told) - IN_OTHER_WORDS


@dataclass(frozen=True, kw_only=True)
class OwnGadget(Gadget):
    terraform_attributes: ClassVar[dict[str, str]] = {"token": "secret"}

    def terraform(self) -> tuple[Block, ...]:
        return (Block("acme_gadget", {"name": self.name, "text": self.text}),)


@dataclass(frozen=True, kw_only=True)
class ToldGadget(DeclaredGadget):
    cloudformation_attributes: ClassVar[dict[str, str]] = {"name": REF, "token": "Token.Value"}


def test_a_stream_as_hcl() -> None:
    assert of(STREAM) == STREAM_AS_HCL


def test_shards_that_are_scaled_elsewhere_are_not_taken_back() -> None:
    assert "ignore_changes = [shard_count]" in of(replace(STREAM, scaled_elsewhere=True))


def test_the_name_is_a_variable_whose_default_is_what_the_pipeline_is_called_here() -> None:
    named = Terraform().export(Design(Graph([STREAM]), {}, "shop"))["variables.tf"]
    unnamed = Terraform().export(Design(Graph([STREAM]), {}))["variables.tf"]

    assert hcl2.loads(named)["variable"][0]['"pipeline_name"']["default"] == '"shop"'
    assert "default" not in hcl2.loads(unnamed)["variable"][0]['"pipeline_name"']


def test_a_function_waits_for_its_log_group_and_for_what_its_role_may_do() -> None:
    statement = {"Effect": "Allow", "Action": "kinesis:GetRecords", "Resource": STREAM.arn}
    role = replace(ROLE, policies={"MayRead": {"Statement": [statement]}})
    function = replace(FUNCTION, after=("group",))

    text = of(role, LogGroup(id="group", name="/demo"), STREAM, function)

    waiting = stands_in(text, "aws_lambda_function.function")
    assert "depends_on = [aws_iam_role_policy.role_may_read, aws_cloudwatch_log_group.group]" in waiting
    assert 'filebase64sha256("${path.module}/code/processor.zip")' in waiting
    assert "Resource = aws_kinesis_stream.stream.arn" in stands_in(text, "aws_iam_role_policy.role_may_read")
    assert "depends_on" not in of(ROLE, replace(FUNCTION, after=("role",)))


def test_names_and_arns_become_references_but_never_in_a_circle() -> None:
    topic = SnsTopic(id="topic", name="t-${pipeline.name}", kms_key_id="${key.arn}")
    key = KmsKey(id="key", name="k", policy={"Resource": topic.arn})
    queue = SqsQueue(id="queue", name="q-${pipeline.name}")
    queue = replace(queue, policy={"Resource": [f"{queue.arn}/*", "q-${pipeline.name}", f"{queue.arn}s"]})

    text = of(key, topic, queue)

    assert "kms_master_key_id = aws_kms_key.key.arn" in text
    assert ":sns:${data.aws_region.current.region}" in stands_in(text, "aws_kms_key.key")
    policy = stands_in(text, "aws_sqs_queue_policy.queue")
    assert '"${aws_sqs_queue.queue.arn}/*"' in policy
    assert "${data.aws_caller_identity.current.account_id}:q-${var.pipeline_name}s" in policy
    assert 'name                       = "q-${var.pipeline_name}"' in stands_in(text, "aws_sqs_queue.queue")


def test_a_kind_with_cloudformation_alone_is_made_by_cloud_control_and_can_be_referred_to() -> None:
    first = ToldGadget(id="first", name="a", text="${pipeline.name}")
    then = ToldGadget(id="then", name="b", text="${first.name} ${first.token} ${first.arn}")

    text = of(first, then)

    assert stands_in(text, "aws_cloudcontrolapi_resource.first") == (
        'resource "aws_cloudcontrolapi_resource" "first" {\n'
        '  type_name = "Acme::Gadget"\n'
        "  desired_state = jsonencode({\n"
        '    Name = "a"\n'
        "    Text = var.pipeline_name\n"
        "  })\n"
        "}\n"
    )
    first_, token = "aws_cloudcontrolapi_resource.first", '["Token"]["Value"]'
    assert f"${{{first_}.id}} ${{jsondecode({first_}.properties){token}}} arn:${{data.aws_partition" in text


def test_a_kind_of_a_plugin_can_say_it_in_terraforms_own_words() -> None:
    text = of(OwnGadget(id="first", name="a"), OwnGadget(id="then", name="b", text="${first.token}"))

    assert "text = acme_gadget.first.secret" in stands_in(text, "acme_gadget.then")


def test_a_kind_that_says_neither_is_refused_by_name() -> None:
    with pytest.raises(PluginError, match="Terraform cannot express g: the resource kind acme_gadget does not say how"):
        of(Gadget(id="g", name="g"))


def test_two_blocks_of_one_address_are_refused() -> None:
    role = replace(ROLE, policies={"MayRead": {"Statement": []}, "may_read": {"Statement": []}})

    with pytest.raises(PluginError, match=r"role: aws_iam_role_policy\.role_may_read is role already"):
        of(role)


def test_whatever_cloudformation_is_told_of_every_kind_terraform_is_told_too(all_kinds: Design) -> None:
    left = {each.id: unsaid(each.cloudformation(), each.terraform()) for each in all_kinds.resources}

    zips = {each.id: {each.code_key} for each in all_kinds.resources if isinstance(each, LambdaFunction)}
    assert {name: lost for name, lost in left.items() if lost} == {
        **zips,
        "dashboard": {EXPORT_TAG, "${pipeline.name}"},
    }


def test_a_setting_that_terraform_is_not_told_is_missed_also_where_another_has_the_same_value() -> None:
    stream = replace(STREAM, shards=24)
    (declaration,), (told,) = stream.cloudformation(), stream.terraform()
    less = {name: value for name, value in told.arguments.items() if name != "shard_count"}

    assert unsaid([declaration], [told]) == set()
    assert unsaid([declaration], [Block(told.type, less)]) == {24}


def test_the_export_has_the_same_bytes_every_time_no_account_and_every_address_once(tmp_path: Path) -> None:
    project = Project(tmp_path, Config())

    one, other = (Terraform().export(design(project, Catalogue(), "shop")) for _ in range(2))

    assert one == other
    text = "".join(content for place, content in one.items() if place.endswith(".tf"))
    assert not re.search(r"\d{12}|us-east-1|streamctl:pipeline", text)
    addresses = re.findall(r'^(?:resource|data) "\w+" "\w+"', text, re.MULTILINE)
    assert len(addresses) == len(set(addresses)) > 20
    assert {place for place in one if place.endswith(".tf")} == {"main.tf", "outputs.tf", "variables.tf", "versions.tf"}


KNOWN = {
    "aws": {"region": "eu-west-1"},
    "pipeline": {"name": "shop"},
    "q": {"url": "https://sqs/q"},
    "topic": {"arn": "arn:aws:sns:…:news"},
}
IMPORTS = """\
import {
  to = aws_kinesis_stream.stream
  id = "events-shop"
}

import {
  to = aws_sns_topic.topic
  id = "arn:aws:sns:…:news"
}
"""


def test_what_runs_is_imported_by_its_own_id_and_what_has_none_now_is_made() -> None:
    """A subscription that nobody confirmed has no ARN."""
    topic = SnsTopic(id="topic", name="news")
    mail = SnsSubscription(id="mail", name="m", topic_arn="${topic.arn}", protocol="email", endpoint="ops@example.com")

    files, commands = Terraform().handover(Design(Graph([STREAM, topic, mail]), {}, "shop"), KNOWN)

    assert files == {"imports.tf": IMPORTS, "terraform.tfvars": 'pipeline_name = "shop"\nregion        = "eu-west-1"\n'}
    assert commands.splitlines() == ["terraform init", "terraform apply"]


def test_the_owners_tag_of_a_dashboard_is_taken_off_by_hand_since_the_provider_knows_none() -> None:
    board = CloudwatchDashboard(id="board", name="board", body={})

    _, commands = Terraform().handover(
        Design(Graph([board]), {}, "shop"), {**KNOWN, "board": {"arn": "arn:…:dashboard/board"}}
    )

    last = "aws cloudwatch untag-resource --resource-arn arn:…:dashboard/board --tag-keys streamctl:pipeline"
    assert commands.splitlines()[-1] == last


def test_what_terraform_has_no_import_of_is_refused_by_name() -> None:
    with pytest.raises(
        PluginError, match="cannot take over g: aws_cloudcontrolapi_resource, as the resource kind acme"
    ):
        Terraform().handover(Design(Graph([DeclaredGadget(id="g", name="g")]), {}, "shop"), KNOWN)


def terraform(folder: Path, files: Mapping[str, str | bytes], *commands: str) -> None:
    for place, content in files.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_bytes(content if isinstance(content, bytes) else content.encode())
    for command in commands:
        subprocess.run(["terraform", f"-chdir={folder}", *command.split()], check=True)  # noqa: S607


needs_terraform = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on PATH")


@needs_terraform
def test_terraform_finds_nothing_to_lay_out_anew(tmp_path: Path, all_kinds: Design) -> None:
    known = {each.id: dict.fromkeys(each.attributes, "known") for each in all_kinds.resources}
    imports, _ = Terraform().handover(replace(all_kinds, name="shop"), {**KNOWN, **known})

    terraform(tmp_path / "export", {**Terraform().export(all_kinds), **imports}, "fmt -check -diff")


@needs_terraform
@pytest.mark.skipif(
    "TF_PLUGIN_CACHE_DIR" not in os.environ,
    reason="TF_PLUGIN_CACHE_DIR does not say where the AWS provider, half a gigabyte, may be kept",
)
def test_terraform_finds_it_valid_with_the_aws_provider(tmp_path: Path, all_kinds: Design) -> None:
    files = {**Terraform().export(all_kinds), **all_kinds.code}

    terraform(tmp_path / "export", files, "init -backend=false", "validate")

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from streamctl.blueprint import design
from streamctl.config import Config, Project
from streamctl.engine.declaration import Declaration
from streamctl.engine.graph import Graph
from streamctl.engine.resource import Resource
from streamctl.errors import PluginError
from streamctl.exporters.cloudformation import CloudFormation
from streamctl.exporters.template import template
from streamctl.exporters.yaml_text import written
from streamctl.pipeline.design import Design
from streamctl.plugins import Catalogue
from streamctl.resources import CloudwatchAlarm, KinesisStream, LogGroup

if TYPE_CHECKING:
    from pathlib import Path

    from streamctl.aws import Aws
    from streamctl.engine.resource import Live

STREAM = KinesisStream(id="stream", name="events-${pipeline.name}", tags={"team": "data"})

WRITTEN_OUT = "arn:${AWS::Partition}:kinesis:${AWS::Region}:${AWS::AccountId}:stream/events-${PipelineName}"

STREAM_AS_YAML = """\
Resources:
  Stream:
    Type: AWS::Kinesis::Stream
    DeletionPolicy: Delete
    UpdateReplacePolicy: Retain
    Properties:
      Name: !Sub events-${PipelineName}
      StreamModeDetails:
        StreamMode: PROVISIONED
      ShardCount: 1
      RetentionPeriodHours: 24
      StreamEncryption:
        EncryptionType: KMS
        KeyId: alias/aws/kinesis
      Tags:
        - Key: team
          Value: data
"""


def of(*resources: Resource) -> dict[str, Any]:
    return template(Design(Graph(resources), {}))


@dataclass(frozen=True, kw_only=True)
class Gadget(Resource):
    """A kind of a plugin, without a word on CloudFormation."""

    kind = "acme_gadget"
    stage = "deploy"
    attributes = frozenset({"name", "arn", "token"})
    permissions: ClassVar[dict[str, tuple[str, ...]]] = {}
    arn_format = "acme:${aws.region}:${aws.account}:gadget/{name}"

    text: str = ""

    def read(self, aws: Aws) -> Live | None: ...
    def create(self, aws: Aws) -> None: ...
    def update(self, aws: Aws, live: Live) -> None: ...
    def delete(self, aws: Aws, live: Live) -> None: ...


@dataclass(frozen=True, kw_only=True)
class DeclaredGadget(Gadget):
    def cloudformation(self) -> tuple[Declaration, ...]:
        return (Declaration("Acme::Gadget", {"Name": self.name, "Text": self.text}),)


def test_a_stream_as_yaml() -> None:
    assert written({"Resources": of(STREAM)["Resources"]}) == STREAM_AS_YAML


def test_the_name_is_a_parameter_whose_default_is_what_the_pipeline_is_called_here() -> None:
    named, unnamed = Design(Graph([STREAM]), {}, "shop"), Design(Graph([STREAM]), {})

    assert template(named)["Parameters"]["PipelineName"]["Default"] == "shop"
    assert "Default" not in template(unnamed)["Parameters"]["PipelineName"]


def test_what_is_waited_for_without_a_reference_is_depended_on_with_all_its_parts() -> None:
    group = LogGroup(id="group", name="/demo")
    late = DeclaredGadget(id="late", name="late", after=("group", "stream"), text="${stream.arn}")

    resources = of(STREAM, group, late)["Resources"]

    assert resources["Late"]["DependsOn"] == ["Group"]
    assert resources["Late"]["Properties"]["Text"] == {"Fn::GetAtt": ["Stream", "Arn"]}


def test_a_name_and_an_arn_are_references_to_what_they_name_where_that_makes_no_circle() -> None:
    before = DeclaredGadget(id="before", name="before", text=STREAM.name)
    below = DeclaredGadget(id="below", name="below", text=f"{STREAM.arn}/consumer/*")
    stream = replace(STREAM, after=("below",))

    alone, in_a_circle = of(before, STREAM)["Resources"], of(below, stream)["Resources"]

    assert alone["Before"]["Properties"]["Text"] == {"Ref": "Stream"}
    assert of(below, STREAM)["Resources"]["Below"]["Properties"]["Text"] == {"Fn::Sub": "${Stream.Arn}/consumer/*"}
    assert alone["Stream"]["Properties"]["Name"] == {"Fn::Sub": "events-${PipelineName}"}
    assert in_a_circle["Below"]["Properties"]["Text"] == {"Fn::Sub": f"{WRITTEN_OUT}/consumer/*"}


def test_an_attribute_that_cloudformation_does_not_tell_is_written_out_and_still_waited_for() -> None:
    first, then = DeclaredGadget(id="first", name="a"), DeclaredGadget(id="then", name="b", text="see ${first.arn}")

    declared = of(first, then)["Resources"]["Then"]

    arn = "arn:${AWS::Partition}:acme:${AWS::Region}:${AWS::AccountId}:gadget/a"
    assert declared["Properties"]["Text"] == {"Fn::Sub": f"see {arn}"}
    assert declared["DependsOn"] == ["First"]


def test_an_attribute_that_only_aws_knows_and_cloudformation_does_not_tell_is_refused() -> None:
    first, then = DeclaredGadget(id="first", name="a"), DeclaredGadget(id="then", name="b", text="${first.token}")

    with pytest.raises(PluginError, match="CloudFormation tells nobody the token of first, a acme_gadget"):
        of(first, then)


def test_a_variable_of_somebody_else_stays_one_beside_a_reference() -> None:
    gadget = DeclaredGadget(id="g", name="g", text="${aws:username} in ${aws.region}")

    assert of(gadget)["Resources"]["G"]["Properties"]["Text"] == {"Fn::Sub": "${!aws:username} in ${AWS::Region}"}


def test_a_kind_that_does_not_say_how_it_is_declared_is_refused_by_name() -> None:
    with pytest.raises(PluginError, match="cannot express g: the resource kind acme_gadget does not say how"):
        of(Gadget(id="g", name="g"))


@pytest.mark.parametrize(("second", "name"), [("stream1", "Stream1"), ("pipeline_name", "PipelineName")])
def test_two_things_of_one_logical_id_are_refused(second: str, name: str) -> None:
    stream, group = KinesisStream(id="stream_1", name="events"), LogGroup(id=second, name="/demo")

    with pytest.raises(PluginError, match=f"{second}: something else is called {name} there already"):
        of(stream, group)


def test_an_alarm_on_a_percentile_says_so_in_cloudformations_words() -> None:
    alarm = CloudwatchAlarm(
        id="slow", name="slow", namespace="Acme", metric="Took", threshold=1, statistic="p99", dimensions={"A": "b"}
    )

    properties = of(alarm)["Resources"]["Slow"]["Properties"]

    assert properties["ExtendedStatistic"] == "p99"
    assert "Statistic" not in properties
    assert of(replace(alarm, statistic="Sum"))["Resources"]["Slow"]["Properties"]["Statistic"] == "Sum"


def test_the_export_of_one_configuration_has_the_same_bytes_every_time_and_no_account_in_it(tmp_path: Path) -> None:
    project = Project(tmp_path, Config())

    one, other = design(project, Catalogue(), "shop"), design(project, Catalogue(), "shop")

    assert CloudFormation().export(one) == CloudFormation().export(other)
    assert one.code == other.code
    assert {"code/processor.zip", "code/processor/processor/handler.py"} <= one.code.keys()
    text = CloudFormation().export(one)["template.yaml"]
    assert "123456789012" not in text
    assert "us-east-1" not in text
    assert "streamctl:pipeline" not in text


@pytest.mark.parametrize("which", ["the_recipe", "all_kinds"])
def test_cfn_lint_has_nothing_to_say(tmp_path: Path, which: str, all_kinds: Design) -> None:
    drawn = design(Project(tmp_path, Config()), Catalogue(), None) if which == "the_recipe" else all_kinds
    file = tmp_path / "template.yaml"
    file.write_text(CloudFormation().export(drawn)["template.yaml"], encoding="utf-8")

    program = "import sys; from cfnlint.runner import main; sys.exit(main())"
    command = [sys.executable, "-c", program, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


@pytest.mark.parametrize("text", ["123e45", "0o17", "089", "1_000", "-1", "+.5e3", "0x1F", "12:30:45", "2012-10-17"])
def test_a_text_that_looks_like_a_number_to_some_reader_is_in_quotes(text: str) -> None:
    assert written({"Description": {"Default": text}}) == f"Description:\n  Default: '{text}'\n"

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from typing import ClassVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streamctl.engine.declaration import Declaration
from streamctl.engine.graph import Graph
from streamctl.errors import PluginError
from streamctl.exporters.cdk.model import MODULES, Interpolation, Reference, camel, model
from streamctl.exporters.cdk.python import CdkPython, PythonWriter
from streamctl.exporters.cdk.typescript import CdkTypeScript, TypeScriptWriter
from streamctl.pipeline.design import Design
from streamctl.resources import KinesisStream, LogGroup

from ..test_cloudformation import DeclaredGadget

STREAM = KinesisStream(id="stream", name="events-${pipeline.name}", tags={"team": "data"})
GROUP = LogGroup(id="function", name="/demo/${pipeline.name}", retention_days=14, after=("stream",))
DESIGN = Design(Graph([STREAM, GROUP]), {}, "shop")

IN_TYPESCRIPT = """\
import * as cdk from 'aws-cdk-lib';
import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { join } from 'path';

/** A Kinesis, Lambda and DynamoDB analytics pipeline. */
export class PipelineStack extends cdk.Stack {
  constructor(scope: Construct, id: string, pipelineName: string) {
    super(scope, id, { description: 'A Kinesis, Lambda and DynamoDB analytics pipeline.' });

    const stream = new kinesis.CfnStream(this, 'Stream', {
      name: `events-${pipelineName}`,
      streamModeDetails: { streamMode: 'PROVISIONED' },
      shardCount: 1,
      retentionPeriodHours: 24,
      streamEncryption: { encryptionType: 'KMS', keyId: 'alias/aws/kinesis' },
      tags: [{ key: 'team', value: 'data' }],
    });
    stream.cfnOptions.deletionPolicy = cdk.CfnDeletionPolicy.DELETE;
    stream.cfnOptions.updateReplacePolicy = cdk.CfnDeletionPolicy.RETAIN;

    const function_ = new logs.CfnLogGroup(this, 'Function', {
      logGroupName: `/demo/${pipelineName}`,
      retentionInDays: 14,
      tags: [],
    });
    function_.addResourceDependency(stream);

    new cdk.CfnOutput(this, 'StreamName', { value: stream.ref });
  }
}
"""
IN_PYTHON = '''\
"""A Kinesis, Lambda and DynamoDB analytics pipeline."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_logs as logs
from constructs import Construct

HERE = Path(__file__).parent


class PipelineStack(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str, *, pipeline_name: str) -> None:
        super().__init__(scope, construct_id, description="A Kinesis, Lambda and DynamoDB analytics pipeline.")

        stream = kinesis.CfnStream(
            self,
            "Stream",
            name=f"events-{pipeline_name}",
            stream_mode_details={"streamMode": "PROVISIONED"},
            shard_count=1,
            retention_period_hours=24,
            stream_encryption={"encryptionType": "KMS", "keyId": "alias/aws/kinesis"},
            tags=[{"key": "team", "value": "data"}],
        )
        stream.cfn_options.deletion_policy = cdk.CfnDeletionPolicy.DELETE
        stream.cfn_options.update_replace_policy = cdk.CfnDeletionPolicy.RETAIN

        function = logs.CfnLogGroup(
            self,
            "Function",
            log_group_name=f"/demo/{pipeline_name}",
            retention_in_days=14,
            tags=[],
        )
        function.add_resource_dependency(stream)

        cdk.CfnOutput(self, "StreamName", value=stream.ref)
'''


@dataclass(frozen=True, kw_only=True)
class Parameter(DeclaredGadget):
    cloudformation_attributes: ClassVar[dict[str, str]] = {"arn": "Arn"}

    def cloudformation(self) -> tuple[Declaration, ...]:
        return (Declaration("AWS::SSM::Parameter", {"Name": self.name, "Value": self.text}),)


@dataclass(frozen=True, kw_only=True)
class Filtering(DeclaredGadget):
    def cloudformation(self) -> tuple[Declaration, ...]:
        return (Declaration("AWS::SNS::Subscription", {"FilterPolicy": {"order_type": [self.name]}}),)


def test_a_stack_in_typescript() -> None:
    assert CdkTypeScript().export(DESIGN)["lib/pipeline-stack.ts"] == IN_TYPESCRIPT


def test_a_stack_in_python() -> None:
    assert CdkPython().export(DESIGN)["pipeline_stack.py"] == IN_PYTHON


def test_what_the_pipeline_is_called_here_is_the_default_of_the_context() -> None:
    named, unnamed = CdkPython().export(DESIGN)["cdk.json"], CdkPython().export(Design(Graph([STREAM]), {}))["cdk.json"]

    assert json.loads(named)["context"] == {"pipelineName": "shop"}
    assert json.loads(unnamed)["context"] == {}


@pytest.mark.parametrize(
    ("cloudformations", "cdks"),
    [
        ("ShardCount", "shardCount"),
        ("SSESpecification", "sseSpecification"),
        ("KmsMasterKeyId", "kmsMasterKeyId"),
        ("KMSMasterKeyId", "kmsMasterKeyId"),
        ("S3Key", "s3Key"),
    ],
)
def test_a_property_is_called_as_cdks_own_generator_calls_it(cloudformations: str, cdks: str) -> None:
    assert camel(cloudformations) == cdks


def test_the_types_of_every_kind_are_constructs_of_their_own_and_no_others(all_kinds: Design) -> None:
    assert {each.type for each in model(all_kinds).constructs} == MODULES.keys()


def test_a_type_of_a_plugin_is_declared_as_it_stands() -> None:
    design = Design(Graph([STREAM, Parameter(id="late", name="late", text="${stream.arn}")]), {})

    assert (
        "properties: { Name: 'late', Value: stream.attrArn }" in CdkTypeScript().export(design)["lib/pipeline-stack.ts"]
    )
    assert 'properties={"Name": "late", "Value": stream.attr_arn}' in CdkPython().export(design)["pipeline_stack.py"]


def test_an_attribute_of_a_plugins_type_is_asked_for_by_its_name() -> None:
    late, later = Parameter(id="late", name="late"), Parameter(id="later", name="later", text="${late.arn}")
    design = Design(Graph([late, later]), {})

    assert "\"Value\": late.get_att('Arn').to_string()" in CdkPython().export(design)["pipeline_stack.py"]
    assert "Value: late.getAtt('Arn').toString()" in CdkTypeScript().export(design)["lib/pipeline-stack.ts"]


def test_what_names_another_comes_after_it() -> None:
    alarm = Parameter(id="early", name="early", text=STREAM.name)
    written = CdkPython().export(Design(Graph([alarm, STREAM]), {}))["pipeline_stack.py"]

    assert written.index("stream = kinesis.CfnStream(") < written.index('"Value": stream.ref}')


def test_ids_that_would_make_one_variable_have_each_their_own() -> None:
    groups = [
        replace(GROUP, id="x_ray"),
        replace(GROUP, id="xray"),
        replace(GROUP, id="other", after=("x_ray", "xray")),
    ]
    written = CdkPython().export(Design(Graph([STREAM, *groups]), {}))["pipeline_stack.py"]

    assert re.findall(r"other.add_resource_dependency\((\w+)\)", written) == ["xray", "xray_"]
    assert re.findall(r'^ +(xray_?) = logs.CfnLogGroup\(\n +self,\n +"(\w+)"', written, re.MULTILINE) == [
        ("xray", "XRay"),
        ("xray_", "Xray"),
    ]


def test_a_type_of_ours_that_a_plugin_declares_stands_as_it_is_too() -> None:
    design = Design(Graph([Filtering(id="late", name="late")]), {})

    assert '"FilterPolicy": {"order_type": ["late"]}' in CdkPython().export(design)["pipeline_stack.py"]
    assert "FilterPolicy: { order_type: ['late'] }" in CdkTypeScript().export(design)["lib/pipeline-stack.ts"]


def test_no_variable_has_the_name_of_a_module_or_of_a_word_of_the_language() -> None:
    """One that had would hide the module from all lines after it."""
    names = ["lambda", "logs", "kinesis", "s3_assets", "scope", "class"]
    groups = [replace(GROUP, id=name, after=("stream",)) for name in names]
    design = Design(Graph([STREAM, *groups]), {})

    in_python, in_typescript = (form().export(design) for form in (CdkPython, CdkTypeScript))

    assigned = re.findall(r"^ +(\w+) = logs", in_python["pipeline_stack.py"], re.MULTILINE)
    constants = re.findall(r"const (\w+) = new logs", in_typescript["lib/pipeline-stack.ts"])
    assert set(assigned) == {"lambda__", "logs_", "kinesis_", "s3_assets_", "scope_", "class_"}
    assert set(constants) == {"lambda_", "logs_", "kinesis_", "s3Assets", "scope_", "class_"}


def test_things_that_would_meet_as_constructs_are_refused() -> None:
    with pytest.raises(PluginError, match="two things apart that are called StreamName"):
        CdkPython().export(Design(Graph([STREAM, replace(GROUP, id="stream_name")]), {}))


def test_code_in_a_bucket_that_cdk_does_not_know_is_refused() -> None:
    with pytest.raises(PluginError, match="CDK cannot express late: it keeps code in a bucket of its own"):
        CdkPython().export(Design(Graph([Parameter(id="late", name="late", text="${code.bucket}")]), {}))


@given(st.text(st.characters(codec="utf-8")))
@example('${no.hole} {brace} `tick` \\ "quote"\r\n\u2028 \U0001f600')
def test_any_text_is_the_same_text_in_python_alone_and_beside_a_reference(text: str) -> None:
    value, known = PythonWriter(model(DESIGN)).value, {"stream": type("Stream", (), {"ref": "REF"})}

    assert eval(value(text)) == text  # noqa: S307
    assert eval(value({text: [text]})) == {text: [text]}  # noqa: S307
    assert eval(value(Interpolation((text, Reference("Stream")))), known) == f"{text}REF"  # noqa: S307


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not on PATH")
def test_any_text_is_the_same_text_in_typescript_alone_and_beside_a_reference() -> None:
    texts = [
        'a "quote"',
        "it's",
        """both '".""",
        "a `tick`",
        "${no.hole}",
        "$",
        "back\\slash",
        "\r\nlines",
        "\0",
        "\u2028",
        "\U0001f600",
        "é",
    ]
    value = TypeScriptWriter(model(DESIGN)).value
    written = [f"[{value(text)}, {value(Interpolation((text, Reference('Stream'))))}]" for text in texts]
    program = f"const stream = {{ref: 'REF'}}; console.log(JSON.stringify([{', '.join(written)}]))"

    said = subprocess.run(["node", "-e", program], capture_output=True, check=True).stdout  # noqa: S607

    assert json.loads(said) == [[text, f"{text}REF"] for text in texts]


@pytest.mark.parametrize("form", [CdkPython, CdkTypeScript])
def test_a_running_pipeline_is_imported_into_the_apps_stack_before_its_first_deployment(
    form: type[CdkPython | CdkTypeScript],
) -> None:
    files, commands = form().handover(DESIGN, {"pipeline": {"name": "shop"}})

    assert "streamctl:export" not in files["import.yaml"]
    assert '"Name": "events-shop"' in files["resources-to-import.json"]
    assert "create-change-set --stack-name streamctl-shop " in commands
    assert re.search(r"^npx (aws-)?cdk\S* deploy -c pipelineName=shop$", commands.splitlines()[-1])


def test_the_lock_files_name_no_place_to_install_from() -> None:
    files = {**CdkPython().export(DESIGN), **CdkTypeScript().export(DESIGN)}

    assert '"integrity": "sha512-' in files["package-lock.json"]
    assert "--hash=sha256:" in files["requirements.txt"]
    assert "://" not in files["requirements.txt"]
    assert '"resolved"' not in files["package-lock.json"]


def test_both_apps_are_made_of_one_model_and_have_the_same_bytes_every_time() -> None:
    assert model(DESIGN) == model(DESIGN)
    assert CdkPython().export(DESIGN) == CdkPython().export(DESIGN)
    assert CdkTypeScript().export(DESIGN) == CdkTypeScript().export(DESIGN)

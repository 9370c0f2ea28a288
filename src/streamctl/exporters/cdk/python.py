"""`export cdk-python`: the model as an app in Python."""

from __future__ import annotations

import json
import keyword
import re
from typing import TYPE_CHECKING, Any

from streamctl.exporters.cdk.layout import free, inside, listed
from streamctl.exporters.cdk.model import IMPORTED, Given, Joined, Told, model
from streamctl.exporters.cdk.project import cdk_json, handover, pinned, readme

if TYPE_CHECKING:
    from streamctl.engine.references import Attributes
    from streamctl.exporters.cdk.model import Construct, Model
    from streamctl.pipeline.design import Design
    from streamctl.plugins import Handover

STEP = "    "
MODULES = {name: f"{name}_" if keyword.iskeyword(name) else name for name in IMPORTED}
"""CDK's modules by what they are called in the stack: `lambda_`."""
TAKEN = frozenset(
    {"cdk", "construct_id", "pipeline_name", "scope", "self", "str", "super", *MODULES.values(), *keyword.kwlist}
)
"""What no variable may be called: words of the language, and what the stack has already."""
INSTALL = "python3 -m venv .venv\n. .venv/bin/activate\npip install --require-hashes -r requirements.txt"


class CdkPython:
    """An app of the AWS CDK in Python, deployed with `cdk deploy`."""

    def export(self, design: Design) -> dict[str, str]:
        drawn = model(design)
        return {
            "app.py": APP,
            "pipeline_stack.py": stack(drawn),
            "cdk.json": cdk_json("python3 app.py", drawn),
            "requirements.txt": pinned("requirements.txt"),
            "README.md": readme("Python", INSTALL, _cli(), drawn),
        }

    def handover(self, design: Design, known: Attributes) -> Handover:
        return handover(design, known, INSTALL, _cli())


def _cli() -> str:
    return f"npx aws-cdk@{json.loads(pinned('package.json'))['devDependencies']['aws-cdk']}"


APP = '''\
"""The app: one stack, named after its pipeline."""

import aws_cdk as cdk

from pipeline_stack import PipelineStack

app = cdk.App()
name = app.node.try_get_context("pipelineName")
if not name:
    raise SystemExit("Say what the pipeline is called: -c pipelineName=demo")
PipelineStack(app, f"streamctl-{name}", pipeline_name=name)
app.synth()
'''
HEAD = '''\
"""A Kinesis, Lambda and DynamoDB analytics pipeline."""

from pathlib import Path

import aws_cdk as cdk
{imports}
from constructs import Construct

HERE = Path(__file__).parent


class PipelineStack(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str, *, pipeline_name: str) -> None:
        super().__init__(scope, construct_id, description="A Kinesis, Lambda and DynamoDB analytics pipeline.")

'''


def stack(drawn: Model) -> str:
    imports = (f"from aws_cdk import aws_{name} as {MODULES[name]}" for name in drawn.modules)
    outputs = (f'cdk.CfnOutput(self, "{name}", value={value(told)})' for name, told in drawn.outputs.items())
    statements = [*(_construct(each, drawn) for each in drawn.constructs), "\n".join(outputs) + "\n"]
    return HEAD.format(imports="\n".join(imports)) + inside(statements, STEP * 2)


def _construct(each: Construct, drawn: Model) -> str:
    variable, lines = _variable(each.id), []
    if each.module:
        made = f"{MODULES[each.module]}.{each.cls}"
        arguments = [f"{snake(key)}={value(inner)}" for key, inner in each.properties.items()]
    else:
        made = "cdk.CfnResource"
        arguments = [f"type={json.dumps(each.type)}", f"properties={value(each.properties)}"]
    if each.asset:
        path = f"str(HERE / {json.dumps(each.asset)})"
        lines.append(f'{variable}_code = s3_assets.Asset(self, "{each.asset_id}", path={path})')
        code = {"s3Bucket": f"{variable}_code.s3_bucket_name", "s3Key": f"{variable}_code.s3_object_key"}
        arguments.append("code={" + ", ".join(f'"{key}": {told}' for key, told in code.items()) + "}")
    assigned = f"{variable} = " if each.id in drawn.referred else ""
    arguments = ["self", json.dumps(each.id), *arguments]
    lines.append(assigned + listed(f"{made}(", arguments, ")", step=STEP))
    if each.holds_data:
        lines.append(f"{variable}.cfn_options.deletion_policy = cdk.CfnDeletionPolicy.DELETE")
        lines.append(f"{variable}.cfn_options.update_replace_policy = cdk.CfnDeletionPolicy.RETAIN")
    lines += [f"{variable}.add_resource_dependency({_variable(other)})" for other in each.needs]
    return "\n".join(lines) + "\n"


def value(told: Any) -> str:
    """The expression, on as many lines as it takes."""
    if isinstance(told, Told | Given):
        return _name(told)
    if isinstance(told, Joined):
        return 'f"' + "".join(_inside(piece) for piece in told.pieces) + '"'
    if isinstance(told, dict):
        return listed("{", [f"{_quoted(key)}: {value(each)}" for key, each in told.items()], "}", step=STEP)
    if isinstance(told, list):
        return listed("[", [value(each) for each in told], "]", step=STEP)
    return _quoted(told) if isinstance(told, str) else repr(told)


def snake(name: str) -> str:
    """`sseSpecification` → `sse_specification`, as jsii names it in Python."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _inside(piece: str | Told | Given) -> str:
    if isinstance(piece, str):
        return _quoted(piece)[1:-1].replace("{", "{{").replace("}", "}}")
    return "{" + _name(piece) + "}"


def _quoted(text: str) -> str:
    """As JSON, whose escapes Python shares but for the one of characters beyond the first 65,536."""
    return json.dumps(text, ensure_ascii=False)


def _name(told: Told | Given) -> str:
    if isinstance(told, Given):
        return "pipeline_name" if told.name == "pipelineName" else f"self.{told.name}"
    return _variable(told.construct) + (f".attr_{snake(told.attribute.replace('.', ''))}" if told.attribute else ".ref")


def _variable(name: str) -> str:
    """`AlarmsTopic` → `alarms_topic`"""
    return free(snake(name), TAKEN)

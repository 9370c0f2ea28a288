"""`export cdk-python`: the model as an app in Python."""

from __future__ import annotations

import json
import keyword
import re
from typing import TYPE_CHECKING, Any

from streamctl.config.model import NAME_PATTERN, NAME_RULE
from streamctl.exporters.cdk.layout import listed
from streamctl.exporters.cdk.model import IMPORTED, model
from streamctl.exporters.cdk.project import IGNORED, cdk_json, handover, pinned, readme
from streamctl.exporters.cdk.writer import Writer

if TYPE_CHECKING:
    from streamctl.engine.references import Attributes
    from streamctl.exporters.cdk.model import Model
    from streamctl.exporters.cdk.writer import Items
    from streamctl.pipeline.design import Design
    from streamctl.plugins import Handover

MODULES = {name: f"{name}_" if keyword.iskeyword(name) else name for name in IMPORTED}
"""CDK's modules by what they are called in the stack: `lambda_`."""
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
            ".gitignore": IGNORED,
            "README.md": readme("Python", INSTALL, _cli(), drawn),
        }

    def handover(self, design: Design, known: Attributes) -> Handover:
        return handover(design, known, INSTALL, _cli())


def _cli() -> str:
    return f"npx aws-cdk@{json.loads(pinned('package.json'))['devDependencies']['aws-cdk']}"


APP = f'''\
"""The app: one stack, named after its pipeline."""

import re

import aws_cdk as cdk

from pipeline_stack import PipelineStack

app = cdk.App()
name = app.node.try_get_context("pipelineName") or ""
if not re.fullmatch(r"{NAME_PATTERN}", name):
    raise SystemExit(
        f"Not a name for a pipeline: '{{name}}'. Say what it is called, -c pipelineName=demo: "
        "{NAME_RULE}"
    )
PipelineStack(app, f"streamctl-{{name}}", pipeline_name=name)
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
    return HEAD.format(imports="\n".join(imports)) + PythonWriter(drawn).body()


class PythonWriter(Writer):
    step, this, let, end, space = "    ", "self", "", "", ""
    quotes, braces = ('f"', '"'), ("{", "}")
    taken = frozenset(
        {"cdk", "construct_id", "pipeline_name", "scope", "self", "str", "super", *MODULES.values(), *keyword.kwlist}
    )

    def variable(self, name: str) -> str:
        return self.member(name)

    def member(self, name: str) -> str:
        """`sseSpecification` → `sse_specification`, as jsii names it in Python."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()

    def module(self, name: str) -> str:
        return MODULES[name]

    def construct(self, cls: str, name: str, items: Items) -> str:
        arguments = ["self", json.dumps(name), *(f"{key}={expression}" for key, expression in items)]
        return listed(f"{cls}(", arguments, ")", step=self.step)

    def path(self, place: str) -> str:
        return f"str(HERE / {json.dumps(place)})"

    def key(self, key: str) -> str:
        return self.literal(key)

    def literal(self, value: Any) -> str:
        """As JSON, whose escapes Python shares but for the one of characters beyond the first 65,536."""
        return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)

    def escaped(self, text: str) -> str:
        return self.literal(text)[1:-1].replace("{", "{{").replace("}", "}}")

"""`export cdk-typescript`: the model as an app in TypeScript."""

from __future__ import annotations

import json
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

INSTALL, CLI = "npm ci", "npx cdk"
PLAIN = re.compile(r"[A-Za-z_]\w*")
LANGUAGE = """\
arguments await break case catch class const continue debugger default delete do else enum eval export extends
false finally for function if implements import in instanceof interface let new null package private protected
public return static super switch this throw true try typeof var void while with yield
"""


class CdkTypeScript:
    """An app of the AWS CDK in TypeScript, deployed with `cdk deploy`."""

    def export(self, design: Design) -> dict[str, str]:
        drawn = model(design)
        return {
            "bin/app.ts": APP,
            "lib/pipeline-stack.ts": stack(drawn),
            "cdk.json": cdk_json("npx ts-node bin/app.ts", drawn),
            "package.json": pinned("package.json"),
            "package-lock.json": pinned("package-lock.json"),
            "tsconfig.json": pinned("tsconfig.json"),
            ".gitignore": IGNORED,
            "README.md": readme("TypeScript", INSTALL, CLI, drawn),
        }

    def handover(self, design: Design, known: Attributes) -> Handover:
        return handover(design, known, INSTALL, CLI)


APP = f"""\
import * as cdk from 'aws-cdk-lib';
import {{ PipelineStack }} from '../lib/pipeline-stack';

const app = new cdk.App();
const pipelineName: string = app.node.tryGetContext('pipelineName') ?? '';
if (!/{NAME_PATTERN}/.test(pipelineName)) {{
  console.error(`Not a name for a pipeline: '${{pipelineName}}'. Say what it is called, -c pipelineName=demo:`);
  console.error('{NAME_RULE}');
  process.exit(1);
}}
new PipelineStack(app, `streamctl-${{pipelineName}}`, pipelineName);
"""
HEAD = """\
import * as cdk from 'aws-cdk-lib';
{imports}
import {{ Construct }} from 'constructs';
import {{ join }} from 'path';

/** A Kinesis, Lambda and DynamoDB analytics pipeline. */
export class PipelineStack extends cdk.Stack {{
  constructor(scope: Construct, id: string, pipelineName: string) {{
    super(scope, id, {{ description: 'A Kinesis, Lambda and DynamoDB analytics pipeline.' }});

"""


def stack(drawn: Model) -> str:
    imports = (f"import * as {name} from 'aws-cdk-lib/aws-{name.replace('_', '-')}';" for name in drawn.modules)
    return HEAD.format(imports="\n".join(imports)) + TypeScriptWriter(drawn).body() + "  }\n}\n"


class TypeScriptWriter(Writer):
    step, this, let, end, space = "  ", "this", "const ", ";", " "
    quotes, braces = ("`", "`"), ("${", "}")
    taken = IMPORTED | {"cdk", "construct", "constructor", "id", "join", "pipelineName", "scope", *LANGUAGE.split()}

    def variable(self, name: str) -> str:
        return name[0].lower() + name[1:]

    def member(self, name: str) -> str:
        return name

    def module(self, name: str) -> str:
        return name

    def construct(self, cls: str, name: str, items: Items) -> str:
        properties = [f"{key}: {expression}" for key, expression in items]
        return listed(f"new {cls}(this, '{name}', {{", properties, "})", step=self.step, inner=" ")

    def path(self, place: str) -> str:
        return f"join(__dirname, '..', {self.literal(place)})"

    def key(self, key: str) -> str:
        return key if PLAIN.fullmatch(key) else self.literal(key)

    def literal(self, value: Any) -> str:
        """A text in single quotes, unless it has one."""
        told = json.dumps(value)
        if not isinstance(value, str) or "'" in value:
            return told
        return "'" + told[1:-1].replace('\\"', '"') + "'"

    def escaped(self, text: str) -> str:
        return json.dumps(text)[1:-1].replace('\\"', '"').replace("`", "\\`").replace("${", "\\${")

"""`export cdk-typescript`: the model as an app in TypeScript."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from streamctl.exporters.cdk.layout import free, indented, inside, listed
from streamctl.exporters.cdk.model import IMPORTED, Given, Joined, Told, model
from streamctl.exporters.cdk.project import cdk_json, handover, pinned, readme

if TYPE_CHECKING:
    from streamctl.engine.references import Attributes
    from streamctl.exporters.cdk.model import Construct, Model
    from streamctl.pipeline.design import Design
    from streamctl.plugins import Handover

INSTALL, CLI = "npm ci", "npx cdk"
STEP = "  "
PLAIN = re.compile(r"[A-Za-z_]\w*")
LANGUAGE = """\
await break case catch class const continue debugger default delete do else enum export extends false finally for
function if implements import in instanceof interface let new null package private protected public return static super
switch this throw true try typeof var void while with yield
"""
TAKEN = IMPORTED | {"cdk", "construct", "constructor", "id", "join", "pipelineName", "scope", *LANGUAGE.split()}
"""What no variable may be called: words of the language, and what the stack has already."""


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
            "README.md": readme("TypeScript", INSTALL, CLI, drawn),
        }

    def handover(self, design: Design, known: Attributes) -> Handover:
        return handover(design, known, INSTALL, CLI)


APP = """\
import * as cdk from 'aws-cdk-lib';
import { PipelineStack } from '../lib/pipeline-stack';

const app = new cdk.App();
const pipelineName: string | undefined = app.node.tryGetContext('pipelineName');
if (!pipelineName) {
  throw new Error('Say what the pipeline is called: -c pipelineName=demo');
}
new PipelineStack(app, `streamctl-${pipelineName}`, pipelineName);
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
    outputs = (
        f"new cdk.CfnOutput(this, '{name}', {{ value: {value(told)} }});" for name, told in drawn.outputs.items()
    )
    statements = [*(_construct(each, drawn) for each in drawn.constructs), "\n".join(outputs) + "\n"]
    return HEAD.format(imports="\n".join(imports)) + inside(statements, STEP * 2) + "  }\n}\n"


def _construct(each: Construct, drawn: Model) -> str:
    variable = _variable(each.id)
    made, properties = f"{each.module}.{each.cls}", each.properties
    if not each.module:
        made, properties = "cdk.CfnResource", {"type": each.type, "properties": properties}
    items, lines = _items(properties), []
    if each.asset:
        path = f"join(__dirname, '..', {json.dumps(each.asset)})"
        lines.append(f"const {variable}Code = new s3_assets.Asset(this, '{each.asset_id}', {{ path: {path} }});")
        items.append(f"code: {{ s3Bucket: {variable}Code.s3BucketName, s3Key: {variable}Code.s3ObjectKey }}")
    inner = "\n".join(["{", *(indented(f"{item},", STEP) for item in items), "}"])
    assigned = f"const {variable} = " if each.id in drawn.referred else ""
    lines.append(f"{assigned}new {made}(this, '{each.id}', {inner});")
    if each.holds_data:
        lines.append(f"{variable}.cfnOptions.deletionPolicy = cdk.CfnDeletionPolicy.DELETE;")
        lines.append(f"{variable}.cfnOptions.updateReplacePolicy = cdk.CfnDeletionPolicy.RETAIN;")
    lines += [f"{variable}.addResourceDependency({_variable(other)});" for other in each.needs]
    return "\n".join(lines) + "\n"


def _items(properties: Any) -> list[str]:
    return [f"{_key(key)}: {value(inner)}" for key, inner in properties.items()]


def value(told: Any) -> str:
    """The expression, on as many lines as it takes."""
    if isinstance(told, Told | Given):
        return _name(told)
    if isinstance(told, Joined):
        return "`" + "".join(_inside(piece) for piece in told.pieces) + "`"
    if isinstance(told, dict):
        return listed("{", _items(told), "}", step=STEP, inner=" ")
    if isinstance(told, list):
        return listed("[", [value(each) for each in told], "]", step=STEP)
    return json.dumps(told)


def _key(key: str) -> str:
    return key if PLAIN.fullmatch(key) else json.dumps(key)


def _inside(piece: str | Told | Given) -> str:
    if isinstance(piece, str):
        return json.dumps(piece)[1:-1].replace('\\"', '"').replace("`", "\\`").replace("${", "\\${")
    return "${" + _name(piece) + "}"


def _name(told: Told | Given) -> str:
    if isinstance(told, Given):
        return "pipelineName" if told.name == "pipelineName" else f"this.{told.name}"
    return _variable(told.construct) + (f".attr{told.attribute.replace('.', '')}" if told.attribute else ".ref")


def _variable(name: str) -> str:
    """`AlarmsTopic` → `alarmsTopic`"""
    return free(name[0].lower() + name[1:], TAKEN)

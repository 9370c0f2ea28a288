"""What CloudFormation's resource import takes: a template of what is there, and by what it is found.

An import changes nothing: what the template says of tags and settings has to be so already, and every resource in it
needs a DeletionPolicy. What has no identity is left for the update that follows, which makes it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from streamctl.engine.references import fill, is_open
from streamctl.errors import PluginError, UsageError
from streamctl.exporters.template import logical_id, template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamctl.engine.references import Attributes
    from streamctl.pipeline.design import Design
    from streamctl.plugins import Handover

IMPORT_FILE = "import.yaml"
RESOURCES_FILE = "resources-to-import.json"
MOST_BYTES = 51_200
"""Of a template that a request brings along: AWS CloudFormation's quotas."""
Identities = dict[str, tuple[str, dict[str, str]]]
"""Logical id to type and identity: property to value."""


def to_import(design: Design, known: Attributes) -> Identities:
    """All that CloudFormation can find. Raises PluginError for a kind of which nothing can be found.

    Left out is what has attributes that AWS does not tell now: a subscription that nobody confirmed has no ARN.
    """
    found: Identities = {}
    for resource in design.resources:
        for declaration in resource.cloudformation():
            if not (declaration.identity or declaration.part):
                raise PluginError(
                    f"CloudFormation cannot take over {resource.id}: the resource kind {resource.kind} does not say by "
                    "what it is found.",
                    f"Give the Declaration of {type(resource).__name__} an identity, or turn the feature off.",
                )
            identity = {name: fill(value, known) for name, value in declaration.identity.items()}
            if identity and not is_open(identity):
                found[logical_id(resource.id, declaration.part)] = declaration.type, identity
    return found


def import_template(design: Design, resources: Mapping[str, Any]) -> dict[str, Any]:
    """The template of these, by logical id, as they are: with the owner's tags. A stack that fails deletes none."""
    whole = template(design.owned)
    declared = {
        name: {"Type": each["Type"], "DeletionPolicy": "Retain", "Properties": each["Properties"]}
        for name, each in whole["Resources"].items()
        if name in resources
    }
    return {section: content for section, content in whole.items() if section != "Outputs"} | {"Resources": declared}


def listed(resources: Identities) -> str:
    """The JSON of `--resources-to-import`."""
    entries = [
        {"ResourceType": kind, "LogicalResourceId": name, "ResourceIdentifier": identity}
        for name, (kind, identity) in resources.items()
    ]
    return json.dumps(entries, indent=2) + "\n"


def handover(design: Design, known: Attributes, *, stack: str, bucket: str, after: str, before: str = "") -> Handover:
    """What makes the stack import all it can, and then take over the rest by its own update, `after`.

    `bucket` holds the zips; an import only reads their places.
    """
    from streamctl.exporters.yaml_text import written
    from streamctl.plugins import Handover

    resources = to_import(design, known)
    whole = written(import_template(design, resources))
    if len(whole.encode()) > MOST_BYTES:
        raise UsageError(
            f"The template to import has {len(whole.encode()):,} bytes; CloudFormation takes {MOST_BYTES:,} at most.",
            "Hand over to terraform instead.",
        )
    files = {IMPORT_FILE: whole, RESOURCES_FILE: listed(resources)}
    steps = (before, _commands(design, stack, bucket), after)
    return Handover(files, "".join(f"{step}\n" for step in steps if step))


def _commands(design: Design, stack: str, bucket: str) -> str:
    """Once the stack has imported, these find it so, and the update that failed can be tried again."""
    change_set = f'--stack-name {stack} --change-set-name "$changes"'
    return f"""\
imported=$(aws cloudformation list-stacks --output text \\
  --stack-status-filter IMPORT_COMPLETE UPDATE_COMPLETE UPDATE_ROLLBACK_COMPLETE \\
  --query "StackSummaries[?StackName=='{stack}'].StackName")
if [ -z "$imported" ]; then
  changes=import-$(date +%s)
  aws cloudformation create-change-set {change_set} --change-set-type IMPORT \\
    --template-body file://{IMPORT_FILE} --resources-to-import file://{RESOURCES_FILE} \\
    --capabilities CAPABILITY_NAMED_IAM --parameters \\
    ParameterKey=PipelineName,ParameterValue={design.name} ParameterKey=CodeBucket,ParameterValue={bucket}
  aws cloudformation wait change-set-create-complete {change_set}
  aws cloudformation execute-change-set {change_set}
  aws cloudformation wait stack-import-complete --stack-name {stack}
fi"""

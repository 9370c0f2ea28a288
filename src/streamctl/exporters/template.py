"""A design as a CloudFormation template: the mapping that YAML is written from, and CDK's apps are held against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamctl.config.model import NAME_PATTERN
from streamctl.engine.declaration import REF
from streamctl.engine.references import HOLE, fill, is_open, references, split
from streamctl.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamctl.engine.declaration import Declaration
    from streamctl.engine.resource import Resource
    from streamctl.pipeline.design import Design

PARAMETERS = {
    ("pipeline", "name"): "PipelineName",
    ("code", "bucket"): "CodeBucket",
    ("aws", "account"): "AWS::AccountId",
    ("aws", "partition"): "AWS::Partition",
    ("aws", "region"): "AWS::Region",
}
"""What stands for itself in every template."""


def template(design: Design) -> dict[str, Any]:
    """The template, its intrinsic functions in their long form (`Fn::GetAtt`).

    Raises PluginError for a kind that CloudFormation cannot express.
    """
    resources: dict[str, Any] = {}
    for resource in design.resources:
        for declaration in resource.cloudformation():
            resources[logical_id(resource.id, declaration.part)] = _declared(design, resource, declaration)
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "A Kinesis, Lambda and DynamoDB analytics pipeline.",
        "Parameters": _parameters(design),
        "Resources": resources,
        "Outputs": _outputs(design),
    }


def logical_id(resource_id: str, part: str = "") -> str:
    """`alarms_topic`, `Policy` → `AlarmsTopicPolicy`"""
    return "".join(word.capitalize() for word in resource_id.split("_")) + part


def _parameters(design: Design) -> dict[str, Any]:
    name = {"Default": design.name} if design.name else {}
    return {
        "PipelineName": {
            "Type": "String",
            "Description": "Every name ends with it.",
            "AllowedPattern": NAME_PATTERN,
            **name,
        },
        "CodeBucket": {
            "Type": "String",
            "Description": "The S3 bucket, in the same region, that holds the zips of the folder `code`.",
        },
    }


def _outputs(design: Design) -> dict[str, Any]:
    """Where events go in, where they are stored, and where to look for those that are not."""
    wanted = [each for each in design.resources if each.holds_data or each.kind == "lambda_function"]
    return {
        f"{logical_id(each.id)}Name": {"Value": intrinsic(design, each.ref("name"))}
        for each in wanted
        if "name" in each.attributes
    }


def _declared(design: Design, resource: Resource, declaration: Declaration) -> dict[str, Any]:
    """What holds data goes with its stack, as it does with `down`, but stays where CloudFormation replaces it."""
    kept = {"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Retain"} if resource.holds_data else {}
    before = _waits_for(design, resource, declaration) if not declaration.part else []
    return {
        "Type": declaration.type,
        **({"DependsOn": before} if before else {}),
        **(kept if not declaration.part else {}),
        "Properties": intrinsic(design, declaration.properties),
    }


def _waits_for(design: Design, resource: Resource, declaration: Declaration) -> list[str]:
    """What CloudFormation does not see in the references: all parts of what has to be there before."""
    seen = {name for name, attribute in references(declaration.properties) if _told(design, name, attribute)}
    return [
        logical_id(name, part.part)
        for name in design.graph.order
        if name in design.graph.needs[resource.id] and (name not in seen or name in resource.after)
        for part in design.graph.resources[name].cloudformation()
        if part.part or name not in seen
    ]


def _told(design: Design, name: str, attribute: str) -> bool:
    """CloudFormation tells the attribute, and so sees the reference."""
    found = design.graph.resources.get(name)
    return found is not None and attribute in found.cloudformation_attributes


def intrinsic(design: Design, value: Any) -> Any:
    """The value with every hole as an intrinsic function."""
    if isinstance(value, str):
        return _text(design, _written_out(design, value))
    if hasattr(value, "items"):
        return {_key(key): intrinsic(design, inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [intrinsic(design, inner) for inner in value]
    return value


def _key(key: str) -> str:
    if is_open(key):
        raise PluginError(f"CloudFormation cannot express {key!r}: a name inside a property cannot be a reference.")
    return key


def _text(design: Design, text: str) -> Any:
    pieces = split(text)
    if len(pieces) == 1 and isinstance(pieces[0], tuple):
        return _function(design, *pieces[0])
    if all(isinstance(piece, str) for piece in pieces):
        return text
    return {"Fn::Sub": "".join(_inside(design, piece) for piece in pieces)}


def _inside(design: Design, piece: str | tuple[str, str]) -> str:
    """One piece of a text of `Fn::Sub`, where a hole of somebody else's has to be marked as none."""
    if isinstance(piece, str):
        return piece.replace("${", "${!")
    (function, told), *_ = _function(design, *piece).items()
    return "${" + (told if function == REF else ".".join(told)) + "}"


def _function(design: Design, name: str, attribute: str) -> dict[str, Any]:
    if parameter := PARAMETERS.get((name, attribute)):
        return {REF: parameter}
    by = design.graph.resources[name].cloudformation_attributes[attribute]
    return {REF: logical_id(name)} if by == REF else {"Fn::GetAtt": [logical_id(name), by]}


def _written_out(design: Design, text: str) -> str:
    """The text, each hole that CloudFormation tells nothing of filled with what the name decides."""
    known: dict[str, Mapping[str, str]] = {
        name: {
            key: value
            for key, value in (("name", found.name), ("arn", found.arn))
            if value and not _told(design, name, key)
        }
        for name, found in design.graph.resources.items()
    }
    filled: str = fill(text, known)
    for name, attribute in HOLE.findall(filled):
        if (name, attribute) not in PARAMETERS and not _told(design, name, attribute):
            kind = design.graph.resources[name].kind
            raise PluginError(f"CloudFormation tells nobody the {attribute} of {name}, a {kind}.")
    return filled

"""A design as a CloudFormation template: the mapping that YAML is written from, and CDK's apps are held against."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from streamctl.config.model import NAME_PATTERN
from streamctl.engine.declaration import REF
from streamctl.engine.references import is_open, references
from streamctl.errors import PluginError
from streamctl.exporters.holes import each_text, pieces
from streamctl.exporters.links import Links

if TYPE_CHECKING:
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
    parameters = _parameters(design)
    resources: dict[str, Any] = {}
    links = Links(design, partial(_told, design))
    for resource in design.resources:
        for told in resource.cloudformation():
            declaration = _linked(links, resource, told)
            name = logical_id(resource.id, declaration.part)
            if name in {*resources, *parameters}:
                raise PluginError(
                    f"CloudFormation cannot express {resource.id}: something else is called {name} there already.",
                    f"Choose another id for it ({type(resource).__name__}).",
                )
            resources[name] = _declared(design, resource, declaration)
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "A Kinesis, Lambda and DynamoDB analytics pipeline.",
        "Parameters": parameters,
        "Resources": resources,
        "Outputs": _outputs(design),
    }


def _linked(links: Links, resource: Resource, declaration: Declaration) -> Declaration:
    """The declaration with references to what it names."""
    linked = partial(links.linked, source=resource.id, is_part=bool(declaration.part))
    return declaration._replace(properties=each_text(declaration.properties, linked))


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
    declared: dict[str, Any] = {"Type": declaration.type}
    if not declaration.part:
        if before := _waits_for(design, resource, declaration):
            declared["DependsOn"] = before
        if resource.holds_data:
            declared |= {"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Retain"}
    return declared | {"Properties": intrinsic(design, declaration.properties)}


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
    """CloudFormation tells the attribute; that of a resource it sees as a reference."""
    found = design.graph.resources.get(name)
    return (name, attribute) in PARAMETERS or (found is not None and attribute in found.cloudformation_attributes)


def intrinsic(design: Design, value: Any) -> Any:
    """The value with every hole as an intrinsic function."""
    if isinstance(value, str):
        return _text(design, value)
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
    found = list(pieces(design, text, partial(_told, design), "CloudFormation"))
    if len(found) == 1 and isinstance(found[0], tuple):
        return _function(design, *found[0])
    if all(isinstance(piece, str) for piece in found):
        return "".join(map(str, found))
    return {"Fn::Sub": "".join(_inside(design, piece) for piece in found)}


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

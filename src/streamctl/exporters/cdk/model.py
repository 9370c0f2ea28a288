"""A stack as CDK's constructs, in no language: made from the CloudFormation template, resource by resource."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamctl.engine.declaration import REF
from streamctl.engine.graph import in_order
from streamctl.errors import PluginError
from streamctl.exporters.template import PARAMETERS, logical_id, template
from streamctl.resources.lambda_function import LambdaFunction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamctl.engine.resource import Resource
    from streamctl.pipeline.design import Design

MODULES = {
    "AWS::CloudWatch::Alarm": "cloudwatch",
    "AWS::CloudWatch::Dashboard": "cloudwatch",
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::IAM::Role": "iam",
    "AWS::KMS::Alias": "kms",
    "AWS::KMS::Key": "kms",
    "AWS::Kinesis::Stream": "kinesis",
    "AWS::Lambda::EventSourceMapping": "lambda",
    "AWS::Lambda::Function": "lambda",
    "AWS::Logs::LogGroup": "logs",
    "AWS::S3::Bucket": "s3",
    "AWS::S3::BucketPolicy": "s3",
    "AWS::SNS::Subscription": "sns",
    "AWS::SNS::Topic": "sns",
    "AWS::SNS::TopicPolicy": "sns",
    "AWS::SQS::Queue": "sqs",
    "AWS::SQS::QueuePolicy": "sqs",
}
"""The types whose properties we know by CDK's names; what a plugin declares stands as it is, under its type."""
ASSETS = "s3_assets"
"""The module of the zips with code."""
IMPORTED = frozenset({*MODULES.values(), ASSETS})
"""What no variable of a stack may be called."""
FREE = {"AssumeRolePolicyDocument", "KeyPolicy", "PolicyDocument", "Variables"}
"""Properties whose inner names are the user's or another language's: CDK takes them as they are."""
GIVEN = {
    "PipelineName": "pipelineName",
    "AWS::AccountId": "account",
    "AWS::Partition": "partition",
    "AWS::Region": "region",
}
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")
HOLE = re.compile(r"\$\{([^!}][^}]*)\}")


@dataclass(frozen=True)
class Reference:
    """What a construct tells of itself: an attribute, or its `ref` where none is named."""

    construct: str
    attribute: str = ""


@dataclass(frozen=True)
class Parameter:
    """What the stack knows: `pipelineName`, `region`, `account` or `partition`."""

    name: str


@dataclass(frozen=True)
class Interpolation:
    """A text with values inside."""

    pieces: tuple[str | Reference | Parameter, ...]


@dataclass(frozen=True)
class Construct:
    """One L1 construct. Without a module it is a plain `CfnResource`, its properties as CloudFormation calls them."""

    id: str
    type: str
    module: str | None
    properties: Mapping[str, Any]
    needs: tuple[str, ...] = ()
    asset: str | None = None
    """The zip with its code, whose place in CDK's own bucket only CDK knows."""
    holds_data: bool = False

    @property
    def asset_id(self) -> str:
        """The construct of the zip, or nothing."""
        return f"{self.id}Code" if self.asset else ""

    @property
    def speaks_of(self) -> set[str]:
        """The constructs that have to be there before it."""
        return {*self.needs, *(told.construct for told in _told(self.properties))}

    @property
    def cls(self) -> str:
        return f"Cfn{self.type.rpartition('::')[2]}" if self.module else "cdk.CfnResource"


@dataclass(frozen=True)
class Model:
    constructs: tuple[Construct, ...]
    outputs: Mapping[str, Any]
    name: str | None

    @property
    def modules(self) -> list[str]:
        """Those of its constructs, sorted."""
        assets = {ASSETS for each in self.constructs if each.asset}
        return sorted(assets | {each.module for each in self.constructs if each.module})

    @property
    def referred(self) -> set[str]:
        """The constructs that others speak of, or that have more to say than their properties."""
        spoken = {name for each in self.constructs for name in each.speaks_of}
        more = {each.id for each in self.constructs if each.needs or each.holds_data}
        return spoken | more | {told.construct for told in _told(self.outputs)}


def model(design: Design) -> Model:
    """Raises PluginError for a kind that CloudFormation or CDK cannot express."""
    whole = template(design)
    constructs = tuple(
        _construct(name, whole["Resources"][name], resource)
        for resource in design.resources
        for name in (logical_id(resource.id, each.part) for each in resource.cloudformation())
    )
    outputs = {name: expression(output["Value"]) for name, output in whole["Outputs"].items()}
    _refuse_what_meets([*(each.id for each in constructs), *(each.asset_id for each in constructs), *outputs])
    by_id = {each.id: each for each in constructs}
    order = in_order({each.id: each.speaks_of for each in constructs})  # to the languages they are variables
    return Model(tuple(by_id[name] for name in order), outputs, design.name)


def _construct(name: str, declared: Mapping[str, Any], resource: Resource) -> Construct:
    properties, asset = dict(declared["Properties"]), None
    module = MODULES[declared["Type"]] if _is_declared_by_us(resource) else None
    if module and isinstance(resource, LambdaFunction):
        del properties["Code"]
        asset = str(resource.package)
    expressed = expression(properties, renamed=module is not None)
    if Reference(PARAMETERS["code", "bucket"]) in _told(expressed):
        raise PluginError(
            f"CDK cannot express {resource.id}: it keeps code in a bucket of its own, not ${{code.bucket}}."
        )
    before = tuple(declared.get("DependsOn", ()))
    return Construct(name, declared["Type"], module, expressed, before, asset, "DeletionPolicy" in declared)


def _is_declared_by_us(resource: Resource) -> bool:
    """What a plugin's kind declares may be of a type of ours, with properties that we do not know."""
    return type(resource).cloudformation.__module__.startswith("streamctl.resources.")


def _refuse_what_meets(ids: list[str]) -> None:
    """To CDK, all of a stack are constructs: resources, zips and outputs."""
    for name, amount in Counter(ids).items():
        if name and amount > 1:
            raise PluginError(
                f"CDK cannot tell two things apart that are called {name}.",
                "Choose another id for the resource whose id makes that name.",
            )


def expression(value: Any, *, renamed: bool = False) -> Any:
    """A value of the template with its intrinsic functions as Reference, Parameter and Interpolation."""
    if isinstance(value, list):
        return [expression(inner, renamed=renamed) for inner in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {REF}:
        return _reference(value[REF])
    if value.keys() == {"Fn::GetAtt"}:
        return Reference(*value["Fn::GetAtt"])
    if value.keys() == {"Fn::Sub"}:
        return _joined(value["Fn::Sub"])
    return {
        camel(key) if renamed else key: expression(inner, renamed=renamed and key not in FREE)
        for key, inner in value.items()
    }


def camel(name: str) -> str:
    """`SSESpecification` → `sseSpecification`, as CDK's own generator names a property."""
    words: list[str] = WORD.findall(name)
    first, *rest = words
    return first.lower() + "".join(word.capitalize() for word in rest)


def _joined(text: str) -> Interpolation:
    """The pieces of a text of `Fn::Sub`: every second one is a hole."""
    found = HOLE.split(text)
    pieces = [_hole(piece) if place % 2 else piece.replace("${!", "${") for place, piece in enumerate(found)]
    return Interpolation(tuple(piece for piece in pieces if piece))


def _hole(told: str) -> Reference | Parameter:
    construct, _, attribute = told.partition(".")
    return Reference(construct, attribute) if attribute else _reference(told)


def _reference(name: str) -> Reference | Parameter:
    return Parameter(GIVEN[name]) if name in GIVEN else Reference(name)


def _told(value: Any) -> list[Reference]:
    if isinstance(value, Reference):
        return [value]
    if isinstance(value, Interpolation):
        return _told(value.pieces)
    if hasattr(value, "values"):
        return _told(list(value.values()))
    return [told for inner in value for told in _told(inner)] if isinstance(value, list | tuple) else []

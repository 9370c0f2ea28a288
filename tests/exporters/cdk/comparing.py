"""Two CloudFormation templates in one form, so that they are equal where CloudFormation would make the same of them."""

from __future__ import annotations

import re
from typing import Any

HOLE = re.compile(r"\$\{([^!}][^}]*)\}")
OF_CDK = ("BootstrapVersion", "CheckBootstrapVersion")
"""What every synthesized stack has beside its own: it refuses an account without CDK's bucket."""


def ours(template: dict[str, Any], name: str) -> dict[str, Any]:
    """The template of `export cloudformation`, its parameters filled: CDK knows the name beforehand."""
    whole = _normal(template, name)
    return {section: whole[section] for section in ("Description", "Resources", "Outputs")}


def cdks(template: dict[str, Any], zips: dict[str, str]) -> dict[str, Any]:
    """A synthesized template without what CDK adds to every stack; `zips`: the key of each asset, and ours."""
    whole = _normal(template, "")
    for resource in whole["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            code = resource["Properties"]["Code"]
            resource["Properties"]["Code"] = {"S3Bucket": "code", "S3Key": zips[code["S3Key"]]}
    added = set(whole) - {"Description", "Resources", "Outputs"}
    assert added <= {"Parameters", "Rules"}, added
    assert {*whole["Parameters"], *whole["Rules"]} == set(OF_CDK)
    return {section: whole[section] for section in ("Description", "Resources", "Outputs")}


def _normal(value: Any, name: str) -> Any:
    """With every function that puts texts together as one: a list of texts and references."""
    if isinstance(value, list):
        return [_normal(inner, name) for inner in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Fn::Sub"}:
        return _joined(_pieces(value["Fn::Sub"]), name)
    if value.keys() == {"Fn::Join"} and value["Fn::Join"][0] == "":
        return _joined(value["Fn::Join"][1], name)
    if value.keys() == {"Ref"}:
        return {"PipelineName": name, "CodeBucket": "code"}.get(value["Ref"], value) if name else value
    return {key: _waited_for(inner) if key == "DependsOn" else _normal(inner, name) for key, inner in value.items()}


def _waited_for(names: list[str]) -> list[str]:
    """In no order: all of them are waited for."""
    return sorted(names)


def _pieces(text: str) -> list[Any]:
    found = HOLE.split(text)
    return [_hole(piece) if place % 2 else piece.replace("${!", "${") for place, piece in enumerate(found)]


def _hole(told: str) -> dict[str, Any]:
    construct, _, attribute = told.partition(".")
    return {"Fn::GetAtt": [construct, attribute]} if attribute else {"Ref": told}


def _joined(pieces: list[Any], name: str) -> Any:
    merged: list[Any] = []
    for piece in (_normal(each, name) for each in pieces):
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        elif piece != "":
            merged.append(piece)
    return merged[0] if len(merged) == 1 else {"Joined": merged}

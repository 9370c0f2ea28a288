"""A CloudFormation template as YAML, in the way people write it."""

from __future__ import annotations

import re
from textwrap import indent
from typing import Any

import yaml

NUMBER_LIKE = re.compile(r"[-+]?[.]?[0-9][0-9A-Za-z_.:+-]*")
"""What some reader of YAML, 1.1 or 1.2, takes for a number: `123e45`, `0o17`."""
WIDTH = 110
STEP = "  "


class _Writer(yaml.SafeDumper):
    """YAML as people write templates: intrinsic functions in their short form, and no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def choose_scalar_style(self) -> str:
        """Functions stand without quotes where they can, too."""
        style: str = super().choose_scalar_style()
        told, event = self.analysis, self.event
        can_be_plain = told is not None and told.allow_block_plain and not told.multiline
        return "" if can_be_plain and isinstance(event, yaml.ScalarEvent) and event.tag in SHORT.values() else style


SHORT = {"Ref": "!Ref", "Fn::Sub": "!Sub", "Fn::GetAtt": "!GetAtt"}


def _mapping(writer: _Writer, value: dict[str, Any]) -> yaml.Node:
    if len(value) == 1 and (tag := SHORT.get(next(iter(value)))):
        (told,) = value.values()
        return writer.represent_scalar(tag, told if isinstance(told, str) else ".".join(told))
    return writer.represent_mapping("tag:yaml.org,2002:map", value, flow_style=False)


def _text(writer: _Writer, value: str) -> yaml.Node:
    style = "'" if NUMBER_LIKE.fullmatch(value) else None
    return writer.represent_scalar("tag:yaml.org,2002:str", value, style)


_Writer.add_representer(dict, _mapping)
_Writer.add_representer(str, _text)


def written(document: dict[str, Any]) -> str:
    """The template as YAML, its sections and resources set apart by empty lines."""
    return "\n".join(
        _resources(content) if section == "Resources" else _dumped({section: content})
        for section, content in document.items()
    )


def _resources(resources: dict[str, Any]) -> str:
    each = (indent(_dumped({name: resource}, WIDTH - len(STEP)), STEP) for name, resource in resources.items())
    return "Resources:\n" + "\n".join(each)


def _dumped(value: dict[str, Any], width: int = WIDTH) -> str:
    dumped: str = yaml.dump(value, Dumper=_Writer, sort_keys=False, width=width, allow_unicode=True)
    return dumped

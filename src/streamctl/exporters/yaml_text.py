"""A CloudFormation template as YAML, in the way people write it."""

from __future__ import annotations

from typing import Any

import yaml


class _Writer(yaml.SafeDumper):
    """YAML as people write templates: intrinsic functions in their short form, and no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _mapping(writer: _Writer, value: dict[str, Any]) -> yaml.Node:
    if len(value) == 1:
        (function, told), *_ = value.items()
        if function == "Ref":
            return writer.represent_scalar("!Ref", told)
        if function == "Fn::Sub":
            return writer.represent_scalar("!Sub", told)
        if function == "Fn::GetAtt":
            return writer.represent_scalar("!GetAtt", ".".join(told))
    return writer.represent_mapping("tag:yaml.org,2002:map", value, flow_style=False)


_Writer.add_representer(dict, _mapping)


def written(document: dict[str, Any]) -> str:
    """The template as YAML, its sections and resources set apart by empty lines."""
    parts = []
    for section, content in document.items():
        text = yaml.dump({section: content}, Dumper=_Writer, sort_keys=False, width=110, allow_unicode=True)
        parts.append(_apart(text) if section == "Resources" else text)
    return "\n".join(parts)


def _apart(section: str) -> str:
    """An empty line before each resource but the first."""
    first, *lines = section.splitlines(keepends=True)
    starts = [number for number, line in enumerate(lines) if line.startswith("  ") and line[2] not in " -"]
    return first + "".join(("\n" if number in starts[1:] else "") + line for number, line in enumerate(lines))

"""A design's resources as Terraform's resource blocks."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from streamctl.engine.block import CLOUD_CONTROL, Code
from streamctl.engine.declaration import REF
from streamctl.engine.references import fill, is_open, references
from streamctl.errors import PluginError
from streamctl.exporters.hcl import Template, block
from streamctl.exporters.holes import each_text, pieces
from streamctl.exporters.links import Links

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamctl.engine.block import Block
    from streamctl.engine.references import Attributes
    from streamctl.engine.resource import Resource
    from streamctl.pipeline.design import Design

KNOWN = {
    ("pipeline", "name"): "var.pipeline_name",
    ("aws", "account"): "data.aws_caller_identity.current.account_id",
    ("aws", "partition"): "data.aws_partition.current.partition",
    ("aws", "region"): "data.aws_region.current.region",
    ("module_", "path"): "path.module",
}
"""What stands for itself in every module."""


class Blocks:
    """The blocks of every resource. Raises PluginError for a kind that Terraform cannot express."""

    def __init__(self, design: Design) -> None:
        self._design = design
        self._of = {each.id: each.terraform() for each in design.resources}
        self._refuse_what_meets()

    def _refuse_what_meets(self) -> None:
        found: dict[str, str] = {}
        for name, blocks in self._of.items():
            for address in (_address(name, each) for each in blocks):
                if address in found:
                    raise PluginError(
                        f"Terraform cannot express {name}: {address} is {found[address]} already.",
                        "Choose another id for one of them.",
                    )
                found[address] = name

    def written(self) -> Iterator[str]:
        """Each block, those of one resource after another, in the order of the recipe."""
        links = Links(self._design, self.told)
        for resource in self._design.resources:
            for number, each in enumerate(self._of[resource.id]):
                is_part = number > 0

                def linked(text: str, source: str = resource.id, is_part: bool = is_part) -> str:
                    return links.linked(text, source, is_part=is_part)

                open_ = each_text(each.arguments, linked)
                before = [] if is_part else self._waits_for(resource, open_)
                arguments = {**self.filled(open_), **({"depends_on": before} if before else {})}
                yield block(f'resource "{each.type}" "{_label(resource.id, each)}"', arguments)

    def imports(self, known: Attributes) -> Iterator[str]:
        """An `import` block for each of them that has an identity now; `known` are the attributes of what runs.

        Raises PluginError for a kind of which Terraform can import nothing.
        """
        for resource in self._design.resources:
            first, *_ = self._of[resource.id]
            if not first.identity:
                raise PluginError(
                    f"Terraform cannot take over {resource.id}: {first.type}, as the resource kind {resource.kind} is "
                    "declared, does not say by what it is found.",
                    f"Give the Block of {type(resource).__name__} an identity, or turn the feature off.",
                )
            for each in self._of[resource.id]:
                identity = fill(each.identity, known)
                if identity and not is_open(identity):
                    yield block("import", {"to": Code(_address(resource.id, each)), "id": identity})

    def told(self, name: str, attribute: str) -> bool:
        """Terraform tells the attribute; that of a resource it sees as a reference."""
        return self._expression(name, attribute) != ""

    def filled(self, value: Any) -> Any:
        """The value with every hole as an expression."""
        return each_text(value, self._text)

    def _text(self, text: str) -> str | Code | Template:
        found = pieces(self._design, text, self.told, "Terraform")
        joined: list[str | Code] = []
        for each in found:
            if isinstance(each, str) and joined and isinstance(joined[-1], str):
                joined[-1] += each
            else:
                joined.append(each if isinstance(each, str) else Code(self._expression(*each)))
        if not joined:
            return ""
        return joined[0] if len(joined) == 1 else Template(tuple(joined))

    def _expression(self, name: str, attribute: str) -> str:
        """How Terraform tells the attribute; empty where it does not."""
        if name not in self._of:
            return KNOWN.get((name, attribute), "")
        resource, first = self._design.graph.resources[name], self._of[name][0]
        address = _address(name, first)
        if by := resource.terraform_attributes.get(attribute):
            return f"{address}.{by}"
        by = resource.cloudformation_attributes.get(attribute, "")
        if first.type != CLOUD_CONTROL or not by:
            return ""
        keys = "".join(f"[{json.dumps(key)}]" for key in by.split("."))
        return f"{address}.id" if by == REF else f"jsondecode({address}.properties){keys}"

    def _waits_for(self, resource: Resource, arguments: Any) -> list[Code]:
        """What Terraform does not see in the references."""
        graph = self._design.graph
        found: set[tuple[str, str]] = set()
        each_text(arguments, lambda text: found.update(references(text)))
        seen = {name for name, attribute in found if self.told(name, attribute)}
        return [
            Code(_address(name, each))
            for name in graph.order
            if name in graph.needs[resource.id]
            for number, each in enumerate(self._of[name])
            if name not in seen or (number > 0 and (each.awaited or name in resource.after))
        ]


def _address(resource_id: str, of: Block) -> str:
    return f"{of.type}.{_label(resource_id, of)}"


def _label(resource_id: str, of: Block) -> str:
    """`role`, `ReadOnly` → `role_read_only`"""
    words = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])", of.part)
    return "_".join([resource_id, *(word.lower() for word in words)])

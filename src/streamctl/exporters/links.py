"""Names and ARNs that are written out in a design, as references to what they name, where that makes no circle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.engine.references import is_open

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamctl.engine.resource import Resource
    from streamctl.pipeline.design import Design


class Links:
    """What refers to what, so far. One answer depends on those before it: ask in the order of the design."""

    def __init__(self, design: Design, told: Callable[[str, str], bool]) -> None:
        self._design = design
        self._told = told
        self._needs = {name: set(needed) for name, needed in design.graph.needs.items()}

    def linked(self, text: str, source: str, *, is_part: bool) -> str:
        """The text with a hole for what it names: a whole name, or an ARN that it begins with.

        `source` is the resource it stands in; only a part of that may refer to the resource itself.
        """
        if not is_open(text) or text == self._design.graph.resources[source].name:
            return text
        for resource in self._design.resources:
            if (hole := self._hole(text, resource)) and self._allows(source, resource.id, is_part=is_part):
                self._needs[source] |= {resource.id} - {source}
                return hole
        return text

    def _hole(self, text: str, resource: Resource) -> str:
        if text == resource.name and self._told(resource.id, "name"):
            return resource.ref("name")
        arn = resource.arn
        if arn and f"{text}:".startswith((f"{arn}:", f"{arn}/")) and self._told(resource.id, "arn"):
            return resource.ref("arn") + text.removeprefix(arn)
        return ""

    def _allows(self, source: str, target: str, *, is_part: bool) -> bool:
        return is_part if source == target else not self._reaches(target, source)

    def _reaches(self, start: str, end: str) -> bool:
        found, left = {start}, [start]
        while left:
            new = self._needs[left.pop()] - found
            found |= new
            left += new
        return end in found

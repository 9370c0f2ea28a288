"""The holes of a design, as far as another tool can fill them by what it knows itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.engine.references import split
from streamctl.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamctl.pipeline.design import Design


def pieces(design: Design, text: str, told: Callable[[str, str], bool], tool: str) -> Iterator[str | tuple[str, str]]:
    """The text and its holes, each (id, attribute); in the place of one that is not `told`, what its name decides.

    Raises PluginError for an attribute that the tool tells nobody, and that no name decides.
    """
    for piece in split(text):
        if isinstance(piece, str) or told(*piece):
            yield piece
        else:
            yield from pieces(design, _decided(design, *piece, tool), told, tool)


def _decided(design: Design, name: str, attribute: str, tool: str) -> str:
    """An attribute that is sure without a look."""
    resource = design.graph.resources[name]
    decided = {"name": resource.name, "arn": resource.arn}.get(attribute)
    if not decided:
        raise PluginError(f"{tool} tells nobody the {attribute} of {name}, a {resource.kind}.")
    return decided

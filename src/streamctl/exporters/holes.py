"""The holes of a design, as far as another tool can fill them by what it knows itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamctl.engine.block import Call, Nested
from streamctl.engine.references import is_open, split
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


def each_text(value: Any, change: Callable[[str], Any]) -> Any:
    """The value with every text in it changed, and of the names of arguments those that have holes."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Nested):
        return Nested(each_text(value.arguments, change))
    if isinstance(value, Call):
        return Call(value.function, each_text(value.argument, change))
    if hasattr(value, "items"):
        return {change(key) if is_open(key) else key: each_text(inner, change) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [each_text(inner, change) for inner in value]
    return value

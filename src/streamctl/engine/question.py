"""What a script asks of AWS, where the engine would read: one call, and the part of its answer that is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Question(NamedTuple):
    """Its texts may have holes."""

    service: str
    """As the SDK names it: `lambda`."""
    operation: str
    """As a client calls it: `get_function_configuration`."""
    parameters: Mapping[str, Any]
    path: str
    """Where in the answer, in JMESPath: `StreamDescriptionSummary.StreamStatus`."""
    wanted: str = ""
    """What is said there once the thing is ready, where that is what is asked."""


def literal(text: str) -> str:
    """A text within a path."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

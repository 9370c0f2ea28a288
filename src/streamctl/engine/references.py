"""A reference is a string with a hole: `${stream.arn}` is the `arn` of the resource with the id `stream`.

Holes may stand anywhere in a resource's fields, inside longer strings too. `${aws.region}`, `${aws.account}` and
`${aws.partition}` are always known and make no edge in the graph. Neither does `${pipeline.name}`, which stands in the
names of a pipeline that is written down for another tool.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamctl.engine.resource import Resource

HOLE = re.compile(r"\$\{([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)\}")
R = TypeVar("R", bound="Resource")

Attributes = Mapping[str, Mapping[str, str]]
"""What is known so far: resource id to its attributes."""


def references(value: Any) -> Iterator[tuple[str, str]]:
    """Every (id, attribute) that a value refers to, however deep."""
    if isinstance(value, str):
        yield from HOLE.findall(value)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from references(key)
            yield from references(inner)
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from references(inner)
    elif is_dataclass(value):
        for field in fields(value):
            yield from references(getattr(value, field.name))


def split(text: str) -> list[str | tuple[str, str]]:
    """A text as what stands between its holes, and the (id, attribute) of each hole, in order; nothing empty."""
    pieces: list[str | tuple[str, str]] = []
    end = 0
    for hole in HOLE.finditer(text):
        pieces += [text[end : hole.start()], (hole[1], hole[2])]
        end = hole.end()
    return [piece for piece in (*pieces, text[end:]) if piece]


def fill(value: Any, known: Attributes) -> Any:
    """The value with every hole filled that can be; the others stay."""
    if isinstance(value, str):
        return HOLE.sub(lambda hole: known.get(hole[1], {}).get(hole[2], hole[0]), value)
    if isinstance(value, Mapping):
        return {fill(key, known): fill(inner, known) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(fill(inner, known) for inner in value)
    return value


def filled(resource: R, known: Attributes) -> R:
    """The resource with its holes filled as far as `known` goes."""
    changed = {
        field.name: fill(getattr(resource, field.name), known)
        for field in fields(resource)
        if next(references(getattr(resource, field.name)), None)
    }
    return replace(resource, **changed) if changed else resource


def is_open(value: Any) -> bool:
    """A hole is left: what it refers to does not exist yet."""
    return next(references(value), None) is not None

"""Names that are free; values and calls on one line where they fit, else an item a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

WIDTH = 90
"""Of what stands on one line; names before it and its own indentation come on top."""


def free(name: str, taken: Container[str]) -> str:
    """The name, or one beside it where it is taken: `function_`."""
    while name in taken:
        name += "_"
    return name


def listed(opening: str, items: Sequence[str], closing: str, *, step: str, inner: str = "") -> str:
    """`[a, b]`, or each item on its own line; `inner` stands inside of the brackets where all is on one line."""
    line = f"{opening}{inner}{', '.join(items)}{inner}{closing}"
    if not items:
        return opening + closing
    if len(line) <= WIDTH and "\n" not in line:
        return line
    return "\n".join([opening, *(indented(f"{item},", step) for item in items), closing])


def inside(statements: Sequence[str], step: str) -> str:
    """Groups of statements, set apart by empty lines, within a body."""
    return "\n".join(indented(statement, step) for statement in statements)


def indented(text: str, step: str) -> str:
    """Lines end with a line feed alone here: a text may hold other characters that Unicode ends lines with."""
    return "\n".join(line and step + line for line in text.split("\n"))

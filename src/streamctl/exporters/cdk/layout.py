"""Values and calls on one line where they fit, else an item a line."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 90
"""Of what stands on one line; names before it and its own indentation come on top."""


def listed(opening: str, items: Sequence[str], closing: str, *, step: str, inner: str = "") -> str:
    """`[a, b]`, or each item on its own line; `inner` stands inside of the brackets where all is on one line."""
    line = f"{opening}{inner}{', '.join(items)}{inner}{closing}"
    if not items:
        return opening + closing
    if len(line) <= WIDTH and "\n" not in line:
        return line
    return "\n".join([opening, *(indent(f"{item},", step) for item in items), closing])


def inside(statements: Sequence[str], step: str) -> str:
    """Groups of statements, set apart by empty lines, within a body."""
    return "\n".join(indent(statement, step) for statement in statements)

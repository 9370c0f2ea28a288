"""Text as bash reads it: what a script says is what was meant, whatever the text holds."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_IN_QUOTES = re.compile(r'[\\$"`]')
_IN_DOCUMENT = re.compile(r"[\\$`]")


class Variable(NamedTuple):
    """A variable of the shell, among pieces of text."""

    name: str


def word(pieces: Iterable[str | Variable]) -> str:
    """One word of a command."""
    found = list(pieces)
    if any(isinstance(piece, Variable) or "'" in piece for piece in found):
        return f'"{_expanded(found, _IN_QUOTES)}"'
    return shlex.quote("".join(map(str, found)))


def document(pieces: Iterable[str | Variable]) -> str:
    """Lines of a here-document."""
    return _expanded(list(pieces), _IN_DOCUMENT)


def _expanded(pieces: Sequence[str | Variable], special: re.Pattern[str]) -> str:
    return "".join(
        _named(piece, after) if isinstance(piece, Variable) else special.sub(r"\\\g<0>", piece)
        for piece, after in pairwise([*pieces, ""])
    )


def _named(variable: Variable, after: str | Variable) -> str:
    """`$NAME`, in braces where the name would go on."""
    goes_on = isinstance(after, str) and re.match(r"[A-Za-z0-9_\[]", after)
    return f"${{{variable.name}}}" if goes_on else f"${variable.name}"

"""Terraform's language (HCL), laid out as `terraform fmt` does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from streamctl.engine.block import Call, Code, Nested

STEP = "  "
WIDTH = 100
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_OPENING = re.compile(r"([$%])\1*\{")
"""What begins a template, and the same signs before it, which would be read with it."""


@dataclass(frozen=True)
class Template:
    """A text with expressions in it."""

    pieces: tuple[str | Code, ...]


_SCALARS = (str, int, float, Code, Template)


def block(header: str, arguments: Mapping[str, Any]) -> str:
    """`header { … }` and the end of its line; a `Nested` among the arguments, or a list of them, is a block."""
    lines = list(_body(arguments))
    return "\n".join([f"{header} {{", *_inside(lines), "}\n"]) if lines else f"{header} {{}}\n"


def arguments(values: Mapping[str, Any]) -> str:
    """Arguments alone, as in a file of values."""
    return "".join(f"{line}\n" for line in _body(values))


def expression(value: Any) -> str:
    """A value, on as many lines as it takes; those after the first are indented as if it began at the margin."""
    if isinstance(value, Code):
        return value.text
    if isinstance(value, Call):
        return f"{value.function}({expression(value.argument)})"
    if isinstance(value, str | Template):
        return _quoted(value)
    if isinstance(value, Mapping):
        return _lines("{", _aligned([(_key(key), expression(inner)) for key, inner in value.items()]), "}")
    if isinstance(value, list | tuple):
        return _listed(value)
    return _plain(value)


def _body(arguments: Mapping[str, Any]) -> Iterator[str]:
    """The arguments in their order, blocks set apart by empty lines."""
    parts: list[list[str]] = []
    for is_nested, run in groupby(arguments.items(), lambda item: bool(_nested(item[1]))):
        if is_nested:
            parts += [block(name, each.arguments)[:-1].split("\n") for name, value in run for each in _nested(value)]
        else:
            parts.append(_aligned([(name, expression(value)) for name, value in run]))
    for number, part in enumerate(parts):
        yield from ("", *part) if number else part


def _nested(value: Any) -> list[Nested]:
    found = value if isinstance(value, list | tuple) else [value]
    return [each for each in found if isinstance(each, Nested)]


def _aligned(items: list[tuple[str, str]]) -> list[str]:
    """`name = value`, with the signs of neighbouring lines below each other."""
    lines: list[str] = []
    together: list[tuple[str, str]] = []
    for name, value in items:
        if "\n" not in value:
            together.append((name, value))
            continue
        lines += [*_below(together), *f"{name} = {value}".split("\n")]
        together = []
    return [*lines, *_below(together)]


def _below(items: list[tuple[str, str]]) -> list[str]:
    width = max((len(name) for name, _ in items), default=0)
    return [f"{name:<{width}} = {value}" for name, value in items]


def _listed(values: list[Any] | tuple[Any, ...]) -> str:
    written = [expression(value) for value in values]
    line = f"[{', '.join(written)}]"
    if all(isinstance(value, _SCALARS) for value in values) and len(line) <= WIDTH:
        return line
    return _lines("[", [line for each in written for line in f"{each},".split("\n")], "]")


def _lines(opening: str, lines: list[str], closing: str) -> str:
    return "\n".join([opening, *_inside(lines), closing]) if lines else opening + closing


def _inside(lines: list[str]) -> list[str]:
    return [line and STEP + line for line in lines]


def _key(key: str | Template | Code) -> str:
    if isinstance(key, Code):
        return f"({key.text})"
    return key if isinstance(key, str) and _NAME.fullmatch(key) and key != "for" else _quoted(key)


def _plain(value: Any) -> str:
    """A number, a truth, or nothing; a whole number is written as one."""
    return json.dumps(int(value) if isinstance(value, float) and value.is_integer() else value)


def _quoted(value: str | Template) -> str:
    pieces = (value,) if isinstance(value, str) else value.pieces
    texts = [piece if isinstance(piece, Code) else _escaped(piece) for piece in pieces]
    return '"' + "".join(_placed(texts)) + '"'


def _placed(pieces: list[str | Code]) -> Iterator[str]:
    """Each piece as it stands in the quotes; a `$` just before an expression would mark it as none."""
    for piece, following in zip(pieces, [*pieces[1:], ""], strict=True):
        if isinstance(piece, Code):
            yield f"${{{piece.text}}}"
        elif isinstance(following, Code):
            yield re.sub(r"\$+$", lambda found: r"\u0024" * len(found[0]), piece)
        else:
            yield piece


def _escaped(text: str) -> str:
    """As JSON escapes it, and what would begin a template marked as none."""
    quoted = json.dumps(text, ensure_ascii=False)[1:-1].replace(r"\b", r"\u0008").replace(r"\f", r"\u000c")
    return _OPENING.sub(lambda found: _code(found[1]) * (len(found[0]) - 2) + found[1] * 2 + "{", quoted)


def _code(sign: str) -> str:
    return f"\\u{ord(sign):04x}"

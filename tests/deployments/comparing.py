"""Telling two deployments apart, setting by setting, and who deployed each."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .reading import Deployment

OWNER = re.compile(r"streamctl:(pipeline|export)|aws:cloudformation:.+")
"""The tags that say who deployed: the only ones in which two deployments may differ."""
LONGEST = 60
"""Characters shown of what one side lacks as a whole."""
_NOTHING = object()


def differences(one: Deployment, other: Deployment) -> list[str]:
    """A line for each setting that is not the same: `path: left ≠ right`; nothing is said of the owner's tags."""
    return list(_differences(one, other, ""))


def owners(deployment: Deployment) -> dict[str, dict[str, str]]:
    """The owner's tags of each thing that has any, by kind and name."""
    things = {f"{kind} {name}": told for kind, things in deployment.items() for name, told in things.items()}
    found = {thing: dict(_owner_tags(told)) for thing, told in things.items()}
    return {thing: tags for thing, tags in found.items() if tags}


def _owner_tags(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            if OWNER.fullmatch(key):
                yield key, each
            else:
                yield from _owner_tags(each)


def _differences(one: Any, other: Any, path: str) -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            if not OWNER.fullmatch(key):
                step = f"{path}.{key}" if path else key
                yield from _differences(one.get(key, _NOTHING), other.get(key, _NOTHING), step)
    elif isinstance(one, list) and isinstance(other, list):
        for place in range(max(len(one), len(other))):
            left, right = (each[place] if place < len(each) else _NOTHING for each in (one, other))
            yield from _differences(left, right, f"{path}[{place}]")
    elif type(one) is not type(other) or one != other:
        yield f"{path}: {_shown(one)} ≠ {_shown(other)}"


def _shown(value: Any) -> str:
    if value is _NOTHING:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return f"{text[:LONGEST]}…" if isinstance(value, dict | list) and len(text) > LONGEST else text

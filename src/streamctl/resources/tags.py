"""Tags are a mapping here; half of AWS takes and answers them as a list of pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def to_pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """`[{"Key": …, "Value": …}]`"""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def from_pairs(pairs: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The mapping; a pair without a value stands for an empty one."""
    return {pair["Key"]: pair.get("Value", "") for pair in pairs}

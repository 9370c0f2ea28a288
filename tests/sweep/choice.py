"""Which part of the sweep is asked for: STREAMCTL_SWEEP is `all`, or a fifth, 0 to 4."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar
from zlib import crc32

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

T = TypeVar("T")

FIFTHS = 5

skip_unless_asked_for = pytest.mark.skipif(not os.environ.get("STREAMCTL_SWEEP"), reason="slow: set STREAMCTL_SWEEP")


def chosen_parts(parts: int) -> list[int]:
    """Parts, a multiple of five, so that several processes can share a fifth."""
    chosen = os.environ.get("STREAMCTL_SWEEP") or "all"
    return [part for part in range(parts) if chosen == "all" or part % FIFTHS == int(chosen)]


def belongs_to(part: int, fault: object, parts: int) -> bool:
    """The same in every process, even where one of them sees a call more or less."""
    return crc32(str(fault).encode()) % parts == part


def thoroughly(few: Sequence[T], many: Iterable[T]) -> list[T]:
    """A few examples in every run of the tests, many where the sweep is asked for."""
    return list(many) if os.environ.get("STREAMCTL_SWEEP") else list(few)

"""What `verify` looks at: one look, and what a look of a feature is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from streamctl.aws import Aws


@dataclass(frozen=True)
class Check:
    """One look. `passed` is None where nothing can be said yet."""

    name: str
    passed: bool | None
    detail: str
    hint: str = ""
    evidence: tuple[str, ...] = ()
    """A few of the lines or items seen."""


@dataclass(frozen=True)
class Situation:
    """When a look is taken: `sent_at` is when the last run that is accounted for ended, if any."""

    aws: Aws
    now: datetime
    sent_at: datetime | None


Look = Callable[[Situation], Iterable[Check]]
"""What `Pipeline.check` takes: looks, changes nothing, and tells what it saw."""

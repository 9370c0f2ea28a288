"""What `verify` looks at: one look, and what a look of a feature is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamctl.errors import PluginError, StreamctlError

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


def guarded(look: Look, blame: Callable[[BaseException, str], PluginError]) -> Look:
    """The look, as a failed check where its own code fails; what AWS refuses is raised as ever."""

    def guard(situation: Situation) -> list[Check]:
        from streamctl.aws.failures import is_sdk_error

        try:
            checks = list(look(situation))
            if strange := [each for each in checks if not isinstance(each, Check)]:
                raise TypeError(f"{strange[0]!r} is no Check")  # noqa: TRY301
        except (Exception, SystemExit) as error:
            is_ours = isinstance(error, StreamctlError) and not isinstance(error, PluginError)
            if is_ours or is_sdk_error(error):
                raise
            told = blame(error, "failed")
            name = getattr(look, "__name__", type(look).__name__)
            return [Check(name, passed=False, detail=told.message, hint=told.hint or "")]
        return checks

    return guard

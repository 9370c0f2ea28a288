"""What became of a change: heard step by step, and summed up in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from streamctl.errors import PartialError, PluginError, StreamctlError

if TYPE_CHECKING:
    from streamctl.engine.plan import Step


class Observer(Protocol):
    """Hears what happens, from several threads."""

    def started(self, step: Step) -> None: ...
    def finished(self, step: Step, seconds: float) -> None: ...
    def failed(self, step: Step, error: StreamctlError) -> None: ...
    def skipped(self, step: Step, because: str) -> None: ...
    def noted(self, step: Step, remark: str) -> None: ...


@dataclass
class Outcome:
    """Ids by what became of them."""

    done: set[str] = field(default_factory=set)
    failed: dict[str, StreamctlError] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)

    @property
    def in_the_way(self) -> set[str]:
        """What is still there, as AWS says, so that nothing it needs can go."""
        failed = {name for name, error in self.failed.items() if not isinstance(error, PluginError)}
        return failed | self.skipped

    def raise_if_partial(self, command: str) -> None:
        """Raises the one error where nothing else went wrong or right, PartialError otherwise."""
        if not self.failed:
            return
        first = next(iter(self.failed.values()))
        if len(self.failed) == 1 and not self.done:
            raise first
        names = ", ".join(self.failed)
        raise PartialError(
            f"Not everything is done: {names} failed. First: {first.message}",
            f"{first.hint or 'Mend what it names.'} Then run `streamctl {command}` again: it continues from here.",
        )

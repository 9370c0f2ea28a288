"""The steps of a change on the terminal: listed up front, each with its state; a line each where nobody watches."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from streamctl.cli.terminal import seconds
from streamctl.engine.plan import Action, Step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.table import Table

    from streamctl.cli.terminal import Terminal
    from streamctl.engine.resource import Live
    from streamctl.errors import StreamctlError

WORDS = {
    Action.CREATE: ("create", "created"),
    Action.UPDATE: ("update", "updated"),
    Action.REPLACE: ("replace", "replaced"),
    Action.DELETE: ("delete", "deleted"),
    Action.ADOPT: ("take over", "taken over"),
    Action.KEEP: ("keep", "as it should be"),
}


class Steps:
    """An observer of `Applier`. Use it in a `with`; keeps what happened for the JSON document."""

    def __init__(self, terminal: Terminal, expected: Iterable[Step]) -> None:
        self._terminal = terminal
        self._lines = {step.resource.id: (step, "waiting", "dim") for step in expected}
        self._lock = threading.Lock()
        self._live: Any = None
        self.happened: list[dict[str, Any]] = []
        self.deleted: list[Live] = []
        """As it was."""

    def __enter__(self) -> Steps:
        if self._terminal.is_live:
            from rich.live import Live

            self._live = Live(console=self._terminal.err, get_renderable=self._table, refresh_per_second=8)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def started(self, step: Step) -> None:
        self._set(step, f"{WORDS[step.action][0]} …", "cyan")

    def finished(self, step: Step, took: float) -> None:
        done = WORDS[step.action][1]
        if step.action is Action.DELETE and step.live is None:
            self._set(step, "was not there", "dim")
            return
        if step.action is Action.DELETE and step.live:
            self.deleted.append(step.live)
        if step.action is not Action.KEEP:
            self._record(step, done, seconds=round(took, 3))
            self._line(f"✓ {done} {step.resource.kind} {step.resource.name} ({seconds(took)})")
        self._set(step, f"✓ {done}" + (f" ({seconds(took)})" if step.action is not Action.KEEP else ""), "green")

    def failed(self, step: Step, error: StreamctlError) -> None:
        self._record(step, "failed", error=error.message)
        self._line(f"✗ {error.message}")
        self._set(step, f"✗ {error.message}", "red")

    def skipped(self, step: Step, because: str) -> None:
        self._record(step, "skipped", because=because)
        self._line(f"- skipped {step.resource.kind} {step.resource.name}: it needs {because}")
        self._set(step, f"- skipped: it needs {because}", "yellow")

    def noted(self, step: Step, remark: str) -> None:
        self._record(step, "noted", remark=remark)
        self._terminal.say(f"! {step.resource.kind} {step.resource.name} {remark}", "yellow")

    def _record(self, step: Step, result: str, **more: Any) -> None:
        with self._lock:
            resource = step.resource
            self.happened.append(
                {"id": resource.id, "kind": resource.kind, "name": resource.name, "result": result, **more}
            )

    def _set(self, step: Step, text: str, style: str) -> None:
        with self._lock:
            self._lines[step.resource.id] = (step, text, style)

    def _line(self, text: str) -> None:
        if not self._live:
            self._terminal.say(text)

    def _table(self) -> Table:
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2))
        with self._lock:
            for step, text, style in self._lines.values():
                table.add_row(Text(step.resource.kind, "dim"), Text(step.resource.name), Text(text, style))
        return table

"""`streamctl plan`: what would change, without changing it."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from streamctl.cli.changes import tell_remarks
from streamctl.cli.options import Session, command
from streamctl.cli.terminal import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamctl.engine.plan import Plan, Step
    from streamctl.workspace import Workspace

LONGEST_VALUE = 60
LEAD = 12
"""Characters shown before the place where two long values part."""


def register(app: typer.Typer) -> None:
    command(app, "plan")(plan)


def plan(session: Session) -> None:
    """Show what `up` would change."""
    workspace = session.open(create=True)
    looking = f"Looking at {workspace.name} in {workspace.target.region}"
    with workspace.locked(), session.terminal.waiting(looking):  # the lock keeps the name that was drawn
        planned = workspace.plan()
        tell_remarks(session, workspace)
        lost = [step.resource.name for step in planned.changes if _loses_data(step, workspace)]
    session.terminal.result(document(workspace.name, planned), lambda: _show(session, planned, lost))
    if planned.changes:
        session.terminal.next("streamctl up")


def document(name: str, planned: "Plan") -> dict[str, Any]:
    return {
        "name": name,
        "changes": [described(step) for step in planned.changes],
        "unchanged": len(planned.steps) - sum(step.resource.id in planned.steps for step in planned.changes),
    }


def described(step: "Step") -> dict[str, Any]:
    return {
        "id": step.resource.id,
        "kind": step.resource.kind,
        "name": step.resource.name,
        "action": step.action.value,
        "settings": {key: {"is": there, "becomes": wanted} for key, (there, wanted) in step.differences.items()},
    }


def _show(session: Session, planned: "Plan", lost: list[str]) -> None:
    changes = planned.changes
    if not changes:
        session.terminal.show("Nothing to change: everything is as configured.")
        return
    rows = [[step.action.value, step.resource.kind, step.resource.name, changed_settings(step)] for step in changes]
    session.terminal.table(["", "kind", "name", "settings"], rows)
    session.terminal.show(f"{counted(len(changes), 'change')}; {len(planned.steps)} resources in all.")
    if lost:
        session.terminal.say(f"This deletes data: {', '.join(lost)}.", "bold red")


def _loses_data(step: "Step", workspace: "Workspace") -> bool:
    from streamctl.verify.notifications import LISTENERS

    loses = step.action.value in ("replace", "delete") and bool(step.live) and step.resource.has_data(workspace.aws)
    return loses and step.resource.id not in LISTENERS


def changed_settings(step: "Step") -> str:
    lines = (line for key, (there, wanted) in step.differences.items() for line in differing(key, there, wanted))
    return "\n".join(lines)


def differing(key: str, there: object, wanted: object) -> "Iterator[str]":
    """A line for each value that is another one; of mappings only for what differs in them."""
    if isinstance(there, Mapping) and isinstance(wanted, Mapping) and there and wanted:
        for name in dict.fromkeys([*there, *wanted]):
            if there.get(name) != wanted.get(name):
                yield from differing(f"{key}.{name}", there.get(name), wanted.get(name))
    else:
        yield "{}: {} → {}".format(key, *_short(_text(there), _text(wanted)))


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=list, ensure_ascii=False)


def _short(there: str, wanted: str) -> tuple[str, str]:
    """Long texts from shortly before the place where they part."""
    length = min(len(there), len(wanted))
    parted = next((place for place in range(length) if there[place] != wanted[place]), length)
    start = max(0, parted - LEAD) if max(len(there), len(wanted)) > LONGEST_VALUE else 0
    return _cut(there, start), _cut(wanted, start)


def _cut(text: str, start: int) -> str:
    rest = f"…{text[start + 1 :]}" if start else text
    return rest if len(rest) <= LONGEST_VALUE else f"{rest[: LONGEST_VALUE - 1]}…"

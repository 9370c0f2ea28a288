"""`streamctl down`, also `teardown`: delete everything, wait, and prove that nothing is left."""

from typing import TYPE_CHECKING, Any

import typer

from streamctl.cli.options import Local, Session, Yes, command

if TYPE_CHECKING:
    from streamctl.workspace import Workspace


def register(app: typer.Typer) -> None:
    command(app, "down")(down)
    command(app, "teardown", help="The same as down.")(down)


def down(session: Session, yes: Yes = False, local: Local = False) -> None:
    """Delete the pipeline with all its data, and prove that nothing is left."""
    workspace = session.open(local=local, wake=True)
    if not yes:
        session.terminal.confirm(f"Delete the pipeline {workspace.name} with all its data?")
    deleted = remove(session, workspace)
    stopped = workspace.discard()
    document = {"name": workspace.name, "deleted": deleted, "left": 0, "emulator_stopped": stopped}
    session.terminal.result(document, lambda: _summary(session, workspace.name, len(deleted), stopped=stopped))


def remove(session: Session, workspace: "Workspace") -> list[dict[str, Any]]:
    """Delete everything and look, without the engine's help, whether anything is left. Raises CheckError."""
    from streamctl.errors import CheckError
    from streamctl.observe.inventory import inventory

    with workspace.locked():
        deleted = _delete(session, workspace)
        with session.terminal.waiting("Looking for anything left, by name and by tag"):
            left = inventory(workspace.aws, workspace.name)
    if left:
        names = ", ".join(f"{item.kind} {item.name}" for item in left)
        raise CheckError(f"Still there: {names}.", "Run `streamctl down` again, or delete it by hand.")
    return deleted


def _delete(session: Session, workspace: "Workspace") -> list[dict[str, Any]]:
    from streamctl.cli.steps import Steps
    from streamctl.engine.apply import Applier
    from streamctl.engine.plan import Action, Step

    graph = workspace.everything()
    expected = [Step(graph.resources[name], Action.DELETE) for name in reversed(graph.order)]
    with Steps(session.terminal, expected) as steps:
        outcome = Applier(workspace.aws, workspace.state, steps).destroy(graph)
    outcome.raise_if_partial("down")
    return steps.happened


def _summary(session: Session, name: str, deleted: int, *, stopped: bool) -> None:
    session.terminal.show(f"Pipeline {name}: {deleted} resources deleted, nothing left by name or by tag.")
    if stopped:
        session.terminal.show("The local emulator had no other pipeline and is stopped.")

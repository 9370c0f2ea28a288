"""`streamctl down`, also `teardown`: delete everything, wait, and prove that nothing is left."""

from typing import TYPE_CHECKING, Any

import typer

from streamctl.cli.options import Session, Yes, command
from streamctl.cli.terminal import counted

if TYPE_CHECKING:
    from streamctl.engine.resource import Live
    from streamctl.observe.inventory import Found
    from streamctl.workspace import Workspace

LISTINGS_PAUSE_SECONDS = 2.0  # a look is a dozen calls, each of them about the whole account
LISTINGS_LAG_SECONDS = 120  # AWS lists a deleted queue for up to a minute, other things for seconds


def register(app: typer.Typer) -> None:
    command(app, "down")(down)
    command(app, "teardown", help="The same as down.")(down)


def down(session: Session, yes: Yes = False) -> None:
    """Delete the pipeline with all its data, and prove that nothing is left."""
    workspace = session.open(wake=True)
    if not yes:
        session.terminal.confirm(f"Delete the pipeline {workspace.name} with all its data?")
    session.terminal.after_interruption = "Run `streamctl down` again: it continues."
    with workspace.locked():
        deleted = remove(session, workspace)
        kept = workspace.discard()
    stopped = _stop_emulator(session, workspace)
    document = {"name": workspace.name, "deleted": deleted, "left": 0, "unsent": kept, "emulator_stopped": stopped}
    session.terminal.result(document, lambda: _show(session, document))


def _stop_emulator(session: Session, workspace: "Workspace") -> bool:
    """The pipeline is gone; an emulator too busy to be stopped does not change that."""
    from streamctl.errors import EmulatorError

    try:
        return workspace.stop_idle_emulator()
    except EmulatorError as error:
        session.terminal.say(f"{error.message} {error.hint or ''}", "yellow")
        return False


def remove(session: Session, workspace: "Workspace") -> list[dict[str, Any]]:
    """Delete everything and look, without the engine's help, whether anything is left. Raises CheckError."""
    from streamctl.aws.waiting import wait_for
    from streamctl.errors import CheckError, DeadlineError
    from streamctl.observe.inventory import inventory

    deleted = _delete(session, workspace)
    _refuse_stranded(workspace)
    left: list[Found] = []

    def nothing_left() -> bool | None:
        left[:] = inventory(workspace.aws, workspace.name)
        return None if left else True

    with session.terminal.waiting("Looking for anything left, by name and by tag"):
        try:
            wait_for(
                nothing_left,
                what="the last resources to be gone",
                timeout_seconds=LISTINGS_LAG_SECONDS,
                pause_seconds=LISTINGS_PAUSE_SECONDS,
            )
        except DeadlineError:
            names = ", ".join(f"{item.kind} {item.name}" for item in left)
            raise CheckError(f"Still there: {names}.", "Run `streamctl down` again, or delete it by hand.") from None
    return deleted


def _delete(session: Session, workspace: "Workspace") -> list[dict[str, Any]]:
    from streamctl.cli.steps import Steps
    from streamctl.engine.apply import Applier
    from streamctl.engine.plan import Action, Step
    from streamctl.engine.references import filled
    from streamctl.engine.survey import surroundings

    graph, known = workspace.everything(), surroundings(workspace.aws)
    expected = [Step(filled(graph.resources[name], known), Action.DELETE) for name in reversed(graph.order)]
    with Steps(session.terminal, expected) as steps:
        outcome = Applier(workspace.aws, workspace.state, steps).destroy(graph)
    outcome.raise_if_partial("down")
    _tell_of_stacks(session, workspace, steps.deleted)
    return [line for line in steps.happened if line["result"] == "deleted"]


def _tell_of_stacks(session: Session, workspace: "Workspace", deleted: "list[Live]") -> None:
    """A stack that made what is gone now manages nothing any more, and is in the way of the next of its name."""
    from streamctl.adoption.stacks import made_by, standing

    for stack in standing(workspace.aws, map(made_by, deleted)).values():
        still = "is still there" if stack.is_certain else "may still be there"
        session.terminal.say(
            f"The CloudFormation stack {stack.name} {still}, and what it made is deleted. Delete it, too: "
            f"aws cloudformation delete-stack --stack-name {stack.name}",
            "yellow",
        )


def _refuse_stranded(workspace: "Workspace") -> None:
    """What nobody here can delete is named once all the rest is gone."""
    from streamctl.errors import PartialError

    stranded = workspace.stranded()
    if stranded:
        raise PartialError(
            f"All is deleted but {'; and '.join(map(str, stranded))}",
            "Install the plugin that made it and run `streamctl down` again; or delete it by hand, then forget the "
            f"pipeline by removing {workspace.folder}.",
        )


def _show(session: Session, document: dict[str, Any]) -> None:
    terminal, deleted = session.terminal, counted(len(document["deleted"]), "resource")
    terminal.show(f"Pipeline {document['name']}: {deleted} deleted, nothing left by name or by tag.")
    for file in document["unsent"]:
        terminal.show(f"Events that were never sent are kept in {file}.")
    if document["emulator_stopped"]:
        terminal.show("The local emulator had no other pipeline and is stopped.")

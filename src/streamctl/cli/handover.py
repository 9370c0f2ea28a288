"""`streamctl handover`: what lets another tool take over the pipeline that runs."""

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from streamctl.cli.export import WRITTEN_IN_PART, Force, Form, Output, exported, show_written
from streamctl.cli.options import Session, command
from streamctl.cli.terminal import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streamctl.engine.plan import Plan
    from streamctl.engine.resource import Live
    from streamctl.exporters.folder import Written
    from streamctl.workspace import Workspace

ASKED_FOR = re.compile(r"\$\{([A-Z_]+):\?")
"""A variable that the commands need, and the user has to set."""
SCRIPT, README = "handover.sh", "README.md"


def register(app: typer.Typer) -> None:
    command(app, "handover")(handover)


def handover(session: Session, form: Form, output: Output = None, force: Force = False) -> None:
    """Export the pipeline that runs, and print the commands by which the other tool takes it over. Changes nothing."""
    from streamctl.config import current_folder
    from streamctl.exporters.folder import write
    from streamctl.plugins import Catalogue

    catalogue = Catalogue()
    exporter = catalogue.handing_over(form)
    workspace = session.open()
    with workspace.locked(), session.terminal.waiting(f"Looking at {workspace.name} in {workspace.target.region}"):
        known = _known(workspace)
    drawn, files = exported(workspace.project, form, workspace.name)
    with catalogue.get(catalogue.EXPORTERS, form).blamed("failed"):
        more, commands = exporter.handover(drawn, known)
    folder = current_folder() / (output or form)
    settings = " ".join(f"{name}={shlex.quote(value)}" for name, value in workspace.aws.environment.items())
    commands = f"export {settings}\n{commands}"
    session.terminal.after_interruption = WRITTEN_IN_PART
    more = {**more, SCRIPT: _script(workspace.name, form, commands), README: _readme(form, files, more)}
    written = write(folder, form, {**files, **more}, force=force)
    document = {
        "format": form,
        "folder": str(folder),
        "files": written.places,
        "removed": written.removed,
        "commands": [_into(folder), *commands.splitlines()],
    }
    session.terminal.result(document, lambda: _show(session, folder, written, commands))


def _known(workspace: "Workspace") -> dict[str, Any]:
    """The attributes of all that runs. Raises UsageError where it is not as configured: a take-over changes nothing."""
    from streamctl.engine.survey import surroundings
    from streamctl.errors import UsageError

    planned: Plan = workspace.plan()
    if planned.changes:
        raise UsageError(
            f"{workspace.name} is not as configured: {counted(len(planned.changes), 'change')} outstanding.",
            "The other tool is told of the configuration: bring both together with `streamctl up` first.",
        )
    live = {name: step.live for name, step in planned.steps.items()}
    _refuse_stacks(workspace, live.values())
    told = {name: each.attributes for name, each in live.items() if each and not each.expires}
    return {**surroundings(workspace.aws), "pipeline": {"name": workspace.name}, **told}


def _refuse_stacks(workspace: "Workspace", lives: "Iterable[Live | None]") -> None:
    """What a stack manages already, `import` took from it, say, no tool can take over: raises UsageError."""
    from streamctl.adoption.stacks import made_by, standing
    from streamctl.errors import UsageError

    for stack in standing(workspace.aws, map(made_by, lives)).values():
        if stack.is_certain:
            raise UsageError(f"The CloudFormation stack {stack.name} manages it already.", stack.letting_go)


def _into(folder: Path) -> str:
    return f"cd {shlex.quote(str(folder))}"


def _script(name: str, form: str, commands: str) -> str:
    return f"""\
#!/bin/sh
# Lets {form} take over the pipeline {name}, of which nothing is taken over before this runs.
# It stops at the first command that fails, and goes on when it is run again.
#
# From then on all that can be tagged carries `streamctl:export` and not `streamctl:pipeline`, so that `up` and `down`
# of streamctl do not touch it; `streamctl import {name}` takes it back. Not tried on AWS itself.
set -eu
cd "$(dirname "$0")"

{commands}"""


def _readme(form: str, files: "Mapping[str, str | bytes]", more: "Mapping[str, str]") -> str:
    """The export's own, after what is to be done before."""
    names, own = ", ".join(f"`{name}`" for name in sorted(more)), files.get(README, "")
    return f"""\
> This folder lets {form} take over a pipeline that runs: `{SCRIPT}` does.
> What is said below of deploying is for later changes. Beside the export there are here: {names}.

{own if isinstance(own, str) else own.decode()}"""


def _show(session: Session, folder: Path, written: "Written", commands: str) -> None:
    terminal = session.terminal
    show_written(session, folder, written, ". Nothing is taken over yet: these commands do it.")
    print(f"\n{_into(folder)}\n{commands}")  # as they are: a terminal that breaks lines would break them
    terminal.show(f"They are in {SCRIPT} too, which stops at the first that fails.")
    asked = "".join(f"{name}=… " for name in ASKED_FOR.findall(commands))
    terminal.next(f"{asked}sh {shlex.quote(str(folder / SCRIPT))}")

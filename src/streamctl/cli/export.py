"""`streamctl export`: the pipeline as infrastructure code of another tool."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streamctl.cli.options import Session, command
from streamctl.cli.terminal import counted

if TYPE_CHECKING:
    from streamctl.config import Project
    from streamctl.exporters.folder import Written
    from streamctl.pipeline.design import Design


WRITTEN_IN_PART = "The folder may be written in part: run the same command again, which writes the rest."


def register(app: typer.Typer) -> None:
    command(app, "export")(export)


def _formats(incomplete: str) -> list[str]:
    from streamctl.plugins import Catalogue

    return [name for name in Catalogue().names(Catalogue.EXPORTERS) if name.startswith(incomplete)]


Form = Annotated[
    str,
    typer.Argument(metavar="FORMAT", help="One of those that `streamctl plugins` lists.", autocompletion=_formats),
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="The folder to write to; the format's name by default.")
]
Force = Annotated[bool, typer.Option(help="Overwrite what was changed there since the last export.")]


def export(session: Session, form: Form, output: Output = None, force: Force = False) -> None:
    """Write the pipeline as infrastructure code: CloudFormation, Terraform, CDK or a shell script. Needs no AWS."""
    from streamctl.config import current_folder, load
    from streamctl.exporters.folder import write
    from streamctl.workspace import Home, name_meant

    here = current_folder()
    project = load(here, session.request.overrides())
    folder = here / (output or form)
    _, files = exported(project, form, name_meant(project.config, Home(project.folder)))
    session.terminal.after_interruption = WRITTEN_IN_PART
    written = write(folder, form, files, force=force)
    document = {"format": form, "folder": str(folder), "files": written.places, "removed": written.removed}
    session.terminal.result(document, lambda: show_written(session, folder, written))
    session.terminal.next(f"see {folder / 'README.md'}")


def exported(project: "Project", form: str, name: str | None) -> "tuple[Design, dict[str, str | bytes]]":
    """The design, and the files of its export. Raises ConfigError, PluginError."""
    from streamctl.blueprint import design
    from streamctl.plugins import Catalogue

    catalogue = Catalogue()
    plugin = catalogue.get(catalogue.EXPORTERS, form)
    exporter = catalogue.exporter(form)
    drawn = design(project, catalogue, name)
    with plugin.blamed("failed"):
        return drawn, {**exporter.export(drawn), **drawn.code}


def show_written(session: Session, folder: Path, written: "Written", more: str = "") -> None:
    session.terminal.show(f"Wrote {counted(len(written.places), 'file')} to {folder}{more}")
    if written.removed:
        session.terminal.show(
            f"Took away what the earlier export had, and this one has not: {', '.join(written.removed)}"
        )

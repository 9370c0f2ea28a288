"""`streamctl init`: a commented streamctl.toml."""

from typing import Annotated

import typer

from streamctl.cli.options import Session, command


def register(app: typer.Typer) -> None:
    command(app, "init")(init)


def init(
    session: Session,
    force: Annotated[bool, typer.Option(help="Overwrite the file that is there.")] = False,
    preset: Annotated[
        str, typer.Option(help="'recipe': every default as it is; 'production': safer, and dearer, choices made.")
    ] = "recipe",
) -> None:
    """Write a streamctl.toml with every setting, its default and its limits."""
    from streamctl.config import FILE_NAME, Config, current_folder, load
    from streamctl.config.load import check
    from streamctl.config.starter import starter
    from streamctl.errors import UsageError

    text = starter(session.name, preset)
    folder = current_folder()
    file, above = folder / FILE_NAME, load(folder).folder
    if above != folder:
        session.terminal.say(f"The project in {above} is no longer seen from here.", "yellow")
    if file.exists() and not force:
        raise UsageError(f"{file} is there already.", "Edit it, or overwrite it with --force.")
    if session.name:
        check(Config, {"name": session.name}, "--name")
    file.write_text(text, encoding="utf-8")
    session.terminal.result({"file": str(file)}, lambda: session.terminal.show(f"Wrote {file}"))
    session.terminal.next("streamctl up --local", "on AWS: streamctl up")

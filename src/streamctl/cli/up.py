"""`streamctl up`."""

import typer

from streamctl.cli.options import Session, command


def register(app: typer.Typer) -> None:
    command(app, "up")(up)


def up(session: Session) -> None:
    """Build the whole pipeline, or bring it up to date; returns when a record has really come through."""
    from streamctl.cli.changes import bring_up

    bring_up(session, command="up")
    session.terminal.next("streamctl produce", "streamctl status")

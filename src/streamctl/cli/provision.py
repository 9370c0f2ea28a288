"""`streamctl provision`."""

import typer

from streamctl.cli.options import Session, command


def register(app: typer.Typer) -> None:
    command(app, "provision")(provision)


def provision(session: Session) -> None:
    """Make what holds data and rights: table, role, log group, queues, stream."""
    from streamctl.cli.changes import bring_up

    bring_up(session, command="provision", stage="provision")
    session.terminal.next("streamctl deploy")

"""`streamctl deploy`."""

import typer

from streamctl.cli.options import Session, command


def register(app: typer.Typer) -> None:
    command(app, "deploy")(deploy)


def deploy(session: Session) -> None:
    """Package and deploy the function, its event source mapping and what watches them."""
    from streamctl.cli.changes import bring_up

    bring_up(session, command="deploy", stage="deploy")
    session.terminal.next("streamctl produce", "streamctl status")

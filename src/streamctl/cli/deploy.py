"""`streamctl deploy`."""

import typer

from streamctl.cli.options import Local, Session, command


def register(app: typer.Typer) -> None:
    command(app, "deploy")(deploy)


def deploy(session: Session, local: Local = False) -> None:
    """Package and deploy the function, its event source mapping and what watches them."""
    from streamctl.cli.changes import bring_up

    bring_up(session, local=local, command="deploy", stage="deploy")
    session.terminal.next("streamctl produce", "streamctl status")

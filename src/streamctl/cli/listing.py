"""`streamctl ls`: the pipelines of an account, found by name and tag, without any local file."""

from typing import TYPE_CHECKING

import typer

from streamctl.cli.options import Local, Session, command

if TYPE_CHECKING:
    from streamctl.observe.inventory import Found


def register(app: typer.Typer) -> None:
    command(app, "ls")(ls)


def ls(session: Session, local: Local = False) -> None:
    """List the pipelines of this account and region."""
    from streamctl.observe.inventory import inventory
    from streamctl.workspace import Request, connect_here, current_folder

    request = Request(None, session.profile, session.region, session.endpoint_url, local)
    aws = connect_here(current_folder(), request)
    pipelines: dict[str, list[Found]] = {}
    for found in inventory(aws):
        if session.name in {None, found.pipeline}:
            pipelines.setdefault(found.pipeline, []).append(found)
    document = [
        {"name": name, "resources": [{"kind": item.kind, "name": item.name} for item in items]}
        for name, items in pipelines.items()
    ]

    def table() -> None:
        if not pipelines:
            session.terminal.show(f"No pipelines in account {aws.account}, region {aws.region}.")
            return
        rows = [[name, str(len(items))] for name, items in pipelines.items()]
        session.terminal.table(["name", "resources"], rows, right=["resources"])

    session.terminal.result(document, table)

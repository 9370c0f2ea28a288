"""`streamctl ls`: the pipelines of an account, found by tag, without any local file."""

import typer

from streamctl.cli.options import Session, command


def register(app: typer.Typer) -> None:
    command(app, "ls")(ls)


def ls(session: Session) -> None:
    """List the pipelines of this account and region."""
    from streamctl.config import current_folder
    from streamctl.observe.inventory import pipelines
    from streamctl.workspace import connect_here

    aws = connect_here(current_folder(), session.request)
    found = {name: items for name, items in pipelines(aws).items() if session.name in {None, name}}
    document = [
        {"name": name, "resources": [{"kind": item.kind, "name": item.name} for item in items]}
        for name, items in found.items()
    ]

    def table() -> None:
        if not found:
            session.terminal.show(f"No pipelines in account {aws.account}, region {aws.region}.")
            return
        rows = [[name, str(len(items))] for name, items in found.items()]
        session.terminal.table(["name", "resources"], rows, right=["resources"])

    session.terminal.result(document, table)

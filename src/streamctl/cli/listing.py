"""`streamctl ls`: the pipelines of an account, found by tag, without any local file."""

import typer

from streamctl.cli.options import Session, command


def register(app: typer.Typer) -> None:
    command(app, "ls")(ls)


def ls(session: Session) -> None:
    """List the pipelines of this account and region, those of exports too."""
    from streamctl.config import current_folder
    from streamctl.observe.inventory import owned, pipelines
    from streamctl.workspace import connect_here

    aws = connect_here(current_folder(), session.request)
    ours = owned(aws)
    found = {name: items for name, items in pipelines(aws).items() if session.name in {None, name}}
    document = [
        {
            "name": name,
            "exported": name not in ours,
            "resources": [{"kind": item.kind, "name": item.name} for item in items],
        }
        for name, items in found.items()
    ]

    def table() -> None:
        if not found:
            session.terminal.show(f"No pipelines in account {aws.account}, region {aws.region}.")
            return
        rows = [[name, str(len(items)), "streamctl" if name in ours else "an export"] for name, items in found.items()]
        session.terminal.table(["name", "resources", "of"], rows, right=["resources"])

    session.terminal.result(document, table)

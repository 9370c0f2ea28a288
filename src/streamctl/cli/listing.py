"""`streamctl ls`: the pipelines of an account, found by tag, without any local file."""

import typer

from streamctl.cli.options import Session, command


def register(app: typer.Typer) -> None:
    command(app, "ls")(ls)


def ls(session: Session) -> None:
    """List the pipelines of this account and region, those of exports too."""
    from streamctl.config import current_folder
    from streamctl.observe.inventory import pipelines
    from streamctl.workspace import connect_here

    aws = connect_here(current_folder(), session.request)
    found = {name: listed for name, listed in pipelines(aws).items() if session.name in {None, name}}
    document = [
        {
            "name": name,
            "exported": not listed.is_ours,
            "resources": [{"kind": item.kind, "name": item.name} for item in listed.resources],
        }
        for name, listed in found.items()
    ]

    def table() -> None:
        if not found:
            session.terminal.show(f"No pipelines in account {aws.account}, region {aws.region}.")
            return
        rows = [
            [name, str(len(listed.resources)), "streamctl" if listed.is_ours else "an export"]
            for name, listed in found.items()
        ]
        session.terminal.table(["name", "resources", "of"], rows, right=["resources"])

    session.terminal.result(document, table)

"""`streamctl policy operator|produce|verify|trace|…`: the least that whoever runs the commands has to be granted."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from streamctl.cli.options import Session, command, group

if TYPE_CHECKING:
    from streamctl.policy.document import Document

Account = Annotated[
    str | None, typer.Option(help="The AWS account, 12 digits; that of the pipeline or the credentials unless given.")
]
Part = Annotated[
    int | None, typer.Option(min=1, help="Print one part of a policy that is too long for a managed policy.")
]


def register(app: typer.Typer) -> None:
    commands = group(app, "policy", "The least privileges for each command, as IAM policies.")
    command(commands, "operator")(operator)
    command(commands, "produce")(produce)
    command(commands, "verify")(verify)
    command(commands, "trace")(trace)
    command(commands, "replay")(replay)
    command(commands, "scale")(scale)
    command(commands, "alarms")(alarms)
    command(commands, "anomalies")(anomalies)


def operator(session: Session, account: Account = None, part: Part = None) -> None:
    """Print the IAM policy for whoever builds, watches and removes the pipeline."""
    _print(session, "operator", account, part)


def produce(session: Session, account: Account = None, part: Part = None) -> None:
    """Print the IAM policy for whoever sends events."""
    _print(session, "produce", account, part)


def verify(session: Session, account: Account = None, part: Part = None) -> None:
    """Print the IAM policy for whoever accounts for the events."""
    _print(session, "verify", account, part)


def trace(session: Session, account: Account = None, part: Part = None) -> None:
    """Print the IAM policy for whoever follows single events."""
    _print(session, "trace", account, part)


def replay(session: Session, account: Account = None, part: Part = None) -> None:
    """Print the IAM policy for whoever sends again what failed."""
    _print(session, "replay", account, part)


def scale(session: Session, account: Account = None, part: Part = None) -> None:
    """Print the IAM policy for whoever changes the number of shards."""
    _print(session, "scale", account, part)


def alarms(session: Session, account: Account = None, part: Part = None) -> None:
    """Print the IAM policy for whoever looks at the alarms and tests them."""
    _print(session, "alarms", account, part)


def anomalies(session: Session, account: Account = None, part: Part = None) -> None:
    """Print the IAM policy for whoever looks at what the anomaly detector found."""
    _print(session, "anomalies", account, part)


def _print(session: Session, name: str, account: str | None, part: int | None) -> None:
    from streamctl.aws import partition_of
    from streamctl.config import current_folder
    from streamctl.errors import UsageError
    from streamctl.policy.audiences import AUDIENCES
    from streamctl.policy.document import document, parts
    from streamctl.policy.grants import Place, grants
    from streamctl.workspace import sketch_workspace

    if account and not (len(account) == 12 and account.isdecimal()):
        raise UsageError(f"--account {account} is not an AWS account.", "It has 12 digits.")
    workspace = sketch_workspace(current_folder(), session.request, account, session.go_without)
    for stranded in workspace.stranded():
        session.terminal.say(f"Nothing in it is for {stranded}", "yellow")
    target = workspace.target
    place = Place(target.account, target.region, partition_of(target.region))
    whole = document(grants(AUDIENCES[name], workspace.everything(), place, workspace.pipeline.looks.values()))
    pieces = parts(whole)
    if part and part > len(pieces):
        raise UsageError(f"There is no part {part}: the policy has {len(pieces)}.")
    _show(session, pieces[part - 1] if part else whole)
    session.terminal.say(_remark(name, whole, pieces, part), "dim")


def _show(session: Session, policy: "Document") -> None:
    session.terminal.result(policy, lambda: print(json.dumps(policy, indent=2)))


def _remark(name: str, whole: "Document", pieces: "list[Document]", part: int | None) -> str:
    from streamctl.policy.audiences import AUDIENCES
    from streamctl.policy.document import MANAGED_POLICY_CHARACTERS, size

    said = f"For {AUDIENCES[name].commands}: {size(whole):,} characters, "
    if len(pieces) == 1:
        return f"{said}which a managed policy holds ({MANAGED_POLICY_CHARACTERS:,})."
    if part:
        return f"{said}this is part {part} of {len(pieces)}: attach them all."
    return (
        f"{said}more than a managed policy holds ({MANAGED_POLICY_CHARACTERS:,}): "
        f"print it in {len(pieces)} parts with --part 1 to {len(pieces)}, and attach them all."
    )

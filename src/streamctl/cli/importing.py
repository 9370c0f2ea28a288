"""`streamctl import PIPELINE`: take over what an export, or the published recipe's own commands, made."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streamctl.cli.options import Session, Yes, command
from streamctl.cli.terminal import counted

if TYPE_CHECKING:
    from streamctl.adoption.report import Finding, Report
    from streamctl.workspace import Workspace

Subject = Annotated[
    str,
    typer.Argument(metavar="PIPELINE", help="Its name, or the name, the ARN or the URL of any one of its resources."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what is there and what `up` would change.")]


def register(app: typer.Typer) -> None:
    command(app, "import")(take_over)


def take_over(session: Session, pipeline: Subject, yes: Yes = False, dry_run: DryRun = False) -> None:
    """Take over a pipeline that an export, or the published recipe's own commands, made elsewhere.

    It puts the owner's tag on each resource and changes nothing else; `up` then changes what is not as configured.
    """
    workspace = _open(session, pipeline)
    report = look(session, workspace)
    if dry_run:
        session.terminal.result(_document(workspace, report, []), lambda: _show(session, report))
        _warn_of_stacks(session, report)
        session.terminal.next(f"streamctl import {pipeline}")
        return
    if not session.terminal.as_json:
        _show(session, report)
    _warn_of_stacks(session, report)
    if report.to_take_over and not yes:
        amount = counted(len(report.to_take_over), "resource")
        session.terminal.confirm(f"Put the tag of the pipeline {workspace.name} on {amount}?")
    session.terminal.after_interruption = f"Run `streamctl import {pipeline}` again: it continues."
    with workspace.locked():
        taken = adopt(session, workspace, report, pipeline)
    session.terminal.result(_document(workspace, report, taken), lambda: _conclude(session, report, taken))
    session.terminal.next("streamctl plan", "streamctl up")


def _open(session: Session, text: str) -> "Workspace":
    """The pipeline that is meant, where it is; the emulator is not started, since nothing would be on it."""
    from streamctl.adoption.subject import subject
    from streamctl.config import current_folder, load
    from streamctl.errors import UsageError
    from streamctl.workspace import connect_here, open_workspace

    here, asked = current_folder(), subject(text)
    own_region = load(here, session.request.overrides() | {"name": asked.name}).config.region
    request = replace(session.request, region=asked.agreed_region(own_region))
    name = asked.name or asked.looked_up(connect_here(here, request))
    if session.name not in {None, name}:
        raise UsageError(
            f"{text} is of the pipeline {name}, not {session.name}.", "Leave --name (or STREAMCTL_NAME) out."
        )
    workspace = open_workspace(here, replace(request, name=name), create=True)
    asked.refuse_another_account(workspace.aws.account)
    return workspace


def look(session: Session, workspace: "Workspace") -> "Report":
    """What is there, or the reason why it is not taken over."""
    from streamctl.adoption.refusals import refuse
    from streamctl.adoption.report import report_on
    from streamctl.cli.changes import tell_remarks
    from streamctl.observe.inventory import inventory

    tell_remarks(session, workspace)
    with session.terminal.waiting(f"Looking for {workspace.name} in {workspace.target.region}"):
        listed = inventory(workspace.aws, workspace.name)
        report = report_on(workspace.graph, workspace.aws, workspace.state, listed)
        refuse(report, workspace.aws, workspace.name)
    return report


def adopt(session: Session, workspace: "Workspace", report: "Report", text: str) -> list[str]:
    """The ids of what was put under the owner's tag now."""
    from streamctl.cli.steps import Steps
    from streamctl.engine.apply import Applier

    new = [report.steps[finding.step.resource.id] for finding in report.to_take_over]
    with Steps(session.terminal, new) as steps:
        outcome = Applier(workspace.aws, workspace.state, steps).adopt(report.graph, report.steps)
    outcome.raise_if_partial(f"import {text}")
    return [step.resource.id for step in new]


def _document(workspace: "Workspace", report: "Report", taken: list[str]) -> dict[str, Any]:
    from streamctl.cli.plan import described

    return {
        "name": workspace.name,
        "target": workspace.target,
        "resources": [
            {
                **described(each.step),
                "whose": each.whose,
                "owner": each.owner,
                "stack": each.stack.name if each.stack else "",
            }
            for each in report.findings
        ],
        "not_configured": [{"kind": item.kind, "name": item.name} for item in report.strangers],
        "stacks": [stack.name for stack in report.stacks],
        "taken_over": taken,
    }


def _show(session: Session, report: "Report") -> None:
    terminal = session.terminal
    terminal.table(["kind", "name", "whose", "up will", "settings"], [_row(each) for each in report.findings])
    for item in report.strangers:
        terminal.show(f"Not in the configuration, so not taken over: {item.kind} {item.name}.")
    if report.strangers:
        terminal.say("Turn on the feature that it belongs to, or delete it by hand: `down` only names it.", "yellow")


def _row(finding: "Finding") -> list[str]:
    from streamctl.adoption.report import Whose
    from streamctl.cli.plan import changed_settings

    resource, whose = finding.step.resource, finding.whose
    said = "not there" if whose is None else whose.value
    if finding.stack and whose is Whose.STACK:
        said = f"stack {finding.stack.name}" + ("" if finding.stack.is_certain else ", perhaps")
    settings = changed_settings(finding.step) if finding.is_there else ""
    return [resource.kind, resource.name, said, finding.step.action.value, settings]


def _warn_of_stacks(session: Session, report: "Report") -> None:
    for stack, number in report.stacks.items():
        amount = counted(number, "resource")
        managed = (
            f"The CloudFormation stack {stack.name} still manages {amount} of these. Deleting it would delete them, "
            "updating it would take back what `up` changes."
            if stack.is_certain
            else f"The CloudFormation stack {stack.name} made {amount} of these, and may still manage them: whether it "
            "is still there, cloudformation:DescribeStacks would tell, which you are not allowed. If so, deleting it "
            "would delete them, and updating it take back what `up` changes."
        )
        session.terminal.say(f"{managed} {stack.letting_go}", "yellow")


def _conclude(session: Session, report: "Report", taken: list[str]) -> None:
    from streamctl.adoption.report import Whose

    terminal, already = session.terminal, len(report.there) - len(taken)
    terminal.show(f"{counted(len(taken), 'resource')} taken over" + (f", {already} ours already." if already else "."))
    if any(finding.whose in {Whose.EXPORT, Whose.NOBODY} for finding in report.to_take_over):
        terminal.show(
            "If Terraform made them, it still holds them in its state and would delete them with the next `destroy`. "
            "Make it forget each of them: terraform state rm ADDRESS (terraform state list shows the addresses)."
        )

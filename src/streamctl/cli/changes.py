"""What `up`, `provision` and `deploy` share: plan, carry out, prove."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from streamctl.cli.options import Session
from streamctl.cli.terminal import counted, seconds

if TYPE_CHECKING:
    from streamctl.engine.plan import Plan
    from streamctl.workspace import Workspace

Stage = Literal["provision", "deploy"]


@dataclass(frozen=True)
class Built:
    """What was done: the changes, and how long a canary took; None where none was needed."""

    changes: list[dict[str, Any]]
    canary_seconds: float | None


def bring_up(session: Session, *, command: str, stage: Stage | None = None) -> None:
    """Make what is there equal to the configuration, of one stage only where one is named, and report it."""
    workspace = session.open(create=True)
    session.terminal.after_interruption = f"Run `streamctl {command}` again: it continues."
    built = build(session, workspace, command=command, stage=stage)
    document = {"name": workspace.name, "target": workspace.target, **asdict(built)}
    session.terminal.result(document, lambda: _summary(session, built))


def build(session: Session, workspace: "Workspace", *, command: str, stage: Stage | None = None) -> Built:
    """Plan, carry out, prove."""
    from streamctl.cli.alarms_test import remove_listeners

    terminal = session.terminal
    with workspace.locked():
        remove_listeners(workspace)
        terminal.say(f"Pipeline {workspace.name} in {_where(workspace)}", "bold")
        with terminal.waiting("Comparing with what is there"):
            planned = workspace.plan()
        tell_remarks(session, workspace)
        _refuse_data_loss(planned, workspace)
        workspace.save_packages()
        changes = _carry_out(session, workspace, planned, command, stage)
        return Built(changes, _prove(session, workspace) if stage != "provision" else None)


def tell_remarks(session: Session, workspace: "Workspace") -> None:
    """What there is to know about the packages."""
    for remark in (remark for package in workspace.packages.values() for remark in package.remarks):
        session.terminal.say(remark, "dim")


def _where(workspace: "Workspace") -> str:
    target = workspace.target
    place = "the local emulator" if target.is_local else target.endpoint_url or f"account {target.account}"
    return f"{place}, region {target.region}"


def _carry_out(
    session: Session, workspace: "Workspace", planned: "Plan", command: str, stage: Stage | None
) -> list[dict[str, Any]]:
    from streamctl.cli.steps import Steps
    from streamctl.engine.apply import Applier

    chosen = [step for step in planned.steps.values() if stage is None or step.resource.stage == stage]
    changes = [step for step in planned.changes if stage is None or step.resource.stage == stage]
    if stage == "deploy":
        _refuse_unprovisioned(planned)
    if not changes and not workspace.has_open_claims():
        return []
    workspace.state.prove(False)
    with Steps(session.terminal, changes) as steps:
        applier = Applier(workspace.aws, workspace.state, steps)
        outcome = applier.apply(planned, {step.resource.id for step in chosen}, leftovers=stage is None)
    outcome.raise_if_partial(command)
    return steps.happened


def _prove(session: Session, workspace: "Workspace") -> float | None:
    """Send a canary through, unless one has come through since the last change."""
    from streamctl.traffic.canary import prove_delivery

    if workspace.state.state.proved:
        return None
    with session.terminal.waiting("Waiting for a canary record to arrive in the table"):
        source = workspace.config.event_source
        took = prove_delivery(
            workspace.aws,
            workspace.names.stream,
            workspace.names.table,
            window_seconds=source.batching_window_seconds,
            may_be_missed=source.starting_position == "LATEST",
        )
    workspace.state.prove(True)
    return took


def _refuse_unprovisioned(planned: "Plan") -> None:
    from streamctl.engine.plan import Action
    from streamctl.errors import UsageError

    absent = [
        step.resource.name
        for step in planned.steps.values()
        if step.resource.stage == "provision" and step.action is Action.CREATE
    ]
    if absent:
        raise UsageError(
            f"Not provisioned yet: {', '.join(absent)}.",
            "Run `streamctl provision` first, or `streamctl up` for both; with --local for this machine's emulator.",
        )


def _refuse_data_loss(planned: "Plan", workspace: "Workspace") -> None:
    """A replaced table is an empty one: that is the user's own decision, never a side effect of `up`."""
    from streamctl.engine.plan import Action
    from streamctl.errors import UsageError

    losing = [
        f"{step.resource.kind} {step.resource.name}"
        + (f" ({', '.join(step.resource.fixed & set(step.differences))})" if step.action is Action.REPLACE else "")
        for step in planned.changes
        if step.action in {Action.REPLACE, Action.DELETE} and step.live and step.resource.has_data(workspace.aws)
    ]
    if losing:
        raise UsageError(
            f"This would delete data: {'; '.join(losing)}.",
            "Take the setting back; settle what a queue or a bucket holds with `streamctl replay`; or delete it "
            "by hand, or all of it with `streamctl down`, and run again.",
        )


def _summary(session: Session, built: Built) -> None:
    if not built.changes:
        session.terminal.show("Nothing to change: everything is as configured.")
    else:
        session.terminal.show(f"{counted(len(built.changes), 'change')} made.")
    if built.canary_seconds is not None:
        session.terminal.show(f"A canary record arrived in the table after {seconds(built.canary_seconds)}.")

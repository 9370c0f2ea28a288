"""`streamctl alarms test`: set each alarm to ALARM, and see its notification arrive."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from streamctl.cli import alarms
from streamctl.cli.options import Session, Yes, command
from streamctl.cli.terminal import counted, seconds

if TYPE_CHECKING:
    from streamctl.engine.plan import Step
    from streamctl.errors import StreamctlError
    from streamctl.resources.cloudwatch_alarm import CloudwatchAlarm
    from streamctl.resources.sns_topic import SnsTopic
    from streamctl.verify.notifications import Driven
    from streamctl.workspace import Workspace


def register(app: typer.Typer) -> None:
    command(app, "test")(try_out)


def try_out(
    session: Session,
    names: Annotated[list[str] | None, typer.Argument(help="Only these alarms; without any, all.")] = None,
    yes: Yes = False,
) -> None:
    """Set each alarm to ALARM for a moment and see its notification arrive. Who is subscribed is really told."""
    from streamctl.errors import CheckError, UsageError

    workspace = session.open()
    chosen = _chosen(alarms.wanted(workspace), names or [])
    topic = alarms.topic(workspace)
    if topic is None:
        raise UsageError("The alarms have no topic to tell.", "[features.alarms] makes it.")
    _warn(session, workspace, chosen, topic, yes=yes)
    session.terminal.after_interruption = "The next `streamctl alarms test`, `up` or `down` removes what is left of it."
    with workspace.locked():
        driven = drive(session, workspace, topic, [alarm.name for alarm in chosen])
    silent = [each for each in driven if not each.arrived]
    document = {"name": workspace.name, "holds": not silent, "alarms": [asdict(each) for each in driven]}
    session.terminal.result(document, lambda: _show(session, driven))
    if silent:
        said = "; ".join(f"{each.name}: {each.cause}" for each in silent)
        raise CheckError(f"{counted(len(silent), 'alarm')} told nobody. {said}.")


def _chosen(found: "list[CloudwatchAlarm]", names: list[str]) -> "list[CloudwatchAlarm]":
    """Those named, each with or without the pipeline's own name; all where none is. Raises UsageError."""
    from streamctl.errors import UsageError

    titles = {alarm.name.partition("-")[0]: alarm for alarm in found}
    known = titles | {alarm.name: alarm for alarm in found}
    if unknown := [name for name in names if name not in known]:
        raise UsageError(f"There is no alarm {', '.join(unknown)}.", f"What there is: {', '.join(titles)}.")
    asked = {known[name].name for name in names}
    return [alarm for alarm in found if not asked or alarm.name in asked]


def _warn(
    session: Session, workspace: "Workspace", chosen: "list[CloudwatchAlarm]", topic: "SnsTopic", *, yes: bool
) -> None:
    """Ask before people get mail."""
    people = [each.endpoint for each in alarms.told_by(workspace) if each.confirmed]
    others = {action for alarm in chosen for action in alarm.actions} - {topic.ref("arn")}
    told = [*people, *sorted(others)]
    if not told:
        return
    what = f"{counted(len(chosen), 'alarm')} will go off and be over: {', '.join(told)} will be told of each."
    if yes:
        session.terminal.say(what)
    else:
        session.terminal.confirm(f"{what} Go on?")


def drive(session: Session, workspace: "Workspace", topic: "SnsTopic", names: list[str]) -> "list[Driven]":
    """Set them off, and hear from a queue that is there only for it."""
    from streamctl.verify.notifications import AlarmTest

    waiting = session.terminal.waiting(f"Setting {counted(len(names), 'alarm')} to ALARM, and waiting to be told")
    with waiting, _listening(workspace, topic) as queue_url:
        return AlarmTest(workspace.aws, alarms.arn_of(workspace, topic), queue_url).run(names)


def remove_listeners(workspace: "Workspace") -> None:
    """Delete what an earlier test left when it was cut off: nothing of the user's is in it."""
    from streamctl.engine.apply import Applier
    from streamctl.engine.graph import Graph
    from streamctl.verify.notifications import LISTENERS

    left = [each for each in workspace.leftovers() if each.id in LISTENERS]
    if left:
        Applier(workspace.aws, workspace.state, _Silent()).destroy(Graph(left)).raise_if_partial("alarms test")


@contextmanager
def _listening(workspace: "Workspace", topic: "SnsTopic") -> Iterator[str]:
    """The URL of a queue that hears what the topic is told; made and deleted like everything, so nothing is left."""
    from streamctl.engine.apply import Applier
    from streamctl.engine.graph import Graph
    from streamctl.engine.plan import make_plan
    from streamctl.verify.notifications import listeners

    remove_listeners(workspace)
    applier = Applier(workspace.aws, workspace.state, _Silent())
    graph = Graph(listeners(workspace.names, topic))
    try:
        applier.apply(make_plan(graph, workspace.aws, workspace.state), graph.resources.keys()).raise_if_partial(
            "alarms test"
        )
        queue = graph.resources[graph.order[0]]
        yield workspace.queue_url(queue.name) or ""
    finally:
        applier.destroy(graph).raise_if_partial("alarms test")


class _Silent:
    """An observer: what comes and goes within the test is nobody's concern."""

    def started(self, step: "Step") -> None: ...
    def finished(self, step: "Step", seconds: float) -> None: ...
    def failed(self, step: "Step", error: "StreamctlError") -> None: ...
    def skipped(self, step: "Step", because: str) -> None: ...
    def noted(self, step: "Step", remark: str) -> None: ...


def _show(session: Session, driven: "list[Driven]") -> None:
    for each in driven:
        if each.seconds is not None:
            session.terminal.show(f"✓ {each.name}: the notification arrived after {seconds(each.seconds)}")
        else:
            session.terminal.show(f"✗ {each.name}: {each.cause}")
    if all(each.arrived for each in driven):
        session.terminal.show(f"{counted(len(driven), 'alarm')} can tell who subscribes; each is as it was.")

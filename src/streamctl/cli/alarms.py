"""`streamctl alarms`: the alarms, their states, what they watch and whom they tell."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from streamctl.cli import alarms_test
from streamctl.cli.options import Session, command_with_more

if TYPE_CHECKING:
    from streamctl.observe.alarms import AlarmStatus, Subscriber
    from streamctl.resources.cloudwatch_alarm import CloudwatchAlarm
    from streamctl.resources.sns_topic import SnsTopic
    from streamctl.workspace import Workspace

FIRING = "ALARM"


def register(app: typer.Typer) -> None:
    alarms_test.register(command_with_more(app, "alarms", alarms))


def alarms(session: Session) -> None:
    """List the alarms: state, since when and why, what each watches, and whom they tell."""
    from streamctl.observe.alarms import alarms as look

    workspace = session.open()
    rows = look(workspace.aws, wanted(workspace))
    told = told_by(workspace)
    document = {
        "name": workspace.name,
        "alarms": [asdict(row) for row in rows],
        "subscribers": [asdict(each) for each in told],
    }
    session.terminal.result(document, lambda: _show(session, rows, told))


def wanted(workspace: "Workspace") -> "list[CloudwatchAlarm]":
    """The alarms of the blueprint. Raises UsageError where there are none."""
    from streamctl.errors import UsageError
    from streamctl.resources.cloudwatch_alarm import CloudwatchAlarm

    resources = workspace.graph.resources.values()
    found = [resource for resource in resources if isinstance(resource, CloudwatchAlarm)]
    if not found:
        raise UsageError("This pipeline has no alarms.", "[features.alarms] switches them on.")
    return found


def topic(workspace: "Workspace") -> "SnsTopic | None":
    """What all alarms of the feature tell."""
    from streamctl.features.alarms import TOPIC_ID
    from streamctl.resources.sns_topic import SnsTopic

    found = workspace.graph.resources.get(TOPIC_ID)
    return found if isinstance(found, SnsTopic) else None


def told_by(workspace: "Workspace") -> "list[Subscriber]":
    """Who subscribed to the alarms' topic, beside a test that was cut off."""
    from streamctl.observe.alarms import subscribers
    from streamctl.pipeline.names import NOTIFICATIONS_PREFIX

    found = topic(workspace)
    told = subscribers(workspace.aws, arn_of(workspace, found)) if found else []
    return [each for each in told if f":{NOTIFICATIONS_PREFIX}" not in each.endpoint]


def arn_of(workspace: "Workspace", found: "SnsTopic") -> str:
    """The topic's ARN, whether it is there or not."""
    from streamctl.engine.references import fill
    from streamctl.engine.survey import surroundings

    return str(fill(found.arn, surroundings(workspace.aws)))


def _show(session: Session, rows: "list[AlarmStatus]", told: "list[Subscriber]") -> None:
    terminal = session.terminal
    cells = [
        [row.name, row.state, _since(row.since), _watches(row), "yes" if row.has_data else "no"]
        for row in sorted(rows, key=lambda row: row.state != FIRING)
    ]
    terminal.table(["alarm", "state", "since", "watches", "data in a day"], cells)
    for row in rows:
        if row.state == FIRING:
            terminal.show(f"{row.name}: {row.reason}")
        if row.objection:
            terminal.show(f"{row.name} can never fire: {row.objection}")
        elif row.state != "absent" and not row.actions_enabled:
            terminal.show(f"{row.name} tells nobody: its actions are disabled.")
    for arn in sorted({arn for row in rows for arn in row.actions}):
        terminal.show(f"They tell {arn}.")
    for each in told:
        pending = "" if each.confirmed else ", who has not confirmed yet: the link is in a mail from AWS"
        terminal.show(f"Told: {each.endpoint} ({each.protocol}){pending}.")
    if not told:
        terminal.show('Nobody is told: set email = ["you@example.com"] in [features.alarms], then `streamctl up`.')
    terminal.next("streamctl alarms test")


def _since(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if at else "-"


def _watches(row: "AlarmStatus") -> str:
    of = ", ".join(f"{name} {value}" for name, value in row.dimensions.items())
    return f"{row.namespace} {row.metric}{f' of {of}' if of else ''}: {row.condition}"

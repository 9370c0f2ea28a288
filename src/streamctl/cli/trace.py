"""`streamctl trace`: one event's way through the pipeline."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streamctl.cli import verify
from streamctl.cli.options import Session, command
from streamctl.cli.terminal import milliseconds

if TYPE_CHECKING:
    from datetime import datetime

    from streamctl.tracing.way import Way
    from streamctl.workspace import Workspace


def register(app: typer.Typer) -> None:
    command(app, "trace")(trace)


def trace(
    session: Session,
    event_id: Annotated[str, typer.Argument(help="The event's id; of one without, shardId:sequenceNumber.")],
) -> None:
    """Show one event's way, with times: sent, arrived, batch, processed, stored. Exit code 5 where it is nowhere."""
    workspace = session.open()
    with session.terminal.waiting(f"Looking for {event_id}"):
        way = look(workspace, event_id)
    session.terminal.result(document(way), lambda: _show(session, way))
    raise_unless_found(way)
    if way.outcome in _NEXT:
        session.terminal.next(_NEXT[way.outcome])


def look(workspace: "Workspace", event_id: str) -> "Way":
    """The way of one event; without an id there is none. Raises UsageError."""
    from streamctl.errors import UsageError
    from streamctl.tracing.trace import trace as follow

    if not event_id:
        raise UsageError("The event's id is empty.", "An event without one has its place: shardId:sequenceNumber.")
    return follow(
        event_id,
        workspace.folder,
        workspace.aws,
        verify.places(workspace),
        log_group=workspace.names.log_group,
        settle_seconds=verify.settle_seconds(workspace.config),
        link=lambda trace_id: _link(workspace, trace_id),
    )


def document(way: "Way") -> dict[str, Any]:
    steps = [{**asdict(step), "after_ms": after_ms} for step, after_ms in way.after_ms()]
    return {"event_id": way.event_id, "outcome": str(way.outcome), "steps": steps}


def raise_unless_found(way: "Way") -> None:
    """Raises CheckError: asking was no mistake, but the answer is bad news, and whoever scripts it must hear so."""
    from streamctl.errors import CheckError
    from streamctl.tracing.way import Outcome

    if way.outcome is Outcome.MISSING:
        raise CheckError(
            f"{way.event_id} was accepted by the stream, and is nowhere, though it should be by now.",
            "`streamctl verify` looks for all of its run, and tells whether the function is behind.",
        )
    if way.outcome is Outcome.UNKNOWN:
        raise CheckError(
            f"Nothing is known of {way.event_id}: it was not sent from here, is not stored, set aside or given up.",
            "See that the id is right: the table's eventId. An item that expired is not told from one that never was.",
        )


_NEXT = {
    "set aside": "streamctl replay --show",
    "given up": "streamctl replay",
    "in flight": "streamctl verify",
    "unconfirmed": "streamctl verify",
}


def _link(workspace: "Workspace", trace_id: str) -> str | None:
    """AWS's console shows what is at AWS only."""
    from streamctl.aws.session import partition_of
    from streamctl.tracing.arrived import console_link

    region = workspace.target.region
    return None if workspace.target.endpoint_url else console_link(trace_id, region, partition_of(region))


def _show(session: Session, way: "Way") -> None:
    terminal = session.terminal
    terminal.show(f"{way.event_id}: {way.outcome}")
    rows = [
        [step.name, _moment(step.at), "" if after_ms is None else length(after_ms), step.what]
        for step, after_ms in way.after_ms()
    ]
    if rows:
        terminal.table(["step", "at (UTC)", "after", "what"], rows, right=["after"])
    timed = [step.at for step in way.steps if step.at and step.name in {"arrived", "stored"}]
    if len(timed) == 2:
        terminal.show(f"From arrival to stored: {milliseconds((timed[1] - timed[0]).total_seconds() * 1000)} at most")


def length(ms: int) -> str:
    """`+28 ms`, `+12.3 s`, `+30 d`; a minus where clocks differ."""
    for unit, unit_ms in (("d", 86_400_000), ("h", 3_600_000), ("s", 1000)):
        if abs(ms) >= 10 * unit_ms:
            return f"{ms / unit_ms:+,.1f} {unit}"
    return f"{ms:+,} ms"


def _moment(at: "datetime | None") -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d}" if at else ""

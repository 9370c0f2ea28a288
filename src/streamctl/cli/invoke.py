"""`streamctl invoke`: the processor on an event, on this machine, without AWS and without the emulator."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streamctl.cli.options import Session, command

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamctl.trial.trial import Trial


def register(app: typer.Typer) -> None:
    command(app, "invoke")(invoke)


def invoke(
    session: Session,
    event: Annotated[
        Path,
        typer.Option(help="A file with an event, one a line, or what Lambda hands over; - for standard input."),
    ],
) -> None:
    """Run the processor, as it is packed, on an event: no AWS, no emulator. Exit code 5 where it is set aside."""
    from streamctl.errors import CheckError
    from streamctl.trial.trial import LoadError

    try:
        trial = _tried(session, event)
    except LoadError as error:
        _show_printed(error.printed)
        raise
    _show_printed(trial.printed)
    session.terminal.result(document(trial), lambda: _show(session, trial))
    rejected = sum(end.item is None for end in trial.ends)
    if rejected:
        raise CheckError(f"{rejected} of {len(trial.ends)} would be set aside.")


def document(trial: "Trial") -> dict[str, Any]:
    """Items in DynamoDB's own notation, in which every number is exact."""
    return {**asdict(trial), "stored": sum(end.item is not None for end in trial.ends)}


def _tried(session: Session, event: Path) -> "Trial":
    from streamctl.blueprint import blueprint
    from streamctl.config import current_folder, load
    from streamctl.pipeline.names import Names
    from streamctl.plugins import Catalogue
    from streamctl.trial.deliveries import deliveries
    from streamctl.trial.trial import try_processor

    project = load(current_folder(), {"name": session.name})
    names = Names(project.config.name or "any")
    records = deliveries(_content(event), names.stream, datetime.now(UTC))
    return try_processor(blueprint(project, Catalogue(), names, project.folder), deliveries=records)


def _content(event: Path) -> bytes:
    from streamctl.errors import UsageError

    if str(event) == "-":
        return sys.stdin.buffer.read()
    try:
        return event.read_bytes()
    except OSError as error:
        raise UsageError(
            f"Could not read {event}: {error.strerror or error}.", "--event takes a file, or -."
        ) from error


def _show_printed(printed: str) -> None:
    """What the owner's code printed, and the lines it failed in: this is the place to look at them."""
    if printed:
        print(printed, end="" if printed.endswith("\n") else "\n", file=sys.stderr)


def _show(session: Session, trial: "Trial") -> None:
    terminal = session.terminal
    for end in trial.ends:
        if end.item is None:
            terminal.show(f"Set aside: {end.reason}. {end.detail} ({end.milliseconds:.2f} ms)")
        else:
            terminal.show(plain({"M": end.item}))
            terminal.show(f"Stored: {end.size_bytes:,} bytes ({end.milliseconds:.2f} ms)")
    terminal.show("")
    for metric in trial.metrics:
        terminal.show(f"Metric: {measured(metric)}")


def measured(metric: "Mapping[str, Any]") -> str:
    """`EventsProcessed 1 (EventType reading, DeviceType other)`"""
    (directive,) = metric["_aws"]["CloudWatchMetrics"]
    (dimensions,) = directive["Dimensions"]
    values = ", ".join(f"{each['Name']} {json.dumps(metric[each['Name']])}" for each in directive["Metrics"])
    by = ", ".join(f"{name} {metric[name]}" for name in dimensions)
    return f"{values} ({by})" if by else values


def plain(value: "Mapping[str, Any]", indent: str = "") -> str:
    """A value in DynamoDB's notation as JSON over several lines, every number with its own digits."""
    ((kind, inner),) = value.items()
    deeper = f"{indent}  "
    match kind:
        case "N":
            return str(inner)
        case "M":
            members = [f"{deeper}{_quoted(name)}: {plain(each, deeper)}" for name, each in inner.items()]
        case "L":
            members = [f"{deeper}{plain(each, deeper)}" for each in inner]
        case _:
            return "null" if kind == "NULL" else _quoted(inner)
    opening, closing = "{}" if kind == "M" else "[]"
    return "\n".join([opening, ",\n".join(members), f"{indent}{closing}"]) if members else opening + closing


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)

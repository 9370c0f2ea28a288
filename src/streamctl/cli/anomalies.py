"""`streamctl anomalies`: what the anomaly detector found, and how each series went of late."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from streamctl.cli.options import Session, command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamctl.observe.anomalies import Anomaly, History, Point
    from streamctl.resources.lambda_function import LambdaFunction
    from streamctl.workspace import Workspace

WINDOWS_SHOWN = 60
ABOVE, BELOW, OTHERWISE = "▲", "▼", "◆"
CALM = "·"


def register(app: typer.Typer) -> None:
    command(app, "anomalies")(anomalies)


def anomalies(
    session: Session,
    since: Annotated[
        str, typer.Option(help="How far to look back for anomalies, in event time: 90s, 30m, 2h, 7d.")
    ] = "30d",
    series: Annotated[list[str] | None, typer.Option(help="Only this series; may be given several times.")] = None,
) -> None:
    """List what the anomaly detector found, and plot each series with the range that was expected."""
    from streamctl.cli.durations import duration

    back = duration(since, "--since")
    workspace = session.open()
    chosen = _chosen(workspace, series)
    found, histories = read(workspace, chosen, int((datetime.now(UTC) - back).timestamp()))
    warm_up = warm_up_windows(workspace)
    document = {
        "name": workspace.name,
        "warm_up_windows": warm_up,
        "anomalies": [asdict(each) for each in found],
        "series": [asdict(each) for each in histories],
    }
    session.terminal.result(document, lambda: _show(session, found, histories, since, warm_up))


def read(workspace: "Workspace", chosen: "Sequence[str]", since: int) -> "tuple[list[Anomaly], list[History]]":
    """What was found since then, epoch seconds, and how the series went."""
    from streamctl.observe.anomalies import anomalies as look
    from streamctl.observe.anomalies import histories

    names = workspace.names
    watched = histories(workspace.aws, names.anomalies_table, chosen)
    return look(workspace.aws, names.table, watched, since), watched


def _chosen(workspace: "Workspace", series: list[str] | None) -> list[str]:
    """The series asked for, or all that are watched. Raises UsageError."""
    from streamctl.errors import UsageError

    if "detector" not in workspace.pipeline.resources:
        raise UsageError(
            "Nobody watches for anomalies in this pipeline.",
            "Put [features.anomaly_detection] into streamctl.toml, and run: streamctl up",
        )
    watched = _detector(workspace).environment["SERIES"].split(",")
    for name in series or ():
        if name not in watched:
            raise UsageError(f"The series {name!r} is not watched.", f"These are: {', '.join(watched)}.")
    return list(dict.fromkeys(series)) if series else watched


def warm_up_windows(workspace: "Workspace") -> int:
    """After so many windows of a series an anomaly can be told: as configured, and what the detector itself wants."""
    from streamctl.functions.anomaly_detector.tail import WARM_UP

    return max(int(_detector(workspace).environment["WARM_UP_WINDOWS"]), WARM_UP)


def _detector(workspace: "Workspace") -> "LambdaFunction":
    from streamctl.resources.lambda_function import LambdaFunction

    return workspace.pipeline.get("detector", LambdaFunction)


def _show(
    session: Session, found: "list[Anomaly]", histories: "list[History]", since: str, warm_up_windows: int
) -> None:
    terminal = session.terminal
    for history in histories:
        for line in plot(history, [each for each in found if each.series == history.series], warm_up_windows):
            terminal.show(line)
    if found:
        headings = ["series", "since", "window", "value", "expected", "score", "state"]
        terminal.table(headings, [_row(each) for each in found], right=["window", "value", "score"])
    else:
        terminal.show(f"No anomaly since {since} ago.")


def plot(history: "History", found: "Sequence[Anomaly]", warm_up_windows: int = 0) -> list[str]:
    """A series' last windows, one character each: values, the expected range on the same scale, and anomalies. While
    it is only learned from, that is said.
    """
    from streamctl.cli.metrics import scaled

    points = history.points[-WINDOWS_SHOWN:]
    if not points:
        return [f"{history.series} ({history.title}): no window was judged yet", ""]
    last = points[-1]
    bottom = min(0.0, *(min(point.value, point.low) for point in points))
    top = max(max(point.value, point.high) for point in points)
    lines = {
        "highest expected": scaled([point.high for point in points], bottom, top),
        "value": scaled([point.value for point in points], bottom, top),
        "lowest expected": scaled([point.low for point in points], bottom, top),
        "anomalies": "".join(_mark(point, found) for point in points),
    }
    return [
        f"{history.series} ({history.title}): {_number(last.value)} in the {history.window_seconds} s from"
        f" {_time(last.start)}, expected {_number(last.low)} to {_number(last.high)}",
        *(f"  {name:<17}{line}" for name, line in lines.items()),
        *_learning(history.windows_seen, warm_up_windows),
        "",
    ]


def _learning(windows_seen: int, warm_up_windows: int) -> list[str]:
    if windows_seen >= warm_up_windows:
        return []
    return [f"  Still learning: {windows_seen} of {warm_up_windows} windows; no anomaly is told before."]


def _mark(point: "Point", found: "Sequence[Anomaly]") -> str:
    if not any(each.start <= point.start <= each.last_start for each in found):
        return CALM
    if point.low <= point.value <= point.high:
        return OTHERWISE
    return ABOVE if point.value > point.high else BELOW


def _row(each: "Anomaly") -> list[str]:
    state = each.status if each.cleared_at is None else f"cleared at {_time(each.cleared_at)}"
    expected = f"{_number(each.low)} to {_number(each.high)}"
    window = f"{each.window_seconds} s"
    return [each.series, _time(each.start), window, _number(each.value), expected, f"{each.highest_score:.3f}", state]


def _number(number: float) -> str:
    return f"{number:,.6g}"


def _time(seconds: int) -> str:
    """Epoch seconds in the time of here; as they are where no calendar has them."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC).astimezone():%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):
        return f"{seconds} s"

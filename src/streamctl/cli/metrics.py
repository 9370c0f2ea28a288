"""`streamctl metrics`: the pipeline's metrics as a table with sparklines."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from streamctl.cli.options import Session, command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamctl.observe.metrics import Reading, Span
    from streamctl.workspace import Workspace

BARS = "▁▂▃▄▅▆▇█"
NO_DATA = "·"
MOST_PERIODS = 1440


def register(app: typer.Typer) -> None:
    command(app, "metrics")(metrics)


def metrics(
    session: Session,
    since: Annotated[str, typer.Option(help="How far to look back: 90s, 30m, 2h, 1d.")] = "1h",
    period: Annotated[str, typer.Option(help="How much time one value covers: 1m, 5m, 1h.")] = "5m",
) -> None:
    """Show the recipe's metrics and those of Lambda, Kinesis and DynamoDB."""
    workspace, span = session.open(), _span(since, period)
    readings = read(workspace, span)
    session.terminal.result(document(readings, span), lambda: show(session, readings, span))


def read(workspace: "Workspace", span: "Span") -> "list[Reading]":
    from streamctl.observe.metrics import read as read_series

    return read_series(workspace.aws, workspace.pipeline.series, span)


def document(readings: "list[Reading]", span: "Span") -> dict[str, object]:
    return {
        "start": span.start,
        "end": span.end,
        "period_seconds": span.period_seconds,
        "series": [
            {
                "label": reading.series.label,
                "namespace": reading.series.namespace,
                "metric": reading.series.metric,
                "dimensions": dict(reading.series.dimensions),
                "statistic": reading.series.statistic,
                "unit": reading.series.unit,
                "overall": reading.overall,
                "values": reading.values,
            }
            for reading in readings
        ],
    }


def show(session: Session, readings: "list[Reading]", span: "Span") -> None:
    terminal = session.terminal
    local_start, local_end = span.start.astimezone(), span.end.astimezone()
    terminal.show(f"{local_start:%Y-%m-%d %H:%M} to {local_end:%H:%M %Z}, one value per {span.period_seconds} s")
    rows = [
        [r.series.label, r.series.statistic.lower(), _number(r.overall, r.series.unit), sparkline(r.values)]
        for r in readings
    ]
    terminal.table(["metric", "statistic", "value", "over time"], rows, right=["value"])
    if all(reading.overall is None for reading in readings):
        terminal.say("No data yet: CloudWatch shows a metric up to a few minutes after it was published.")


def sparkline(values: "tuple[float | None, ...]") -> str:
    """One character a value, from the lowest to the highest; a dot where there is no data."""
    present = [value for value in values if value is not None]
    if not present:
        return NO_DATA * len(values)
    return scaled(values, min(0.0, *present), max(present))


def scaled(values: "Sequence[float | None]", bottom: float, top: float) -> str:
    """One character a value on a scale from `bottom` to `top`."""
    reach = (top - bottom) or 1.0
    return "".join(
        NO_DATA if value is None else BARS[round((value - bottom) / reach * (len(BARS) - 1))] for value in values
    )


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "no data"
    text = f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
    return f"{text} {unit}".strip()


def _span(since: str, period: str) -> "Span":
    from streamctl.cli.durations import duration
    from streamctl.errors import UsageError
    from streamctl.observe.metrics import Span

    back, one = duration(since, "--since"), int(duration(period, "--period").total_seconds())
    if one % 60:
        raise UsageError(f"--period {period} is not a whole number of minutes.", "CloudWatch keeps a value a minute.")
    if back.total_seconds() / one > MOST_PERIODS:
        raise UsageError(
            f"--since {since} in steps of {period} are more than {MOST_PERIODS} values.", "Choose a longer --period."
        )
    return Span.until(datetime.now(UTC), back, one)

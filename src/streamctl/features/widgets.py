"""The widgets of a dashboard as CloudWatch takes them, and their places on its grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamctl.resources.dashboard_body import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from streamctl.pipeline.builder import Series
    from streamctl.resources.cloudwatch_alarm import CloudwatchAlarm

Widget = dict[str, Any]
"""Without its place."""
GRAPH_WIDTH, GRAPH_HEIGHT = COLUMNS // 3, 6
TEXT_HEIGHT = 3
ALARMS_PER_LINE = 4
REGION = "${aws.region}"


def text(markdown: str) -> Widget:
    return {"type": "text", "width": COLUMNS, "height": TEXT_HEIGHT, "properties": {"markdown": markdown}}


def states(alarms: Sequence[CloudwatchAlarm]) -> Widget:
    """Each alarm as a field that has the colour of its state."""
    height = 1 + -(-len(alarms) // ALARMS_PER_LINE)
    properties = {"title": "Alarms", "alarms": [alarm.arn for alarm in alarms], "sortBy": "stateUpdatedTimestamp"}
    return {"type": "alarm", "width": COLUMNS, "height": height, "properties": properties}


def line(series: Series, **options: Any) -> list[Any]:
    """One metric of a graph, its dimensions written out."""
    dimensions = [each for pair in series.dimensions.items() for each in pair]
    return [series.namespace, series.metric, *dimensions, {"label": series.label, "stat": series.statistic, **options}]


def graph(
    title: str,
    unit: str,
    lines: Sequence[list[Any]],
    period_seconds: int,
    thresholds: Mapping[float, str] | None = None,
) -> Widget:
    """Lines over time; `unit` stands beside the axis. `thresholds`: where a horizontal line is drawn, and its label."""
    properties: dict[str, Any] = {
        "title": title,
        "view": "timeSeries",
        "stacked": False,
        "region": REGION,
        "period": period_seconds,
        "metrics": list(lines),
        "yAxis": {"left": {"min": 0, "label": unit, "showUnits": False}},
    }
    if thresholds:
        drawn = [{"value": value, "label": label} for value, label in thresholds.items()]
        properties["annotations"] = {"horizontal": drawn}
    return {"type": "metric", "width": GRAPH_WIDTH, "height": GRAPH_HEIGHT, "properties": properties}


def laid_out(widgets: Iterable[Widget]) -> Iterator[Widget]:
    """Each with its place: from left to right, and a new row below the highest where one is full."""
    x = y = row_height = 0
    for widget in widgets:
        if x + widget["width"] > COLUMNS:
            x, y, row_height = 0, y + row_height, 0
        yield {"type": widget["type"], "x": x, "y": y, **widget}
        x += widget["width"]
        row_height = max(row_height, widget["height"])

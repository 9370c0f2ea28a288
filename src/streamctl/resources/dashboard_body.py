"""What is wrong with the body of a CloudWatch dashboard. Much of it CloudWatch takes, and shows an empty graph.

The structure is that of AWS's page *Dashboard Body Structure and Syntax*
(AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html).
"""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING, Any

from streamctl.resources.published_metrics import unpublished

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MOST_WIDGETS = 500
MOST_METRICS = 500
"""In one widget."""
MOST_ALARMS = 100
"""In one widget."""
NEEDED = frozenset({"type", "x", "y", "width", "height", "properties"})
COLUMNS = 24
HIGHEST = 1000
HIGH_RESOLUTION_SECONDS = frozenset({1, 5, 10, 30})
_ARITHMETIC = re.compile(r"[\w\s.+*/()-]+")
_NAME = re.compile(r"[a-z]\w*")


def mistakes(body: Mapping[str, Any]) -> Iterator[str]:
    """Each as a sentence without its full stop."""
    widgets = body.get("widgets")
    if not isinstance(widgets, list | tuple):
        yield "there is no list of widgets"
        return
    if any(not isinstance(widget, dict) or NEEDED - widget.keys() for widget in widgets):
        yield f"a widget lacks one of {', '.join(sorted(NEEDED))}"  # CloudWatch would choose a place, where others are
        return
    if len(widgets) > MOST_WIDGETS:
        yield f"{len(widgets)} widgets, where {MOST_WIDGETS} are allowed"
    for widget in widgets:
        yield from _of_widget(widget)
    for one, other in combinations(widgets, 2):
        if _overlap(one, other):
            yield f"the widgets {_title(one)} and {_title(other)} overlap"


def _title(widget: Mapping[str, Any]) -> str:
    return repr(widget["properties"].get("title", widget["type"]))


def _of_widget(widget: Mapping[str, Any]) -> Iterator[str]:
    x, y, width, height = (widget[each] for each in ("x", "y", "width", "height"))
    if not (x >= 0 and y >= 0 and 1 <= width <= COLUMNS - x and 1 <= height <= HIGHEST):
        yield f"the widget {_title(widget)} is not within the {COLUMNS} columns of the grid"
    properties = widget["properties"]
    if widget["type"] == "alarm" and not 1 <= len(properties.get("alarms", ())) <= MOST_ALARMS:
        yield f"the widget {_title(widget)} shows no alarm, or more than {MOST_ALARMS}"
    if widget["type"] == "metric":
        for mistake in _of_graph(properties):
            yield f"the widget {_title(widget)}: {mistake}"


def _of_graph(properties: Mapping[str, Any]) -> Iterator[str]:
    for needed in ("region", "title", "period"):
        if not properties.get(needed):
            yield f"it has no {needed}"
    period, metrics = properties.get("period", 0), properties.get("metrics", ())
    if period % 60 and period not in HIGH_RESOLUTION_SECONDS:
        yield f"a period of {period} s, where it must be a multiple of 60"
    if not 1 <= len(metrics) <= MOST_METRICS:
        yield f"it shows no metric, or more than {MOST_METRICS}"
    if not all(metrics):
        yield "one of its metrics is empty"
        return
    names = {metric[-1].get("id") for metric in metrics if isinstance(metric[-1], dict)}
    for metric in metrics:
        yield from _of_expression(metric[0], names) if isinstance(metric[0], dict) else _of_metric(metric)


def _of_metric(metric: Sequence[Any]) -> Iterator[str]:
    named = [each for each in metric if not isinstance(each, dict)]
    if {".", "..."} & set(named) or len(named) % 2:
        yield f"the metric {named} must be written out: namespace, name, and each dimension with its value"
    elif objection := unpublished(named[0], named[1], named[2::2]):
        yield ". ".join(objection).rstrip(".")


def _of_expression(expression: Mapping[str, Any], names: set[str | None]) -> Iterator[str]:
    """Only arithmetic on metrics that are checked: a SEARCH may find nothing, and nobody would know."""
    text = expression.get("expression", "")
    if not _ARITHMETIC.fullmatch(text) or set(_NAME.findall(text)) - names:
        yield f"the expression {text!r} is more than arithmetic on metrics of the same widget"


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return bool(
        one["x"] < other["x"] + other["width"]
        and other["x"] < one["x"] + one["width"]
        and one["y"] < other["y"] + other["height"]
        and other["y"] < one["y"] + one["height"]
    )

"""Lambda: a log line in CloudWatch's embedded metric format becomes metrics. MiniStack only stores the line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ministack.core.responses import request_scope
from ministack.services import lambda_svc

from streamctl.emulator.mends import metrics
from streamctl.emulator.mends.replacing import after

if TYPE_CHECKING:
    from collections.abc import Iterator

METRICS_PER_DIRECTIVE = 100  # CloudWatch drops a directive with more
VALUES_PER_LINE = 100  # CloudWatch drops a metric with more


@dataclass(frozen=True)
class Datum:
    """One value of one metric under one set of dimensions; `timestamp` is epoch seconds."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    value: float
    count: float
    unit: str
    timestamp: float


def apply() -> None:
    after(lambda_svc, "_emit_lambda_logs", _publish)


def _publish(
    function: dict[str, Any], _request_id: str, text: str, _error: bool, _milliseconds: int, _logged: None, **_: Any
) -> None:
    config = function.get("config") or function
    account, region = lambda_svc._account_region_from_function_config(config)
    with request_scope(account, region):
        for line in text.splitlines():
            for datum in metrics_in(line):
                metrics.record(
                    datum.namespace,
                    datum.name,
                    datum.value,
                    datum.unit,
                    dict(datum.dimensions),
                    datum.count,
                    datum.timestamp,
                )


def metrics_in(line: str) -> Iterator[Datum]:
    """The metrics of a log line; none when the line is not in the format, as CloudWatch leaves such a line alone.

    The line must be one JSON object, without any text before or after it.
    """
    if '"_aws"' not in line:
        return
    try:
        fields = json.loads(line)
        timestamp = fields["_aws"]["Timestamp"] / 1000
        for directive in fields["_aws"]["CloudWatchMetrics"]:
            yield from list(_of_directive(directive, fields, timestamp))
    except (ValueError, TypeError, KeyError, AttributeError):
        return


def _of_directive(directive: dict[str, Any], fields: dict[str, Any], timestamp: float) -> Iterator[Datum]:
    if len(directive["Metrics"]) > METRICS_PER_DIRECTIVE:
        return
    for names in directive.get("Dimensions") or [[]]:
        dimensions = tuple((name, str(fields[name])) for name in names)
        for metric in directive["Metrics"]:
            for value, count in _values(fields.get(metric["Name"])):
                yield Datum(
                    directive["Namespace"],
                    metric["Name"],
                    dimensions,
                    value,
                    count,
                    metric.get("Unit", "None"),
                    timestamp,
                )


def _values(target: Any) -> list[tuple[float, float]]:
    """(value, count) pairs of a number, an array, or an object of Values and Counts; none of a metric without value."""
    if target is None:
        return []
    if not isinstance(target, dict):
        target = {"Values": target if isinstance(target, list) else [target]}
    values = target["Values"]
    if len(values) > VALUES_PER_LINE:
        return []
    return list(zip(map(float, values), map(float, target.get("Counts", [1] * len(values))), strict=True))

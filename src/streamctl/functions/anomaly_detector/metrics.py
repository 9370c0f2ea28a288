"""What a change brought, as log lines in CloudWatch's embedded metric format: no call, no permission.

Dimension values are the pipeline's name and the names of series, which are few and fixed. CloudWatch adds nothing up,
so what is to be read of all series together is published so, too.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAMESPACE = "RealTimeAnalytics"
UNITS = {"AnomalyScore": "None"}
"""Of what is not a Count."""


def series_line(pipeline: str, series: str, opened: Sequence[int], scores: Sequence[float], at_ms: int) -> str:
    """One series over the windows that were closed: whether an anomaly opened with each, and its score."""
    values = {"Anomalies": list(opened), "AnomalyScore": list(scores)}
    return _line(values, {"Pipeline": pipeline, "Series": series}, [["Pipeline"], ["Pipeline", "Series"]], at_ms)


def counts_line(pipeline: str, counts: Mapping[str, int], at_ms: int) -> str:
    """Counts of the whole pipeline."""
    return _line(counts, {"Pipeline": pipeline}, [["Pipeline"]], at_ms)


def _line(values: Mapping[str, Any], dimensions: Mapping[str, str], sets: list[list[str]], at_ms: int) -> str:
    units = [{"Name": name, "Unit": UNITS.get(name, "Count")} for name in values]
    directive = {"Namespace": NAMESPACE, "Dimensions": sets, "Metrics": units}
    envelope = {"_aws": {"Timestamp": at_ms, "CloudWatchMetrics": [directive]}}
    return json.dumps({**envelope, **dimensions, **values}, separators=(",", ":"))

"""How far a function has got with its stream: what it was handed only just now, though it had arrived long before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from streamctl.aws import failures

PERIOD_SECONDS = 60
RECENT = timedelta(minutes=5)
"""CloudWatch shows a metric a minute or two after the fact, and a batch that fails is tried again within this."""
PERMISSIONS = {"*": ("cloudwatch:GetMetricStatistics",)}


def reached(cloudwatch: Any, function: str, now: datetime, *, usual_seconds: float) -> datetime | None:
    """Records that arrived before this have been handed over; None where the function keeps up, or nothing is known.

    It keeps up where records are no older than `usual_seconds` when they are handed over: Lambda tells the age of the
    last one of each batch, also of one that is tried again. Where batches are not even tried, it tells nothing.
    """
    with failures.explained(f"read the iterator age of {function}"):
        answer = cloudwatch.get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName="IteratorAge",
            Dimensions=[{"Name": "FunctionName", "Value": function}],
            StartTime=now - RECENT,
            EndTime=now,
            Period=PERIOD_SECONDS,
            Statistics=["Maximum"],
        )
    points = [(point["Timestamp"], point["Maximum"] / 1000) for point in answer["Datapoints"]]
    at, age_seconds = max(points, default=(now, 0.0))
    if age_seconds <= usual_seconds:
        return None
    arrived_at: datetime = at - timedelta(seconds=age_seconds)
    return arrived_at.astimezone(UTC)

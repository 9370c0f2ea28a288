"""A batch's metrics as log lines in CloudWatch's embedded metric format: no call, no permission.

A line holds one value per metric, so each combination of dimensions has its own. What is to be read without
dimensions is published without them: CloudWatch adds nothing up.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from .item import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .item import Item

NAMESPACE = "RealTimeAnalytics"
VALUES_PER_LINE = 100  # CloudWatch drops a metric with more
EVENT_TYPES = frozenset(METRICS)
DEVICE_TYPES = frozenset({"desktop", "mobile", "tablet"})
OTHER = "other"  # each new dimension value is a metric that costs money: events must not be able to make them up


def metric_lines(
    stored: Sequence[Item], rejected: int, at_ms: int, event_types: frozenset[str] = EVENT_TYPES
) -> Iterator[str]:
    """The lines for records that were stored or set aside; none where there are none."""
    if not stored and not rejected:
        return
    amounts = [item.purchase_amount for item in stored if item.purchase_amount is not None]
    counts = {"EventsProcessed": len(stored), "RecordsRejected": rejected}
    yield _line(counts | _amounts(amounts[:VALUES_PER_LINE]), {}, at_ms)
    for start in range(VALUES_PER_LINE, len(amounts), VALUES_PER_LINE):
        yield _line(_amounts(amounts[start : start + VALUES_PER_LINE]), {}, at_ms)
    combinations = Counter((_known(i.event_type, event_types), _known(i.device_type, DEVICE_TYPES)) for i in stored)
    for (event_type, device_type), count in combinations.items():
        yield _line({"EventsProcessed": count}, {"EventType": event_type, "DeviceType": device_type}, at_ms)


def _amounts(amounts: list[float]) -> dict[str, list[float]]:
    return {"PurchaseAmount": amounts} if amounts else {}


def _known(value: str, known: frozenset[str]) -> str:
    return value if value in known else OTHER


def _line(metrics: Mapping[str, Any], dimensions: Mapping[str, str], at_ms: int) -> str:
    units = [{"Name": name, "Unit": "None" if name == "PurchaseAmount" else "Count"} for name in metrics]
    directive = {"Namespace": NAMESPACE, "Dimensions": [list(dimensions)], "Metrics": units}
    envelope = {"_aws": {"Timestamp": at_ms, "CloudWatchMetrics": [directive]}}
    return json.dumps(envelope | dict(dimensions) | dict(metrics), separators=(",", ":"))

"""A finding as an item of the results table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .watch import Finding

ID_PREFIX = "anomaly:"
"""With the series' name behind it, the item's `eventId`; its `timestamp` is the start of the window it opened with."""
SMALLEST = 1e-100  # DynamoDB takes nothing that is nearer to zero than 1E-130

Typed = dict[str, dict[str, Any]]


def finding_item(finding: Finding) -> Typed:
    """Its attributes with DynamoDB's types around them."""
    item = {
        "eventId": _text(ID_PREFIX + finding.series),
        "timestamp": _number(finding.start),
        "eventType": _text("anomaly"),
        "series": _text(finding.series),
        "status": _text(finding.status),
        "windowSeconds": _number(finding.window_seconds),
        "value": _number(finding.value),
        "expected": _number(finding.expected),
        "low": _number(finding.low),
        "high": _number(finding.high),
        "score": _number(finding.score),
        "highestScore": _number(finding.highest_score),
        "lastWindow": _number(finding.last_start),
    }
    if finding.cleared_start is not None:
        item["clearedAt"] = _number(finding.cleared_start)
    return item


def _text(text: str) -> dict[str, Any]:
    return {"S": text}


def _number(number: float) -> dict[str, Any]:
    if isinstance(number, int):
        return {"N": str(number)}
    return {"N": f"{number:.9g}" if abs(number) > SMALLEST else "0"}

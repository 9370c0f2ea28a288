"""CloudWatch: alarms look at their own dimensions, at whole periods, and at missing data as they were told to.

MiniStack adds up every metric of that name, over all periods at once, and only when somebody publishes: an alarm of one
pipeline is set off by another, and hardly one recovers.
"""

from __future__ import annotations

import operator
import time
from typing import TYPE_CHECKING, Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from streamctl.emulator.mends import queue_metrics
from streamctl.emulator.mends.replacing import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

COMPARISONS = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def apply() -> None:
    replace(cloudwatch, "_evaluate_alarm", lambda alarm: _evaluate(alarm, time.time()))


def evaluate_all() -> None:
    """Look at every alarm of every account and region, and first at the queues: time alone can change both."""
    queue_metrics.publish(time.time())
    for (account, region, _), alarm in list(cloudwatch._alarms._data.items()):
        with request_scope(account, region):
            _evaluate(alarm, time.time())


def state_of(breaching: Sequence[bool | None], needed: int, treat_missing: str) -> str | None:
    """The state that periods call for (None: no data), or None to leave it as it is."""
    missing = {"breaching": True, "notBreaching": False}.get(treat_missing)
    known = [each for each in (missing if each is None else each for each in breaching) if each is not None]
    if not known:
        return None if treat_missing == "ignore" else "INSUFFICIENT_DATA"
    return "ALARM" if sum(known) >= needed else "OK"


def _evaluate(alarm: dict[str, Any], now: float) -> None:
    if alarm.get("ComparisonOperator") not in COMPARISONS or not alarm.get("MetricName"):
        return  # of metric math, or with a band: neither exists here
    periods = alarm["EvaluationPeriods"]
    needed = alarm.get("DatapointsToAlarm") or periods
    # AWS documents that alarms on tables always ignore missing data.
    missing = "ignore" if alarm["Namespace"] == "AWS/DynamoDB" else alarm.get("TreatMissingData", "missing")
    state = state_of([_breaches(alarm, now - index * alarm["Period"]) for index in range(periods)], needed, missing)
    if state is not None and state != alarm["StateValue"]:
        _move(alarm, state, now)


def _breaches(alarm: dict[str, Any], end: float) -> bool | None:
    """Whether the period that ends at `end` breaches; None without data."""
    dimensions = {each["Name"]: each["Value"] for each in alarm.get("Dimensions") or []}
    key = (alarm["Namespace"], alarm["MetricName"], cloudwatch._dims_key(dimensions))
    points = [each for each in cloudwatch._metrics.get(key) or [] if end - alarm["Period"] < each["Timestamp"] <= end]
    if not points:
        return None
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
    value = cloudwatch._stat_value(cloudwatch._calc_stats(points), statistic, points)
    return None if value is None else bool(COMPARISONS[alarm["ComparisonOperator"]](value, alarm["Threshold"]))


def _move(alarm: dict[str, Any], state: str, now: float) -> None:
    before = alarm["StateValue"]
    reason = f"{alarm['MetricName']} {alarm['ComparisonOperator']} {alarm['Threshold']}: {state}"
    alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(now))
    cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from moto import mock_aws

from streamctl.aws import Aws
from streamctl.observe.metrics import Reading, Span, read
from streamctl.pipeline.builder import Series

NOW = datetime(2026, 11, 23, 12, 7, 30, tzinfo=UTC)
EVENTS = Series("Events", "RealTimeAnalytics", "EventsProcessed", {}, "Sum")
AGE = Series("Age", "AWS/Lambda", "IteratorAge", {"FunctionName": "f"}, "Maximum", "ms")


def test_a_span_covers_whole_periods_and_the_one_under_way() -> None:
    span = Span.until(NOW, timedelta(minutes=10), 300)

    assert (f"{span.start:%H:%M}", f"{span.end:%H:%M}", span.periods) == ("11:55", "12:10", 3)


@mock_aws
def test_values_stand_in_their_period_and_gaps_stay_gaps() -> None:
    aws = Aws(region="eu-central-1", credentials=("test", "test"))
    cloudwatch = aws.client("cloudwatch")
    for minutes, value in ((1, 3.0), (2, 4.0), (9, 5.0)):
        datum = {"MetricName": "EventsProcessed", "Value": value, "Timestamp": NOW - timedelta(minutes=minutes)}
        cloudwatch.put_metric_data(Namespace="RealTimeAnalytics", MetricData=[datum])
    aged = {"MetricName": "IteratorAge", "Value": 70.0, "Timestamp": NOW - timedelta(minutes=1)}
    aged["Dimensions"] = [{"Name": "FunctionName", "Value": "f"}]
    cloudwatch.put_metric_data(Namespace="AWS/Lambda", MetricData=[aged])

    events, age = read(aws, [EVENTS, AGE], Span.until(NOW, timedelta(minutes=10), 300))

    assert events.values == (5.0, None, 7.0)
    assert age.values == (None, None, 70.0)


def test_the_overall_value_is_the_series_own_statistic() -> None:
    def overall(statistic: str) -> float | None:
        return Reading(Series("s", "n", "m", {}, statistic), (1.0, None, 5.0)).overall

    assert [overall(name) for name in ("Sum", "Average", "Maximum", "Minimum", "p99")] == [6.0, 3.0, 5.0, 1.0, 5.0]
    assert Reading(EVENTS, (None,)).overall is None

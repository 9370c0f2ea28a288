"""Metrics as CloudWatch holds them, read by their exact dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from streamctl.aws.failures import explained

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamctl.aws import Aws
    from streamctl.pipeline.builder import Series

QUERIES_PER_CALL = 500  # GetMetricData's limit
PERMISSIONS = {"*": ("cloudwatch:GetMetricData",)}


@dataclass(frozen=True)
class Reading:
    """One series over the asked time: a value a period, None where CloudWatch has no data."""

    series: Series
    values: tuple[float | None, ...]

    @property
    def overall(self) -> float | None:
        """The series' own statistic over all periods: the sum of sums, the largest maximum, the mean of averages."""
        present = [value for value in self.values if value is not None]
        if not present:
            return None
        if self.series.statistic in {"Sum", "SampleCount"}:
            return sum(present)
        if self.series.statistic == "Average":
            return sum(present) / len(present)
        return min(present) if self.series.statistic == "Minimum" else max(present)


@dataclass(frozen=True)
class Span:
    """A stretch of time cut into periods, aligned as CloudWatch aligns them. `start` and `end` in UTC."""

    start: datetime
    end: datetime
    period_seconds: int

    @classmethod
    def until(cls, end: datetime, since: timedelta, period_seconds: int) -> Span:
        """The periods that cover `since` before `end`, the one under way included."""
        last = int(end.timestamp()) // period_seconds * period_seconds + period_seconds
        first = int((end - since).timestamp()) // period_seconds * period_seconds
        return cls(datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(last, UTC), period_seconds)

    @property
    def periods(self) -> int:
        return int((self.end - self.start).total_seconds()) // self.period_seconds


def read(aws: Aws, wanted: Sequence[Series], span: Span) -> list[Reading]:
    """Read every series over the span, in the order asked for."""
    values: dict[int, dict[int, float]] = {index: {} for index in range(len(wanted))}
    with explained("read the metrics"):
        for query_id, at, value in _answers(aws, wanted, span):
            slot = int((at - span.start).total_seconds()) // span.period_seconds
            values[int(query_id.removeprefix("q"))][slot] = value
    return [
        Reading(series, tuple(values[index].get(slot) for slot in range(span.periods)))
        for index, series in enumerate(wanted)
    ]


def _answers(aws: Aws, wanted: Sequence[Series], span: Span) -> Iterator[tuple[str, datetime, float]]:
    queries = [_query(index, series, span.period_seconds) for index, series in enumerate(wanted)]
    pages = aws.client("cloudwatch").get_paginator("get_metric_data")
    for first in range(0, len(queries), QUERIES_PER_CALL):
        some = queries[first : first + QUERIES_PER_CALL]
        for page in pages.paginate(MetricDataQueries=some, StartTime=span.start, EndTime=span.end):
            for result in page["MetricDataResults"]:
                for at, value in zip(result["Timestamps"], result["Values"], strict=True):
                    yield result["Id"], at, value


def _query(index: int, series: Series, period_seconds: int) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in series.dimensions.items()]
    metric = {"Namespace": series.namespace, "MetricName": series.metric, "Dimensions": dimensions}
    return {
        "Id": f"q{index}",
        "MetricStat": {"Metric": metric, "Period": period_seconds, "Stat": series.statistic},
        "ReturnData": True,
    }

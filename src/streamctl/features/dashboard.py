"""A CloudWatch dashboard of the pipeline: whatever it and its features measure, and the states of its alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from streamctl.features import widgets
from streamctl.pipeline.builder import Series
from streamctl.plugins import FeatureSettings
from streamctl.resources.cloudwatch_alarm import CloudwatchAlarm
from streamctl.resources.cloudwatch_dashboard import CloudwatchDashboard
from streamctl.resources.lambda_function import LambdaFunction
from streamctl.resources.log_group import LogGroup
from streamctl.resources.sqs_queue import SqsQueue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streamctl.features.widgets import Widget
    from streamctl.pipeline.builder import Pipeline


class DashboardSettings(FeatureSettings):
    period_seconds: int = Field(
        300, ge=60, le=86_400, multiple_of=60, description="Seconds that one point of a graph covers: 60, 120, …"
    )
    hours: int = Field(3, ge=1, le=720, description="Hours that are shown when it is opened, 1 to 720.")


class Graph(NamedTuple):
    """What is shown together: every series of these metrics, each as `namespace name`."""

    title: str
    unit: str
    metrics: frozenset[str]


def _graph(title: str, unit: str, *metrics: str) -> Graph:
    return Graph(title, unit, frozenset(metrics))


GRAPHS = (
    _graph("Throughput", "records", "AWS/Kinesis IncomingRecords", "RealTimeAnalytics EventsProcessed"),
    _graph("Iterator age", "ms", "AWS/Lambda IteratorAge", "AWS/Kinesis GetRecords.IteratorAgeMilliseconds"),
    _graph("Time a batch takes", "ms", "AWS/Lambda Duration"),
    _graph("Errors and throttles of the function", "invocations", "AWS/Lambda Errors", "AWS/Lambda Throttles"),
    _graph(
        "Refused by stream and table",
        "records",
        "AWS/Kinesis WriteProvisionedThroughputExceeded",
        "AWS/Kinesis ReadProvisionedThroughputExceeded",
        "AWS/Kinesis PutRecords.ThrottledRecords",
        "AWS/DynamoDB WriteThrottleEvents",
        "AWS/DynamoDB ReadThrottleEvents",
    ),
    _graph(
        "Set aside and given up",
        "records, messages",
        "RealTimeAnalytics RecordsRejected",
        "AWS/SQS ApproximateNumberOfMessagesVisible",
    ),
    _graph("Costs: sent and logged", "bytes", "AWS/Kinesis IncomingBytes", "AWS/Logs IncomingBytes"),
    _graph("Costs: invocations", "invocations", "AWS/Lambda Invocations"),
    _graph("Costs: writes to the table", "write units", "AWS/DynamoDB ConsumedWriteCapacityUnits"),
)
"""In this order. A metric that is nowhere here has a graph of its own below."""
QUEUES = {"rejected": "Records set aside", "failures": "Batches given up"}


class Dashboard:
    """A CloudWatch dashboard of the whole pipeline.

    It costs $3 a month beyond the first three of an account.
    """

    settings = DashboardSettings
    default = False

    def apply(self, pipeline: Pipeline, settings: DashboardSettings) -> None:
        pipeline.when_complete(lambda: _add(pipeline, settings))


def _add(pipeline: Pipeline, settings: DashboardSettings) -> None:
    shown = widgets.laid_out(_widgets(pipeline, settings.period_seconds))
    body = {"start": f"-PT{settings.hours}H", "periodOverride": "inherit", "widgets": list(shown)}
    pipeline.add(CloudwatchDashboard(id="dashboard", name=pipeline.names.dashboard, body=body))


def _widgets(pipeline: Pipeline, period: int) -> Iterator[Widget]:
    suffix = pipeline.names.suffix
    yield widgets.text(
        f"# Pipeline {suffix}\n"
        "Made by streamctl: the next deployment that changes it takes back what was changed here by hand. "
        "What is said to be *of all pipelines* is published without a name, and is one for this account and region."
    )
    alarms = pipeline.all(CloudwatchAlarm)
    if alarms:
        yield widgets.states(alarms)
    series = [*pipeline.series, *_besides(pipeline)]
    yield from _drawn_together(GRAPHS, series, alarms, period)
    yield _running_time(pipeline, period)
    slowest = Series("Slowest batch", "AWS/Lambda", "Duration", {"FunctionName": pipeline.names.function}, "Maximum")
    yield _drawn("Slowest batch, and its limit", "ms", [slowest], alarms, period)
    yield from _drawn_together(_others(series), series, alarms, period)


def _drawn_together(
    graphs: Iterable[Graph], series: Sequence[Series], alarms: Sequence[CloudwatchAlarm], period: int
) -> Iterator[Widget]:
    for graph in graphs:
        together = [each for each in series if _metric(each) in graph.metrics]
        if together:
            yield _drawn(graph.title, graph.unit, together, alarms, period)


def _drawn(title: str, unit: str, series: Sequence[Series], alarms: Sequence[CloudwatchAlarm], period: int) -> Widget:
    return widgets.graph(title, unit, list(map(widgets.line, series)), period, _thresholds(series, alarms, period))


def _metric(series: Series | CloudwatchAlarm) -> str:
    return f"{series.namespace} {series.metric}"


def _besides(pipeline: Pipeline) -> Iterator[Series]:
    """What a dashboard shows beside the series of `streamctl metrics`: of the features' queues and logs, too."""
    function = {"FunctionName": pipeline.names.function}
    yield Series("Duration, 99 of 100 within", "AWS/Lambda", "Duration", function, "p99", "ms")
    for group in pipeline.all(LogGroup):
        yield Series(f"Logged to {group.name}", "AWS/Logs", "IncomingBytes", {"LogGroupName": group.name}, "Sum", "B")
    for queue in pipeline.all(SqsQueue):  # a bucket has no metric that tells how much is in it now
        label = QUEUES.get(queue.id, f"Messages in {queue.name}")
        dimensions = {"QueueName": queue.name}
        yield Series(label, "AWS/SQS", "ApproximateNumberOfMessagesVisible", dimensions, "Maximum")


def _others(series: Sequence[Series]) -> list[Graph]:
    """A graph for each metric that no other shows, with all its dimensions side by side."""
    known = frozenset[str]().union(*(graph.metrics for graph in GRAPHS))
    left = {_metric(each): each for each in series if _metric(each) not in known}
    return [_graph(f"{each.metric} ({each.namespace})", each.unit, metric) for metric, each in left.items()]


def _thresholds(series: Sequence[Series], alarms: Sequence[CloudwatchAlarm], period: int) -> dict[float, str]:
    """Where an alarm on one of the series fires: the first one, as a far higher line would flatten all the others.

    A sum is over the alarm's own period, so it says nothing where a point covers another.
    """
    drawn: dict[float, list[str]] = {}
    for each in series:
        firing = [
            alarm
            for alarm in alarms
            if (_metric(alarm), dict(alarm.dimensions), alarm.statistic)
            == (_metric(each), dict(each.dimensions), each.statistic)
            and (alarm.statistic != "Sum" or alarm.period_seconds == period)
        ]
        if firing:
            first = min(firing, key=lambda alarm: alarm.threshold)
            drawn.setdefault(first.threshold, []).append(first.name.partition("-")[0])
    return {value: ", ".join(names) for value, names in drawn.items()}


def _running_time(pipeline: Pipeline, period: int) -> Widget:
    """What Lambda charges for: the duration of every invocation, in ms, times the function's memory."""
    lines = []
    for number, function in enumerate(pipeline.all(LambdaFunction)):
        duration = Series(function.name, "AWS/Lambda", "Duration", {"FunctionName": function.name}, "Sum")
        charged = f"duration{number} / 1000 * {function.memory_mb} / 1024"
        lines.append([{"expression": charged, "label": function.name, "id": f"charged{number}"}])
        lines.append(widgets.line(duration, id=f"duration{number}", visible=False))
    return widgets.graph("Costs: running time", "GB-seconds", lines, period)

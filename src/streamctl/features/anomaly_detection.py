"""A second function, fed by the table's stream, that finds what is unusual in what is stored, and tells people.

Turned off again, its resources go, and what the detector has learned with them: that can be learned again. What it
found stays in the results table, like everything there.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import Field, model_validator

from streamctl.errors import PluginError
from streamctl.features.alarms import TOPIC_ID
from streamctl.features.anomaly_checks import PERMISSIONS, Watcher, look
from streamctl.features.mail import MailAddress, only_over_tls, subscribe
from streamctl.functions.anomaly_detector.detector import THRESHOLD
from streamctl.functions.anomaly_detector.store import EXPIRES
from streamctl.functions.anomaly_detector.tail import WARM_UP
from streamctl.functions.processor.marks import MARK_REJECTED
from streamctl.pipeline.builder import Series
from streamctl.pipeline.names import METRIC_NAMESPACE
from streamctl.plugins import FeatureSettings
from streamctl.resources.cloudwatch_alarm import CloudwatchAlarm
from streamctl.resources.dynamodb_table import DynamodbTable
from streamctl.resources.event_source_mapping import EventSourceMapping
from streamctl.resources.iam_role import IamRole
from streamctl.resources.lambda_function import LambdaFunction
from streamctl.resources.log_group import LogGroup
from streamctl.resources.sns_topic import SnsTopic
from streamctl.resources.sqs_queue import SqsQueue
from streamctl.resources.tls_only import tls_only

if TYPE_CHECKING:
    from streamctl.pipeline.builder import Pipeline
    from streamctl.pipeline.package import Package

HANDLER = "anomaly_detector.handler.handle"
SeriesName = Literal[
    "page_views",
    "purchases",
    "user_signups",
    "clicks",
    "other_events",
    "purchase_amount",
    "page_load_time",
    "rejected_records",
]
LATEST_WINDOWS = 60
"""Windows that may be open for what is late; all are one item of the state."""
WHAT_ARRIVED: dict[str, Any] = {
    "eventName": ["INSERT"],
    "dynamodb": {"NewImage": {"arrivedAtMs": {"N": [{"exists": True}]}}},
}
"""New items that came through the stream: no event delivered again, which overwrites its item, and no findings."""


class AnomalySettings(FeatureSettings):
    metrics: list[SeriesName] = Field(
        list(get_args(SeriesName)),
        min_length=1,
        description="What is watched: numbers of events ('page_views', 'purchases', 'user_signups', 'clicks', "
        "'other_events') and of records set aside ('rejected_records'), the 'purchase_amount' in all, the mean "
        "'page_load_time'. Each costs two custom metrics of CloudWatch.",
    )
    window_seconds: int = Field(
        60,
        ge=10,
        le=86_400,
        description="Seconds of event time that make one value of each series, 10 to 86400. Another length begins all "
        "series anew.",
    )
    allowed_lateness_seconds: int = Field(
        60,
        ge=0,
        le=604_800,
        description="Seconds a window stays open for events that are late, 0 to 604800, at most 60 windows. Later ones "
        "are counted as LateRecords and are in no window.",
    )
    threshold: float = Field(
        THRESHOLD,
        gt=0,
        lt=1,
        description="Score from 0 to 1 from which on a window is an anomaly. Lower finds more, also more that is none.",
    )
    warm_up_windows: int = Field(
        250,
        ge=0,
        le=100_000,
        description="Windows of a series that are only learned from before anything is told, 0 to 100000. The detector "
        f"itself finds nothing in the first {WARM_UP}.",
    )
    clear_after_windows: int = Field(
        3, ge=1, le=1000, description="Calm windows in a row that end an anomaly, 1 to 1000."
    )
    email: list[MailAddress] = Field(
        default_factory=list,
        description="Mail addresses told of an anomaly and of its end. AWS asks each of them to confirm.",
    )
    memory_mb: int = Field(256, ge=128, le=10_240, description="The function's memory in MB, 128 to 10240.")
    timeout_seconds: int = Field(60, ge=10, le=900, description="Longest run of one batch in seconds, 10 to 900.")
    batch_size: int = Field(500, ge=1, le=10_000, description="Most items in one invocation, 1 to 10000.")
    batching_window_seconds: int = Field(
        10, ge=0, le=300, description="Seconds to wait for a full batch, 0 to 300; at least 1 for more than 10 items."
    )

    @model_validator(mode="after")
    def _fits(self) -> AnomalySettings:
        if self.allowed_lateness_seconds > LATEST_WINDOWS * self.window_seconds:
            raise ValueError(f"allowed_lateness_seconds can be at most {LATEST_WINDOWS} windows")
        if self.batch_size > 10 and self.batching_window_seconds < 1:
            raise ValueError("batching_window_seconds must be at least 1 when batch_size is over 10")
        return self


class AnomalyDetection:
    """A second function on the table's stream that finds and tells what is unusual; `streamctl anomalies` shows it."""

    settings = AnomalySettings
    default = False

    def apply(self, pipeline: Pipeline, settings: AnomalySettings) -> None:
        _refuse_redacted(pipeline, settings)
        pipeline.change("table", stream_view="NEW_IMAGE")
        if "rejected_records" in settings.metrics:  # they never reach the table, so the processor marks them there
            environment = pipeline.get("function", LambdaFunction).environment
            pipeline.change("function", environment={**environment, MARK_REJECTED: "1"})
        _provision(pipeline)
        subscribe(pipeline, _topic(pipeline), settings.email, "anomalies")
        _function(pipeline, settings)
        _allow(pipeline)
        _mapping(pipeline, settings)
        if TOPIC_ID in pipeline.resources:
            _alarms(pipeline)
        pipeline.series.extend(_series(pipeline))
        names = pipeline.names
        batching = pipeline.config.event_source.batching_window_seconds + settings.batching_window_seconds
        watcher = Watcher(
            names.detector,
            names.table,
            names.anomalies_table,
            names.detector_failures_queue,
            tuple(settings.metrics),
            timedelta(seconds=batching),
        )
        pipeline.check(partial(look, watcher), PERMISSIONS)


def _refuse_redacted(pipeline: Pipeline, settings: AnomalySettings) -> None:
    fields = {"amount": "purchase_amount", "loadTime": "page_load_time"}
    for path in pipeline.config.table.redacted_fields:
        if fields.get(path) in settings.metrics:
            raise PluginError(
                f"features.anomaly_detection cannot watch {fields[path]}: {path} is one of the redacted_fields.",
                "Take one of the two out of streamctl.toml.",
            )


def _provision(pipeline: Pipeline) -> None:
    names = pipeline.names
    retention_days = pipeline.get("log_group", LogGroup).retention_days
    # Made before the function can log: its role may not create it, or a late invocation would bring it back.
    pipeline.add(LogGroup(id="detector_log_group", name=names.detector_log_group, retention_days=retention_days))
    pipeline.add(
        IamRole(
            id="detector_role",
            name=names.detector_role,
            trusted_service="lambda.amazonaws.com",
            source_account="${aws.account}",
        )
    )
    pipeline.add(
        DynamodbTable(
            id="anomalies_table",
            name=names.anomalies_table,
            hash_key=("id", "S"),
            ttl_attribute=EXPIRES,
            derived=True,
        )
    )
    queue = SqsQueue(id="detector_failures", name=names.detector_failures_queue, derived=True)
    pipeline.add(replace(queue, policy=tls_only("sqs", queue.arn)))


def _topic(pipeline: Pipeline) -> SnsTopic:
    """Who is told: the function's role may publish to it by its own policy, and nobody without TLS."""
    topic = pipeline.add(SnsTopic(id="anomalies_topic", name=pipeline.names.anomalies_topic))
    pipeline.change(topic.id, policy={"Version": "2012-10-17", "Statement": [only_over_tls(topic)]})
    return topic


def _function(pipeline: Pipeline, settings: AnomalySettings) -> None:
    processor, role = pipeline.get("function", LambdaFunction), pipeline.get("detector_role", IamRole)
    pipeline.add(
        LambdaFunction(
            id="detector",
            name=pipeline.names.detector,
            role=role.ref("arn"),
            runtime=processor.runtime,
            architecture=processor.architecture,
            handler=HANDLER,
            memory_mb=settings.memory_mb,
            invocation_timeout_seconds=settings.timeout_seconds,
            environment={
                "PIPELINE": pipeline.names.suffix,
                "STATE_TABLE": pipeline.get("anomalies_table", DynamodbTable).ref("name"),
                "RESULTS_TABLE": pipeline.get("table", DynamodbTable).ref("name"),
                "TOPIC_ARN": pipeline.get("anomalies_topic", SnsTopic).ref("arn"),
                "SERIES": ",".join(dict.fromkeys(settings.metrics)),
                "WINDOW_SECONDS": str(settings.window_seconds),
                "ALLOWED_LATENESS_SECONDS": str(settings.allowed_lateness_seconds),
                "THRESHOLD": str(settings.threshold),
                "WARM_UP_WINDOWS": str(settings.warm_up_windows),
                "CLEAR_AFTER_WINDOWS": str(settings.clear_after_windows),
            },
            **pipeline.ship("anomaly_detector", _package),
            after=("detector_log_group",),
        )
    )


def _package() -> Package:
    from streamctl.pipeline.package import package

    return package("anomaly_detector")


def _allow(pipeline: Pipeline) -> None:
    """A transaction needs what its parts need, and nothing of its own."""
    table, state = pipeline.get("table", DynamodbTable), pipeline.get("anomalies_table", DynamodbTable)
    topic, queue = pipeline.get("anomalies_topic", SnsTopic), pipeline.get("detector_failures", SqsQueue)
    logs = f"{pipeline.get('detector_log_group', LogGroup).arn}:*"
    role = "detector_role"
    pipeline.allow(["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem"], state.arn, role=role)
    pipeline.allow(["dynamodb:PutItem"], table.arn, role=role)
    pipeline.allow(["sns:Publish"], topic.arn, role=role)
    pipeline.allow(["sqs:SendMessage"], queue.arn, role=role)
    pipeline.allow(["logs:CreateLogStream", "logs:PutLogEvents"], logs, role=role)
    # What the event source mapping does in the role's name; AWS ties the last to no resource.
    reading = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
    pipeline.allow(reading, f"{table.arn}/stream/*", role=role)
    pipeline.allow(["dynamodb:ListStreams"], "*", role=role)


def _mapping(pipeline: Pipeline, settings: AnomalySettings) -> None:
    table, function = pipeline.get("table", DynamodbTable), pipeline.get("detector", LambdaFunction)
    source = pipeline.config.event_source
    pipeline.add(
        EventSourceMapping(
            id="detector_mapping",
            name=f"{table.name} to {function.name}",
            event_source_arn=table.ref("arn"),
            table_stream_arn=table.ref("stream_arn"),
            function_name=function.ref("name"),
            batch_size=settings.batch_size,
            batching_window_seconds=settings.batching_window_seconds,
            bisect_on_error=source.bisect_on_error,
            maximum_retry_attempts=source.maximum_retry_attempts,
            report_batch_item_failures=True,
            on_failure_arn=pipeline.get("detector_failures", SqsQueue).ref("arn"),
            filter_patterns=(WHAT_ARRIVED,),
        )
    )


def _alarms(pipeline: Pipeline) -> None:
    """What the detector cannot tell itself. That there is an anomaly it can, and does so once."""
    names = pipeline.names
    like = pipeline.get("errors_alarm", CloudwatchAlarm)
    watched = [
        ("detector_errors_alarm", "AnomalyDetectorErrors", "The anomaly detector failed.",
         "AWS/Lambda", "Errors", {"FunctionName": names.detector}, "Sum"),
        ("detector_failures_alarm", "AnomalyDetectorBatchesGivenUp", "Lambda gave up on batches of the detector's.",
         "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": names.detector_failures_queue}, "Maximum"),
        ("notices_alarm", "AnomalyNoticesFailed", "An anomaly was found, and nobody could be told.",
         METRIC_NAMESPACE, "AnomalyNoticesFailed", {"Pipeline": names.suffix}, "Sum"),
    ]  # fmt: skip
    for alarm_id, title, description, namespace, metric, dimensions, statistic in watched:
        pipeline.add(
            CloudwatchAlarm(
                id=alarm_id,
                name=names.alarm(title),
                description=description,
                namespace=namespace,
                metric=metric,
                dimensions=dimensions,
                statistic=statistic,
                threshold=1.0,
                period_seconds=like.period_seconds,
                actions=like.actions,
                ok_actions=like.ok_actions,
            )
        )


def _series(pipeline: Pipeline) -> list[Series]:
    ours = {"Pipeline": pipeline.names.suffix}
    function = {"FunctionName": pipeline.names.detector}
    return [
        Series("Anomalies", METRIC_NAMESPACE, "Anomalies", ours, "Sum"),
        Series("Anomaly score, highest", METRIC_NAMESPACE, "AnomalyScore", ours, "Maximum"),
        Series("Late records", METRIC_NAMESPACE, "LateRecords", ours, "Sum"),
        Series("Records of the future", METRIC_NAMESPACE, "FutureRecords", ours, "Sum"),
        Series("Errors (anomaly detector)", "AWS/Lambda", "Errors", function, "Sum"),
        Series("Iterator age (anomaly detector)", "AWS/Lambda", "IteratorAge", function, "Maximum", "ms"),
    ]

"""The recipe's alarms, step 6, mended, and the others that matter for a pipeline that must lose nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import Field

from streamctl.plugins import FeatureSettings
from streamctl.resources.cloudwatch_alarm import CloudwatchAlarm

if TYPE_CHECKING:
    from streamctl.pipeline.builder import Pipeline


class AlarmSettings(FeatureSettings):
    period_seconds: int = Field(300, ge=60, le=86_400, multiple_of=60, description="Seconds a look covers: 60, 120, …")
    iterator_age_seconds: int = Field(
        60, ge=1, le=604_800, description="Seconds the function may be behind the stream before its alarm fires."
    )
    actions: list[str] = Field(
        default_factory=list, description="ARNs told when an alarm fires, of SNS topics for example."
    )


class Watch(NamedTuple):
    id: str
    title: str
    description: str
    namespace: str
    metric: str
    dimensions: dict[str, str]
    statistic: str = "Sum"
    threshold: float = 1.0


class Alarms:
    """On by default: the recipe makes its alarms in every pipeline."""

    settings = AlarmSettings
    default = True

    def apply(self, pipeline: Pipeline, settings: AlarmSettings) -> None:
        for watch in _watches(pipeline, settings):
            fields: dict[str, Any] = watch._asdict()
            name = pipeline.names.alarm(fields.pop("title"))
            pipeline.add(
                CloudwatchAlarm(
                    name=name, period_seconds=settings.period_seconds, actions=tuple(settings.actions), **fields
                )
            )


def _watches(pipeline: Pipeline, settings: AlarmSettings) -> list[Watch]:
    names = pipeline.names
    function, table = {"FunctionName": names.function}, {"TableName": names.table}
    stream = {"StreamName": names.stream}
    age_ms = settings.iterator_age_seconds * 1000.0
    watches = [
        Watch("errors_alarm", "KinesisLambdaProcessorErrors", "The processor failed.",
              "AWS/Lambda", "Errors", function),
        # The recipe watches ThrottledRequests, which is never published with TableName alone: it could not fire.
        Watch("throttling_alarm", "DynamoDBThrottling", "The table refused writes.",
              "AWS/DynamoDB", "WriteThrottleEvents", table),
        Watch("throttles_alarm", "KinesisLambdaThrottles", "Lambda refused to run the processor.",
              "AWS/Lambda", "Throttles", function),
        Watch("iterator_age_alarm", "KinesisLambdaIteratorAge", "The processor falls behind the stream.",
              "AWS/Lambda", "IteratorAge", function, "Maximum", age_ms),
        Watch("stream_throttling_alarm", "KinesisWriteThrottling", "The stream refused records.",
              "AWS/Kinesis", "WriteProvisionedThroughputExceeded", stream),
        # The processor reports what it could not store as a partial batch, so the invocation counts as a success:
        # what Lambda gives up on in the end is seen in the queue, and nowhere else.
        Watch("failures_alarm", "KinesisBatchesGivenUp", "Lambda gave up on batches.",
              "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": names.failures_queue}, "Maximum"),
        Watch("rejected_alarm", "KinesisRecordsRejected", "Records were set aside: they can never be processed.",
              "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": names.rejected_queue}, "Maximum"),
    ]  # fmt: skip
    # A bucket has no metric that tells of a new object.
    return [each for each in watches if each.id != "failures_alarm" or "failures" in pipeline.resources]

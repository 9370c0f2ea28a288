"""The recipe's alarms, step 6, mended; the others that matter where nothing may be lost; and who is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import Field

from streamctl.features.mail import MailAddress, only_over_tls, publishing, subscribe
from streamctl.plugins import FeatureSettings
from streamctl.resources.cloudwatch_alarm import CloudwatchAlarm
from streamctl.resources.kinesis_stream import KinesisStream
from streamctl.resources.kms_key import KmsKey
from streamctl.resources.lambda_function import LambdaFunction
from streamctl.resources.sns_topic import SnsTopic

if TYPE_CHECKING:
    from streamctl.pipeline.builder import Pipeline

TOPIC_ID = "alarms_topic"
Arn = Annotated[str, Field(pattern=r"^arn:[\w-]+:[\w-]+:")]
NEAR_TIMEOUT = 0.9
"""Part of the function's timeout from which on a batch takes too long: the next slower one is lost time."""


class AlarmSettings(FeatureSettings):
    period_seconds: int = Field(300, ge=60, le=86_400, multiple_of=60, description="Seconds a look covers: 60, 120, …")
    iterator_age_seconds: int = Field(
        60, ge=1, le=604_800, description="Seconds the function may be behind the stream before its alarm fires."
    )
    email: list[MailAddress] = Field(
        default_factory=list,
        description="Mail addresses told when an alarm fires and when it is over. AWS asks each of them to confirm.",
    )
    actions: list[Arn] = Field(
        default_factory=list, max_length=4, description="ARNs told besides when an alarm fires: 4 at most."
    )
    encrypt_topic: bool = Field(
        False,
        description="Encrypt what waits in the topic with a key of your own. Off, since the messages hold names of "
        "alarms and no events, and a key costs $1 a month and waits 7 days for its deletion after `down`. "
        "The key AWS manages for SNS would let CloudWatch tell nobody.",
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
    """The recipe's alarms and the others that matter, and the topic they tell.

    On by default, since the recipe makes its alarms in every pipeline. Those on `AWS/DynamoDB` ignore missing data
    whatever they are told: once fired, one stays so until a period has data again.
    """

    settings = AlarmSettings
    default = True

    def apply(self, pipeline: Pipeline, settings: AlarmSettings) -> None:
        topic = _topic(pipeline, settings)
        subscribe(pipeline, topic, settings.email, "alarms")
        for watch in _watches(pipeline, settings):
            fields: dict[str, Any] = watch._asdict()
            pipeline.add(
                CloudwatchAlarm(
                    name=pipeline.names.alarm(fields.pop("title")),
                    period_seconds=settings.period_seconds,
                    actions=(topic.ref("arn"), *settings.actions),
                    ok_actions=(topic.ref("arn"),),
                    **fields,
                )
            )


def _topic(pipeline: Pipeline, settings: AlarmSettings) -> SnsTopic:
    """Whom all alarms tell: CloudWatch may publish to it for alarms of this account, and nobody without TLS."""
    topic = pipeline.add(SnsTopic(id=TOPIC_ID, name=pipeline.names.alarms_topic))
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AlarmsOfThisAccount",
                "Effect": "Allow",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                **publishing(topic),
                "Condition": {"StringEquals": {"aws:SourceAccount": "${aws.account}"}},
            },
            only_over_tls(topic),
        ],
    }
    pipeline.change(TOPIC_ID, policy=policy)
    if settings.encrypt_topic:
        key = pipeline.add(_key(pipeline))
        pipeline.change(TOPIC_ID, kms_key_id=key.alias, after=(key.id,))
    return topic


def _key(pipeline: Pipeline) -> KmsKey:
    """A key that the account administers and CloudWatch may use for alarms of this account."""
    return KmsKey(
        id="alarms_key",
        name=pipeline.names.alarms_key,
        policy={
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "AdministeredByTheAccount",
                    "Effect": "Allow",
                    "Principal": {"AWS": "arn:${aws.partition}:iam::${aws.account}:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                },
                {
                    "Sid": "AlarmsOfThisAccount",
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudwatch.amazonaws.com"},
                    "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                    "Resource": "*",
                    "Condition": {"StringEquals": {"aws:SourceAccount": "${aws.account}"}},
                },
            ],
        },
    )


def _watches(pipeline: Pipeline, settings: AlarmSettings) -> list[Watch]:
    names = pipeline.names
    function, table = {"FunctionName": names.function}, {"TableName": names.table}
    stream = {"StreamName": names.stream}
    age_ms = settings.iterator_age_seconds * 1000.0
    half_retention_ms = pipeline.get("stream", KinesisStream).retention_hours * 3_600_000 / 2
    near_timeout_ms = pipeline.get("function", LambdaFunction).invocation_timeout_seconds * 1000 * NEAR_TIMEOUT
    watches = [
        Watch("errors_alarm", "KinesisLambdaProcessorErrors", "The processor failed.",
              "AWS/Lambda", "Errors", function),
        # The recipe watches ThrottledRequests, which is never published with TableName alone: it could not fire.
        Watch("throttling_alarm", "DynamoDBThrottling",
              "The table refused writes. CloudWatch keeps the state while there is no new data.",
              "AWS/DynamoDB", "WriteThrottleEvents", table),
        Watch("throttles_alarm", "KinesisLambdaThrottles", "Lambda refused to run the processor.",
              "AWS/Lambda", "Throttles", function),
        Watch("iterator_age_alarm", "KinesisLambdaIteratorAge", "The processor falls behind the stream.",
              "AWS/Lambda", "IteratorAge", function, "Maximum", age_ms),
        Watch("retention_alarm", "KinesisRecordsNearExpiry",
              "Critical: half the stream's retention has passed before records were processed; soon they are lost.",
              "AWS/Lambda", "IteratorAge", function, "Maximum", half_retention_ms),
        Watch("duration_alarm", "KinesisLambdaNearTimeout", "Batches take nearly as long as the function may run.",
              "AWS/Lambda", "Duration", function, "Maximum", near_timeout_ms),
        Watch("stream_throttling_alarm", "KinesisWriteThrottling", "The stream refused records.",
              "AWS/Kinesis", "WriteProvisionedThroughputExceeded", stream),
        Watch("stream_reads_alarm", "KinesisReadThrottling", "The stream refused reads: too many consumers.",
              "AWS/Kinesis", "ReadProvisionedThroughputExceeded", stream),
        # The processor reports what it could not store as a partial batch, so the invocation counts as a success:
        # what Lambda gives up on in the end is seen in the queue, and nowhere else.
        Watch("failures_alarm", "KinesisBatchesGivenUp", "Lambda gave up on batches.",
              "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": names.failures_queue}, "Maximum"),
        # Its own metric, RecordsRejected, is one for all pipelines of an account and region.
        Watch("rejected_alarm", "KinesisRecordsRejected", "Records were set aside: they can never be processed.",
              "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": names.rejected_queue}, "Maximum"),
    ]  # fmt: skip
    # A bucket has no metric that tells of a new object.
    return [each for each in watches if each.id != "failures_alarm" or "failures" in pipeline.resources]

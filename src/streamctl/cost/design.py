"""What is billed of a blueprint; and the recipe's design in the same terms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from streamctl.cost.processing import RECIPE, STREAMCTL, Processing, metrics_of_types
from streamctl.resources.cloudwatch_alarm import CloudwatchAlarm
from streamctl.resources.cloudwatch_dashboard import CloudwatchDashboard
from streamctl.resources.dynamodb_table import DynamodbTable
from streamctl.resources.event_source_mapping import EventSourceMapping
from streamctl.resources.kinesis_stream import KinesisStream
from streamctl.resources.kms_key import KmsKey
from streamctl.resources.lambda_function import LambdaFunction

if TYPE_CHECKING:
    from streamctl.pipeline.builder import Pipeline

CHECKSUM_BYTES = 77  # payloadSha256, its name and its value
RAW_DATA_BYTES = 7  # the name rawData
USUAL = frozenset(
    {
        *("cloudwatch_alarm", "cloudwatch_dashboard", "kms_key"),
        *("iam_role", "log_group", "sns_topic", "sns_subscription", "sqs_queue", "s3_bucket"),
    }
)
"""Kinds that are priced however many there are, or cost nothing while nothing goes wrong."""


@dataclass(frozen=True, kw_only=True)
class Design:
    processing: Processing
    shards: int | None
    """None: on demand."""
    retention_hours: int = 24
    encrypted_stream: bool = False
    batch_size: int = 100
    batching_window_seconds: float = 5
    parallelization_factor: int = 1
    concurrency: int | None = None
    memory_mb: int = 512
    architecture: str = "x86_64"
    keeps_payload: bool = True
    keeps_checksum: bool = False
    point_in_time_recovery: bool = False
    items_expire: bool = False
    alarms: int
    dashboards: int = 0
    keys: int = 0
    owner_code: bool = False
    """Code of the owner's makes the metrics, and nobody knows how long that takes."""
    unpriced: tuple[str, ...] = ()
    """Resources that cost what nothing here knows: a plugin's."""

    def item_bytes(self, event_bytes: int) -> int:
        """What an item of the table counts."""
        payload = event_bytes if self.keeps_payload else -RAW_DATA_BYTES
        return self.processing.item_bytes + payload + (CHECKSUM_BYTES if self.keeps_checksum else 0)


def configured(pipeline: Pipeline) -> Design:
    """The design of a blueprint, features and all."""
    stream, function = pipeline.get("stream", KinesisStream), pipeline.get("function", LambdaFunction)
    mapping, table = pipeline.get("mapping", EventSourceMapping), pipeline.get("table", DynamodbTable)
    priced = {stream.id, function.id, mapping.id, table.id}
    kept, own = pipeline.config.table, pipeline.config.processor
    return Design(
        processing=replace(STREAMCTL, metrics=metrics_of_types(len(own.event_types))) if own.event_types else STREAMCTL,
        owner_code=own.path is not None,
        shards=None if stream.mode == "on_demand" else stream.shards,
        retention_hours=stream.retention_hours,
        encrypted_stream=stream.encryption,
        batch_size=mapping.batch_size,
        batching_window_seconds=mapping.batching_window_seconds,
        parallelization_factor=mapping.parallelization_factor,
        concurrency=function.reserved_concurrency,
        memory_mb=function.memory_mb,
        architecture=function.architecture,
        keeps_payload=kept.raw_data == "keep",
        keeps_checksum=kept.raw_data == "omit" or bool(kept.redacted_fields),
        point_in_time_recovery=table.point_in_time_recovery,
        items_expire=table.ttl_attribute is not None,
        alarms=len(pipeline.all(CloudwatchAlarm)),
        dashboards=len(pipeline.all(CloudwatchDashboard)),
        keys=len(pipeline.all(KmsKey)),
        unpriced=tuple(
            f"{each.kind} {each.name}"
            for each in pipeline.resources.values()
            if each.id not in priced and each.kind not in USUAL
        ),
    )


def published(shards: int) -> Design:
    """The recipe's: two shards, or as many as the demand needs; no encryption, two alarms."""
    return Design(processing=RECIPE, shards=max(2, shards), alarms=2)

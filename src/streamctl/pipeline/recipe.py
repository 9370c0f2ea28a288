"""The recipe, top to bottom: Kinesis → Lambda → DynamoDB.

What departs from the published recipe says why. Step numbers are the recipe's own.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from streamctl.pipeline.builder import Pipeline, Series
from streamctl.pipeline.names import METRIC_NAMESPACE, Names
from streamctl.resources.dynamodb_table import DynamodbTable
from streamctl.resources.event_source_mapping import EventSourceMapping
from streamctl.resources.iam_role import IamRole
from streamctl.resources.kinesis_stream import KinesisStream
from streamctl.resources.lambda_function import LambdaFunction
from streamctl.resources.log_group import LogGroup
from streamctl.resources.s3_bucket import S3Bucket
from streamctl.resources.sqs_queue import SqsQueue
from streamctl.resources.tls_only import tls_only

if TYPE_CHECKING:
    from streamctl.config import Config
    from streamctl.pipeline.package import Package

HERE = Path()
HANDLER = "processor.handler.handle"


def recipe(config: Config, names: Names, folder: Path, root: Path = HERE) -> Pipeline:
    """The pipeline as the recipe describes it, without features. What it ships is put into the folder at deployment;
    paths in the configuration begin at `root`.
    """
    pipeline = Pipeline(names, config, folder, root)
    _prepare(pipeline)
    _stream(pipeline)
    _function(pipeline)
    _event_source(pipeline)
    pipeline.series.extend(_series(names))
    return pipeline


def _prepare(pipeline: Pipeline) -> None:
    """Preparation: the table, the role, the log group; and the queues, so that nothing is dropped silently."""
    names, settings, table = pipeline.names, pipeline.config.function, pipeline.config.table
    pipeline.add(
        DynamodbTable(
            id="table",
            name=names.table,
            hash_key=("eventId", "S"),
            range_key=("timestamp", "N"),
            point_in_time_recovery=table.point_in_time_recovery,
            deletion_protection=table.deletion_protection,
        )
    )
    service = "lambda.amazonaws.com"  # on behalf of this account only, or it might be lent to somebody else
    pipeline.add(IamRole(id="role", name=names.role, trusted_service=service, source_account="${aws.account}"))
    # Made by us and not by the first invocation, so that it expires and can be deleted; the role may not create it,
    # or a late invocation would bring it back after `down`.
    pipeline.add(LogGroup(id="log_group", name=names.log_group, retention_days=settings.log_retention_days))
    pipeline.add(_queue("rejected", names.rejected_queue))
    source = pipeline.config.event_source
    if source.on_failure == "s3":
        pipeline.add(S3Bucket(id="failures_bucket", name=names.failures_bucket, expiry_days=source.on_failure_days))
    else:
        pipeline.add(_queue("failures", names.failures_queue))


def _queue(resource_id: str, name: str) -> SqsQueue:
    queue = SqsQueue(id=resource_id, name=name)
    return replace(queue, policy=tls_only("sqs", queue.arn))


def _stream(pipeline: Pipeline) -> None:
    """Step 1: the stream."""
    settings = pipeline.config.stream
    pipeline.add(
        KinesisStream(
            id="stream",
            name=pipeline.names.stream,
            mode=settings.mode,
            shards=settings.shards,
            retention_hours=settings.retention_hours,
            encryption=settings.encryption,
        )
    )


def _function(pipeline: Pipeline) -> None:
    """Steps 2 and 3: the function, and what its role may do: exact actions on exact ARNs."""
    settings = pipeline.config.function
    table, role = pipeline.get("table", DynamodbTable), pipeline.get("role", IamRole)
    rejected = pipeline.get("rejected", SqsQueue)
    stream, log_group = pipeline.get("stream", KinesisStream), pipeline.get("log_group", LogGroup)
    pipeline.add(
        LambdaFunction(
            id="function",
            name=pipeline.names.function,
            role=role.ref("arn"),
            runtime=settings.runtime,
            architecture=settings.architecture,
            handler=HANDLER,
            memory_mb=settings.memory_mb,
            invocation_timeout_seconds=settings.timeout_seconds,
            environment={
                "DYNAMODB_TABLE": table.ref("name"),
                "REJECTED_QUEUE_URL": rejected.ref("url"),
                **_redaction(pipeline.config),
            },
            reserved_concurrency=settings.reserved_concurrency,
            **pipeline.ship("processor", lambda: _processor(pipeline)),
            after=("log_group",),
        )
    )
    pipeline.allow(["dynamodb:BatchWriteItem"], table.arn)
    pipeline.allow(["sqs:SendMessage"], rejected.arn)
    pipeline.allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"{log_group.arn}:*")
    # What the event source mapping does in the role's name.
    pipeline.allow(
        ["kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords",
         "kinesis:GetShardIterator", "kinesis:ListShards"],
        stream.arn,
    )  # fmt: skip


def _processor(pipeline: Pipeline) -> Package:
    from streamctl.pipeline.own_processor import processor

    return processor(pipeline.config, pipeline.root)


def _redaction(config: Config) -> dict[str, str]:
    """What the function must not store, as its environment says it; nothing where it may store all."""
    settings = config.table
    raw_data = {} if settings.raw_data == "keep" else {"RAW_DATA": settings.raw_data}
    fields = {"REDACTED_FIELDS": json.dumps(settings.redacted_fields)} if settings.redacted_fields else {}
    return raw_data | fields


def _event_source(pipeline: Pipeline) -> None:
    """Step 3: the mapping from stream to function."""
    settings = pipeline.config.event_source
    stream, function = pipeline.get("stream", KinesisStream), pipeline.get("function", LambdaFunction)
    failures = _on_failure(pipeline)
    pipeline.add(
        EventSourceMapping(
            id="mapping",
            name=f"{stream.name} to {function.name}",
            event_source_arn=stream.ref("arn"),
            function_name=function.ref("name"),
            # The recipe starts at LATEST and misses what is sent while Lambda begins to poll, which takes minutes.
            starting_position=settings.starting_position,
            batch_size=settings.batch_size,
            batching_window_seconds=settings.batching_window_seconds,
            parallelization_factor=settings.parallelization_factor,
            bisect_on_error=settings.bisect_on_error,
            maximum_retry_attempts=settings.maximum_retry_attempts,
            maximum_record_age_seconds=settings.maximum_record_age_seconds,
            report_batch_item_failures=True,
            on_failure_arn=failures.ref("arn"),
        )
    )


def _on_failure(pipeline: Pipeline) -> SqsQueue | S3Bucket:
    """Where Lambda tells of what it gave up on, in the role's name."""
    if pipeline.config.event_source.on_failure == "sqs":
        queue = pipeline.get("failures", SqsQueue)
        pipeline.allow(["sqs:SendMessage"], queue.arn)
        return queue
    bucket = pipeline.get("failures_bucket", S3Bucket)
    pipeline.allow(["s3:PutObject"], f"{bucket.arn}/*")
    pipeline.allow(["s3:ListBucket"], bucket.arn)
    return bucket


def _series(names: Names) -> list[Series]:
    """What `streamctl metrics` shows: the recipe's own metrics, then those of the services along the way.

    The recipe publishes its metrics without dimensions, so all pipelines of an account and region share them.
    """
    function, stream, table = {"FunctionName": names.function}, {"StreamName": names.stream}, {"TableName": names.table}
    return [
        Series("Events processed (all pipelines)", METRIC_NAMESPACE, "EventsProcessed", {}, "Sum"),
        Series("Purchase amount (all pipelines)", METRIC_NAMESPACE, "PurchaseAmount", {}, "Sum", "USD"),
        Series("Records rejected (all pipelines)", METRIC_NAMESPACE, "RecordsRejected", {}, "Sum"),
        Series("Records in", "AWS/Kinesis", "IncomingRecords", stream, "Sum"),
        Series("Bytes in", "AWS/Kinesis", "IncomingBytes", stream, "Sum", "B"),
        Series("Writes throttled (stream)", "AWS/Kinesis", "WriteProvisionedThroughputExceeded", stream, "Sum"),
        Series("Invocations", "AWS/Lambda", "Invocations", function, "Sum"),
        Series("Errors", "AWS/Lambda", "Errors", function, "Sum"),
        Series("Throttles", "AWS/Lambda", "Throttles", function, "Sum"),
        Series("Duration", "AWS/Lambda", "Duration", function, "Average", "ms"),
        Series("Iterator age", "AWS/Lambda", "IteratorAge", function, "Maximum", "ms"),
        Series("Writes used", "AWS/DynamoDB", "ConsumedWriteCapacityUnits", table, "Sum"),
        Series("Writes throttled (table)", "AWS/DynamoDB", "WriteThrottleEvents", table, "Sum"),
    ]

"""What AWS publishes to CloudWatch for the services of a pipeline, and the pipeline itself: metric to dimension sets.

CloudWatch takes an alarm on anything and adds nothing up across dimension sets, so an alarm on a set that nobody
publishes never fires and never says so. Written down from these pages of AWS's documentation:

    AWS/Lambda      lambda/latest/dg/monitoring-metrics-types.html and monitoring-metrics-view.html
    AWS/Kinesis     streams/latest/dev/monitoring-with-cloudwatch.html
    AWS/DynamoDB    amazondynamodb/latest/developerguide/metrics-dimensions.html
    AWS/SQS         AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
    AWS/Logs        AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
    AWS/SNS         sns/latest/dg/sns-monitoring-using-cloudwatch.html

Other namespaces are the users' own, and nothing is known of them.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Sets = frozenset[frozenset[str]]
"""Of dimension names: each set is one series, and the empty set is the series without dimensions."""


def _sets(*sets: str) -> Sets:
    return frozenset(frozenset(names.split()) for names in sets)


def _all(metrics: str, sets: Sets) -> dict[str, Sets]:
    return dict.fromkeys(metrics.split(), sets)


_FUNCTION = _sets("", "FunctionName", "FunctionName Resource", "FunctionName Resource ExecutedVersion")
_STREAM = _sets("StreamName")
_SHARD = _sets("StreamName ShardId")
_TABLE = _sets("TableName")
_TABLE_OR_INDEX = _sets("TableName", "TableName GlobalSecondaryIndexName")
_OPERATION = _sets("TableName Operation", "TableName Operation StreamLabel")
_TOPIC = _sets("TopicName")
_NONE = _sets("")
_LOG_GROUP = _sets("LogGroupName")
_LOG_DESTINATION = _sets(
    "LogGroupName DestinationType FilterName", "LogGroupName DestinationType FilterName PolicyLevel"
)

PUBLISHED: Mapping[str, Mapping[str, Sets]] = {
    "AWS/Lambda": {
        **_all(
            "Invocations Errors Throttles DeadLetterErrors DestinationDeliveryFailures Duration"
            " PostRuntimeExtensionsDuration IteratorAge OffsetLag ConcurrentExecutions AsyncEventsReceived"
            " AsyncEventAge AsyncEventsDropped RecursiveInvocationsDropped OversizedRecordCount"
            " ProvisionedConcurrencyInvocations ProvisionedConcurrencySpilloverInvocations"
            " ProvisionedConcurrencyUtilization ProvisionedConcurrentExecutions",
            _FUNCTION,
        ),
        **_all("UnreservedConcurrentExecutions ClaimedAccountConcurrency", _NONE),
        # Only of a mapping that was told to publish them: `MetricsConfig` with EventCount.
        **_all(
            "PolledEventCount FilteredOutEventCount InvokedEventCount FailedInvokeEventCount DroppedEventCount"
            " OnFailureDestinationDeliveredEventCount DeletedEventCount",
            _sets("EventSourceMappingUUID"),
        ),
    },
    "AWS/Kinesis": {
        **_all(
            "GetRecords.Bytes GetRecords.IteratorAgeMilliseconds GetRecords.Latency GetRecords.Records"
            " GetRecords.Success PutRecord.Bytes PutRecord.Latency PutRecord.Success PutRecords.Bytes"
            " PutRecords.Latency PutRecords.Records PutRecords.Success PutRecords.TotalRecords"
            " PutRecords.SuccessfulRecords PutRecords.FailedRecords PutRecords.ThrottledRecords",
            _STREAM,
        ),
        # By shard only where the stream was told to, with EnableEnhancedMonitoring.
        **_all(
            "IncomingBytes IncomingRecords ReadProvisionedThroughputExceeded WriteProvisionedThroughputExceeded",
            _STREAM | _SHARD,
        ),
        **_all("IteratorAgeMilliseconds OutgoingBytes OutgoingRecords", _SHARD),
        **_all(
            "SubscribeToShard.RateExceeded SubscribeToShard.Success SubscribeToShardEvent.Success"
            " SubscribeToShardEvent.Bytes SubscribeToShardEvent.Records SubscribeToShardEvent.MillisBehindLatest",
            _sets("StreamName ConsumerName"),
        ),
    },
    "AWS/DynamoDB": {
        **_all("ConditionalCheckFailedRequests TimeToLiveDeletedItemCount TransactionConflict", _TABLE),
        **_all(
            "ConsumedReadCapacityUnits ConsumedWriteCapacityUnits ProvisionedReadCapacityUnits"
            " ProvisionedWriteCapacityUnits OnDemandMaxReadRequestUnits OnDemandMaxWriteRequestUnits"
            " ReadThrottleEvents WriteThrottleEvents"
            " ReadProvisionedThroughputThrottleEvents WriteProvisionedThroughputThrottleEvents"
            " ReadMaxOnDemandThroughputThrottleEvents WriteMaxOnDemandThroughputThrottleEvents"
            " ReadKeyRangeThroughputThrottleEvents WriteKeyRangeThroughputThrottleEvents"
            " ReadAccountLimitThrottleEvents WriteAccountLimitThrottleEvents",
            _TABLE_OR_INDEX,
        ),
        **_all(
            "OnlineIndexConsumedWriteCapacity OnlineIndexPercentageProgress OnlineIndexThrottleEvents",
            _sets("TableName GlobalSecondaryIndexName"),
        ),
        # Never by TableName alone: the published recipe's throttling alarm cannot fire.
        **_all("ThrottledRequests SystemErrors SuccessfulRequestLatency", _OPERATION),
        **_all("ReturnedItemCount", _sets("TableName Operation")),
        **_all("ReturnedBytes ReturnedRecordsCount", _sets("TableName Operation StreamLabel")),
        **_all("PendingReplicationCount ReplicationLatency", _sets("TableName ReceivingRegion")),
        **_all(
            "AgeOfOldestUnreplicatedRecord ConsumedChangeDataCaptureUnits ThrottledPutRecordCount"
            " FailedToReplicateRecordCount",
            _sets("TableName DelegatedOperation"),
        ),
        **_all(
            "UserErrors AccountMaxReads AccountMaxWrites AccountMaxTableLevelReads AccountMaxTableLevelWrites"
            " AccountProvisionedReadCapacityUtilization AccountProvisionedWriteCapacityUtilization"
            " MaxProvisionedTableReadCapacityUtilization MaxProvisionedTableWriteCapacityUtilization",
            _NONE,
        ),
    },
    "AWS/SQS": _all(
        "ApproximateAgeOfOldestMessage ApproximateNumberOfMessagesDelayed ApproximateNumberOfMessagesNotVisible"
        " ApproximateNumberOfMessagesVisible ApproximateNumberOfGroupsWithInflightMessages"
        " ApproximateNumberOfNoisyGroups ApproximateAgeOfOldestMessageInQuietGroups"
        " ApproximateNumberOfMessagesDelayedInQuietGroups ApproximateNumberOfMessagesNotVisibleInQuietGroups"
        " ApproximateNumberOfMessagesVisibleInQuietGroups NumberOfDeduplicatedSentMessages NumberOfEmptyReceives"
        " NumberOfMessagesDeleted NumberOfMessagesReceived NumberOfMessagesSent SentMessageSize",
        _sets("QueueName"),
    ),
    "AWS/Logs": {
        **_all("IncomingBytes IncomingLogEvents", _NONE | _LOG_GROUP),
        **_all(
            "EMFParsingErrors EMFValidationErrors TransformationErrors TransformedBytes TransformedLogEvents",
            _LOG_GROUP,
        ),
        **_all("DeliveryErrors DeliveryThrottling ForwardedBytes ForwardedLogEvents", _LOG_DESTINATION),
    },
    "AWS/SNS": {
        **_all(
            "NumberOfMessagesPublished NumberOfNotificationsDelivered NumberOfNotificationsFailed PublishSize",
            _TOPIC | _sets("Application", "Application Platform", "Platform"),
        ),
        **_all(
            "NumberOfNotificationsFilteredOut NumberOfNotificationsFilteredOut-InvalidAttributes"
            " NumberOfNotificationsFilteredOut-InvalidMessageBody NumberOfNotificationsFilteredOut-MessageAttributes"
            " NumberOfNotificationsFilteredOut-MessageBody NumberOfNotificationsFilteredOut-NoMessageAttributes"
            " NumberOfNotificationsRedrivenToDlq NumberOfNotificationsFailedToRedriveToDlq",
            _TOPIC,
        ),
        "SMSSuccessRate": _sets("", "PhoneNumber", "TopicName", "Country SMSType"),
        "SMSMonthToDateSpentUSD": _NONE,
    },
    # The pipeline's own: see functions/processor/metrics.py and functions/anomaly_detector/metrics.py.
    "RealTimeAnalytics": {
        "EventsProcessed": _sets("", "EventType DeviceType"),
        "PurchaseAmount": _NONE,
        "RecordsRejected": _NONE,
        **_all("Anomalies AnomalyScore", _sets("Pipeline", "Pipeline Series")),
        **_all("AnomalyNoticesFailed FutureRecords LateRecords", _sets("Pipeline")),
    },
}


def unpublished(namespace: str, metric: str, dimensions: Iterable[str]) -> tuple[str, str] | None:
    """What is wrong with a metric of these dimension names, and what would be right; None where nothing is known."""
    if namespace not in PUBLISHED:
        return None
    names, metrics = frozenset(dimensions), PUBLISHED[namespace]
    if metric not in metrics:
        close = difflib.get_close_matches(metric, metrics, n=1)
        right = f"Did you mean {close[0]}?" if close else f"What there is: {', '.join(sorted(metrics))}."
        return f"{namespace} has no metric {metric}", right
    if names not in metrics[metric]:
        right = "; or ".join(sorted(map(worded, metrics[metric])))
        return f"{namespace} {metric} is never published {worded(names)}", f"It is published {right}."
    return None


def worded(dimensions: Iterable[str]) -> str:
    """`with FunctionName and Resource`, or `without dimensions`."""
    names = sorted(dimensions)
    return f"with {' and '.join(names)}" if names else "without dimensions"

"""What an account holds of streamctl's, found without the engine, its state or its graph.

`down` proves with it that nothing is left, `ls` finds pipelines with it. It lists by name and by tag and knows nothing
of how the resources were made: a mistake there does not hide here.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from streamctl.aws.failures import explained, or_none
from streamctl.engine.resource import EXPORT_TAG, OWNER_TAG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from streamctl.aws import Aws

PERMISSIONS = {
    "*": (
        "cloudwatch:ListDashboards",
        "dynamodb:ListTables",
        "iam:ListRoles",
        "kinesis:ListStreams",
        "lambda:ListEventSourceMappings",
        "lambda:ListFunctions",
        "logs:DescribeLogGroups",
        "s3:ListAllMyBuckets",
        "sns:ListSubscriptions",
        "sns:ListTopics",
        "sqs:ListQueues",
        "tag:GetResources",
    ),
    "arn:${aws.partition}:cloudwatch:${aws.region}:${aws.account}:alarm:*": ("cloudwatch:DescribeAlarms",),
    "arn:${aws.partition}:kms:${aws.region}:${aws.account}:key/*": ("kms:DescribeKey",),
}


TAGGED = "tagged"
"""The kind of what is found by its tag alone: its name is its ARN."""


@dataclass(frozen=True)
class Found:
    """One resource in the account. `pipeline` is what its tag, or failing that its name, says."""

    kind: str
    name: str
    pipeline: str
    state: str = ""


NAMED = re.compile(
    r"^(?:analytics-(?:stream|results|rejected|failures|alarms|anomalies|anomaly-failures|notifications-[0-9a-f]{6})"
    r"|(?:/aws/lambda/)?(?:kinesis-processor|anomaly-detector)|(?:kinesis|anomaly)-lambda-role"
    r"|KinesisLambda(?:ProcessorErrors|Throttles|IteratorAge|NearTimeout)|Kinesis(?:Write|Read)Throttling"
    r"|KinesisBatchesGivenUp|KinesisRecords(?:Rejected|NearExpiry)|DynamoDBThrottling"
    r"|Anomaly(?:DetectorErrors|DetectorBatchesGivenUp|NoticesFailed))-([a-z0-9][a-z0-9-]*)$"
)
"""Every name of the recipe, its alarms and the anomaly detector, written out once more: a missing one fails a test."""

BUCKET = re.compile(r"^analytics-failed-([a-z0-9][a-z0-9-]*)-\d{12}$")
"""A bucket's name ends with the account, since no two accounts can have one of the same name."""

LISTED_SERVICES = frozenset({"cloudwatch", "dynamodb", "iam", "kinesis", "lambda", "logs", "s3", "sns", "sqs"})
"""Whose resources are listed by name: what carries such a name elsewhere, a plugin made."""
DASHBOARD = re.compile(r"^analytics-dashboard-([a-z0-9][a-z0-9-]*)$")
"""A dashboard's name ends with the region of its pipeline, since all regions of an account share their dashboards."""


def inventory(aws: Aws, pipeline: str | None = None) -> list[Found]:
    """Everything that carries streamctl's names or tags; of one pipeline, or of all."""
    with ThreadPoolExecutor(len(_LISTINGS)) as pool:
        looks = [pool.submit(_look, listing, aws) for listing in _LISTINGS]
    # Several pipelines may tell the same person: to each its own subscription.
    found = {(item.kind, item.name, item.pipeline): item for look in looks for item in look.result()}
    return sorted(
        (item for item in found.values() if pipeline is None or item.pipeline == pipeline),
        key=lambda item: (item.pipeline, item.kind, item.name),
    )


class Listed(NamedTuple):
    """All that carries the name of a pipeline."""

    resources: list[Found]
    is_ours: bool
    """Something of it carries the owner's tag."""


def pipelines(aws: Aws) -> dict[str, Listed]:
    """The pipelines that a tag proves to be streamctl's, or an export's, by name."""
    owned = _named_by_tag(aws, OWNER_TAG)
    known, grouped = owned | exported(aws), dict[str, Listed]()
    for item in inventory(aws):
        if item.pipeline in known:
            grouped.setdefault(item.pipeline, Listed([], item.pipeline in owned)).resources.append(item)
    return grouped


def exported(aws: Aws) -> set[str]:
    """The names of the pipelines of which an export made something, or took it over."""
    return _named_by_tag(aws, EXPORT_TAG)


def _named_by_tag(aws: Aws, key: str) -> set[str]:
    with explained("list what is tagged"):
        return {pipeline for _, pipeline in _with_tag(aws, key)}


def _look(listing: Callable[[Aws], Iterable[Found]], aws: Aws) -> list[Found]:
    with explained(f"list {listing.__name__.strip('_').replace('_', ' ')}"):
        return list(listing(aws))


def _named(kind: str, names: Iterable[str]) -> Iterator[Found]:
    for name in names:
        if match := NAMED.match(name):
            yield Found(kind, name, match[1])


def _pages(aws: Aws, service: str, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
    for page in aws.client(service).get_paginator(operation).paginate(**arguments):
        yield from page.get(key, ())


def _streams(aws: Aws) -> Iterator[Found]:
    return _named("kinesis_stream", _pages(aws, "kinesis", "list_streams", "StreamNames"))


def _tables(aws: Aws) -> Iterator[Found]:
    return _named("dynamodb_table", _pages(aws, "dynamodb", "list_tables", "TableNames"))


def _functions(aws: Aws) -> Iterator[Found]:
    functions = _pages(aws, "lambda", "list_functions", "Functions")
    return _named("lambda_function", (function["FunctionName"] for function in functions))


def _event_source_mappings(aws: Aws) -> Iterator[Found]:
    """By the tag, which the tagging API goes on telling for a while, or by the name of the function.

    Another function on our stream or table is somebody else's.
    """
    tagged = dict(_tagged(aws, ResourceTypeFilters=["lambda:event-source-mapping"]))
    for mapping in _pages(aws, "lambda", "list_event_source_mappings", "EventSourceMappings"):
        match = NAMED.match(mapping.get("FunctionArn", "").rpartition("function:")[2].partition(":")[0])
        if pipeline := tagged.get(mapping.get("EventSourceMappingArn", ""), match and match[1]):
            yield Found("event_source_mapping", mapping["UUID"], pipeline, mapping.get("State", ""))


def _roles(aws: Aws) -> Iterator[Found]:
    return _named("iam_role", (role["RoleName"] for role in _pages(aws, "iam", "list_roles", "Roles")))


def _log_groups(aws: Aws) -> Iterator[Found]:
    for prefix in ("/aws/lambda/anomaly-detector-", "/aws/lambda/kinesis-processor-"):
        groups = _pages(aws, "logs", "describe_log_groups", "logGroups", logGroupNamePrefix=prefix)
        yield from _named("log_group", (group["logGroupName"] for group in groups))


def _queues(aws: Aws) -> Iterator[Found]:
    urls = _pages(aws, "sqs", "list_queues", "QueueUrls", QueueNamePrefix="analytics-")
    return _named("sqs_queue", (url.rpartition("/")[2] for url in urls))


def _buckets(aws: Aws) -> Iterator[Found]:
    for bucket in _pages(aws, "s3", "list_buckets", "Buckets", BucketRegion=aws.region):
        if match := BUCKET.match(bucket["Name"]):
            yield Found("s3_bucket", bucket["Name"], match[1])


def _alarms(aws: Aws) -> Iterator[Found]:
    return _named(
        "cloudwatch_alarm",
        (alarm["AlarmName"] for alarm in _pages(aws, "cloudwatch", "describe_alarms", "MetricAlarms")),
    )


def _dashboards(aws: Aws) -> Iterator[Found]:
    """Those of pipelines in this region: the others are no business of ours here."""
    for entry in _pages(aws, "cloudwatch", "list_dashboards", "DashboardEntries", DashboardNamePrefix="analytics-"):
        here = entry["DashboardName"].removesuffix(f"-{aws.region}")
        if here != entry["DashboardName"] and (match := DASHBOARD.match(here)):
            yield Found("cloudwatch_dashboard", entry["DashboardName"], match[1])


def _topics(aws: Aws) -> Iterator[Found]:
    topics = _pages(aws, "sns", "list_topics", "Topics")
    return _named("sns_topic", (topic["TopicArn"].rpartition(":")[2] for topic in topics))


def _subscriptions(aws: Aws) -> Iterator[Found]:
    """AWS goes on listing one that was never confirmed for 48 hours, also when its topic is gone."""
    for each in _pages(aws, "sns", "list_subscriptions", "Subscriptions"):
        is_there = each["SubscriptionArn"].startswith("arn:")
        if is_there and (match := NAMED.match(each["TopicArn"].rpartition(":")[2])):
            yield Found("sns_subscription", f"{each['Protocol']} {each['Endpoint']}", match[1])


def _tagged_resources(aws: Aws) -> Iterator[Found]:
    """What carries our tag under another name, or is of a service that is not listed: plugins may make such things."""
    for arn, pipeline in _tagged(aws):
        name = re.split(r"[:/]", arn)[-1]
        is_named = any(known.match(name) for known in (NAMED, BUCKET, DASHBOARD)) or ":event-source-mapping:" in arn
        if not (is_named and arn.split(":")[2] in LISTED_SERVICES):
            yield Found(TAGGED, arn, pipeline)


def _tagged(aws: Aws, **kinds: Any) -> Iterator[tuple[str, str]]:
    """ARN and pipeline of what carries our tag, or that of an export."""
    for key in (EXPORT_TAG, OWNER_TAG):
        yield from _with_tag(aws, key, **kinds)


def _with_tag(aws: Aws, key: str, **kinds: Any) -> Iterator[tuple[str, str]]:
    """ARN and value, as far as the services take part in the tagging API."""
    by_tag = {"TagFilters": [{"Key": key}], **kinds}
    for entry in _pages(aws, "resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList", **by_tag):
        tags = {tag["Key"]: tag["Value"] for tag in entry.get("Tags", ())}
        if key in tags and not _waits_for_its_end(aws, entry["ResourceARN"]):
            yield entry["ResourceARN"], tags[key]


def _waits_for_its_end(aws: Aws, arn: str) -> bool:
    """A key that was deleted: KMS keeps it for 7 days, tags and all, and nobody can use it."""
    if arn.split(":")[2] != "kms":
        return False
    answer = or_none(aws.client("kms").describe_key, KeyId=arn)
    return answer is None or answer["KeyMetadata"]["KeyState"] == "PendingDeletion"


_LISTINGS: tuple[Callable[[Any], Iterable[Found]], ...] = (
    _streams,
    _tables,
    _functions,
    _event_source_mappings,
    _roles,
    _log_groups,
    _queues,
    _buckets,
    _alarms,
    _dashboards,
    _topics,
    _subscriptions,
    _tagged_resources,
)

"""What an account holds, listed with plain boto3 calls and nothing of streamctl."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    Client = Callable[[str], Any]

LISTED = ("kinesis", "dynamodb", "lambda", "iam", "logs", "sqs", "cloudwatch", "sns", "kms", "s3")


@dataclass(frozen=True, order=True)
class Thing:
    """One resource, with its settings and tags as JSON; two of a name are two things."""

    kind: str
    name: str
    settings: str
    identity: str
    """What changes when it is touched or made anew: an id, or the time of its last change."""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Account:
    """Everything that is there now, or what of it `wanted` says yes to, each with its settings and tags."""

    def __init__(self, client: Client, wanted: Callable[[str], bool] = lambda name: True) -> None:
        self._client = client
        self._wanted = wanted

    def things(self) -> Counter[Thing]:
        listings = (
            self._streams,
            self._tables,
            self._functions,
            self._mappings,
            self._roles,
            self._log_groups,
            self._queues,
            self._alarms,
            self._dashboards,
            self._topics,
            self._subscriptions,
            self._keys,
            self._buckets,
            self._others,
        )
        return Counter(thing for listing in listings for thing in listing())

    def _pages(self, service: str, operation: str, key: str) -> Iterator[Any]:
        for page in self._client(service).get_paginator(operation).paginate():
            yield from page.get(key, ())

    def _names(self, names: Iterable[str]) -> Iterator[str]:
        return filter(self._wanted, names)

    def _streams(self) -> Iterator[Thing]:
        kinesis = self._client("kinesis")
        for name in self._names(self._pages("kinesis", "list_streams", "StreamNames")):
            found = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
            tags = kinesis.list_tags_for_stream(StreamName=name)["Tags"]
            born = found.pop("StreamCreationTimestamp")
            yield thing("stream", name, {**found, "tags": tags}, born)

    def _tables(self) -> Iterator[Thing]:
        dynamodb = self._client("dynamodb")
        for name in self._names(self._pages("dynamodb", "list_tables", "TableNames")):
            found = dynamodb.describe_table(TableName=name)["Table"]
            tags = dynamodb.list_tags_of_resource(ResourceArn=found["TableArn"])["Tags"]
            kept = {key: found.get(key) for key in ("KeySchema", "AttributeDefinitions", "TableStatus")}
            yield thing("table", name, {**kept, "tags": tags}, found["TableId"], found["CreationDateTime"])

    def _functions(self) -> Iterator[Thing]:
        functions = self._client("lambda")
        for found in self._pages("lambda", "list_functions", "Functions"):
            if self._wanted(found["FunctionName"]):
                changed = found.pop("LastModified"), found.pop("RevisionId")
                tags = functions.list_tags(Resource=found["FunctionArn"])["Tags"]
                yield thing("function", found["FunctionName"], {**found, "tags": tags}, *changed)

    def _mappings(self) -> Iterator[Thing]:
        functions = self._client("lambda")
        for found in self._pages("lambda", "list_event_source_mappings", "EventSourceMappings"):
            name = f"{found['EventSourceArn'].rpartition('/')[2]} to {found['FunctionArn'].split(':')[6]}"
            if self._wanted(name):
                tags = functions.list_tags(Resource=found.pop("EventSourceMappingArn"))["Tags"]
                changed = found.pop("UUID"), found.pop("LastModified")
                found.pop("LastProcessingResult", None)
                yield thing("mapping", name, {**found, "tags": tags}, *changed)

    def _roles(self) -> Iterator[Thing]:
        iam = self._client("iam")
        for role in self._pages("iam", "list_roles", "Roles"):
            name = role["RoleName"]
            if self._wanted(name):
                inline = {
                    policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
                }
                kept = {
                    "trust": role["AssumeRolePolicyDocument"],
                    "inline": inline,
                    "attached": iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"],
                    "tags": iam.list_role_tags(RoleName=name)["Tags"],
                }
                yield thing("role", name, kept, role["RoleId"], role["CreateDate"])

    def _log_groups(self) -> Iterator[Thing]:
        logs = self._client("logs")
        for found in self._pages("logs", "describe_log_groups", "logGroups"):
            if self._wanted(found["logGroupName"]):
                tags = logs.list_tags_for_resource(resourceArn=found["arn"].removesuffix(":*"))["tags"]
                kept = {"retention": found.get("retentionInDays"), "tags": tags}
                yield thing("log group", found["logGroupName"], kept, found["creationTime"])

    def _queues(self) -> Iterator[Thing]:
        sqs = self._client("sqs")
        for url in self._pages("sqs", "list_queues", "QueueUrls"):
            name = url.rpartition("/")[2]
            if self._wanted(name):
                found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
                changed = found.pop("CreatedTimestamp"), found.pop("LastModifiedTimestamp")
                kept = {key: value for key, value in found.items() if not key.startswith("Approximate")}
                yield thing(
                    "queue", name, {**kept, "tags": sqs.list_queue_tags(QueueUrl=url).get("Tags", {})}, *changed
                )

    def _alarms(self) -> Iterator[Thing]:
        cloudwatch = self._client("cloudwatch")
        for found in self._pages("cloudwatch", "describe_alarms", "MetricAlarms"):
            if self._wanted(found["AlarmName"]):
                kept = {key: value for key, value in found.items() if not key.startswith("State")}
                changed = kept.pop("AlarmConfigurationUpdatedTimestamp", "")
                tags = cloudwatch.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"]
                yield thing("alarm", found["AlarmName"], {**kept, "tags": tags}, changed)

    def _dashboards(self) -> Iterator[Thing]:
        cloudwatch = self._client("cloudwatch")
        for found in self._pages("cloudwatch", "list_dashboards", "DashboardEntries"):
            if self._wanted(found["DashboardName"]):
                body = cloudwatch.get_dashboard(DashboardName=found["DashboardName"])["DashboardBody"]
                tags = cloudwatch.list_tags_for_resource(ResourceARN=found["DashboardArn"])["Tags"]
                yield thing("dashboard", found["DashboardName"], {"body": body, "tags": tags}, found["LastModified"])

    def _topics(self) -> Iterator[Thing]:
        sns = self._client("sns")
        for found in self._pages("sns", "list_topics", "Topics"):
            name = found["TopicArn"].rpartition(":")[2]
            if self._wanted(name):
                kept = dict(sns.get_topic_attributes(TopicArn=found["TopicArn"])["Attributes"])
                counts = [key for key in kept if key.startswith("Subscriptions")]
                tags = sns.list_tags_for_resource(ResourceArn=found["TopicArn"])["Tags"]
                yield thing("topic", name, {**{k: v for k, v in kept.items() if k not in counts}, "tags": tags})

    def _subscriptions(self) -> Iterator[Thing]:
        for found in self._pages("sns", "list_subscriptions", "Subscriptions"):
            name = f"{found['Endpoint']} to {found['TopicArn'].rpartition(':')[2]}"
            if self._wanted(name):
                yield thing("subscription", name, {"protocol": found["Protocol"]}, found["SubscriptionArn"])

    def _keys(self) -> Iterator[Thing]:
        """What KMS keeps for days after its deletion is as good as gone."""
        kms = self._client("kms")
        names = {each.get("TargetKeyId"): each["AliasName"] for each in self._pages("kms", "list_aliases", "Aliases")}
        for found in self._pages("kms", "list_keys", "Keys"):
            key, name = found["KeyId"], names.get(found["KeyId"], found["KeyId"])
            told = kms.describe_key(KeyId=key)["KeyMetadata"]
            if self._wanted(name) and told["KeyState"] != "PendingDeletion" and told["KeyManager"] == "CUSTOMER":
                kept = {"policy": kms.get_key_policy(KeyId=key)["Policy"], "state": told["KeyState"]}
                yield thing("key", name, {**kept, "tags": kms.list_resource_tags(KeyId=key)["Tags"]}, key)

    def _buckets(self) -> Iterator[Thing]:
        s3 = self._client("s3")
        for found in s3.list_buckets()["Buckets"]:
            name = found["Name"]
            if self._wanted(name):
                try:
                    tags = s3.get_bucket_tagging(Bucket=name)["TagSet"]
                except s3.exceptions.ClientError:  # it has none
                    tags = []
                yield thing("bucket", name, {"tags": tags}, found["CreationDate"])

    def _others(self) -> Iterator[Thing]:
        """What carries any tag and is none of the kinds above."""
        for found in self._pages("resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList"):
            arn = found["ResourceARN"]
            if arn.split(":")[2] not in LISTED and self._wanted(arn):
                yield thing("tagged", arn, {"tags": found["Tags"]})


def thing(kind: str, name: str, settings: Mapping[str, Any], *identity: object) -> Thing:
    return Thing(kind, name, json.dumps(settings, sort_keys=True, default=str), " ".join(map(str, identity)))

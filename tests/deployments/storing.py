"""All that AWS tells of what stores data: streams, tables, queues, buckets, and the keys that encrypt."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .asking import Account
    from .reading import Told


def streams(account: Account) -> Iterator[Told]:
    for name in filter(account.owns, account.pages("kinesis", "list_streams", "StreamNames")):
        calls = ("describe_stream_summary", "list_tags_for_stream")
        told = account.answers("kinesis", *calls, StreamName=name)
        arn = told["describe_stream_summary"]["StreamDescriptionSummary"]["StreamARN"]
        shards = account.pages("kinesis", "list_shards", "Shards", StreamName=name)
        told["open_shards"] = [each for each in shards if "EndingSequenceNumber" not in each["SequenceNumberRange"]]
        told["list_stream_consumers"] = account.ask("kinesis", "list_stream_consumers", StreamARN=arn)
        told["get_resource_policy"] = account.ask("kinesis", "get_resource_policy", ResourceARN=arn)
        yield name, told


def tables(account: Account) -> Iterator[Told]:
    calls = (
        "describe_table",
        "describe_time_to_live",
        "describe_continuous_backups",
        "describe_contributor_insights",
        "describe_kinesis_streaming_destination",
    )
    for name in filter(account.owns, account.pages("dynamodb", "list_tables", "TableNames")):
        told = account.answers("dynamodb", *calls, TableName=name)
        arn = told["describe_table"]["Table"]["TableArn"]
        by_arn = account.answers("dynamodb", "list_tags_of_resource", "get_resource_policy", ResourceArn=arn)
        yield name, {**told, **by_arn}


def queues(account: Account) -> Iterator[Told]:
    for url in filter(account.owns, account.pages("sqs", "list_queues", "QueueUrls")):
        attributes = account.ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])
        tags = account.ask("sqs", "list_queue_tags", QueueUrl=url)
        yield url.rpartition("/")[2], {"get_queue_attributes": attributes, "list_queue_tags": tags}


def buckets(account: Account) -> Iterator[Told]:
    calls = (
        "get_bucket_acl",
        "get_bucket_cors",
        "get_bucket_encryption",
        "get_bucket_lifecycle_configuration",
        "get_bucket_location",
        "get_bucket_logging",
        "get_bucket_notification_configuration",
        "get_bucket_ownership_controls",
        "get_bucket_policy",
        "get_bucket_replication",
        "get_bucket_tagging",
        "get_bucket_versioning",
        "get_bucket_website",
        "get_object_lock_configuration",
        "get_public_access_block",
    )
    for name in account.names("s3", "list_buckets", "Buckets", "Name"):
        yield name, account.answers("s3", *calls, Bucket=name)


def keys(account: Account) -> Iterator[Told]:
    """By their aliases: KMS draws a key's id."""
    calls = ("describe_key", "get_key_policy", "get_key_rotation_status", "list_resource_tags", "list_grants")
    for alias in account.pages("kms", "list_aliases", "Aliases"):
        if account.owns(alias["AliasName"]):
            yield alias["AliasName"], {"alias": alias, **account.answers("kms", *calls, KeyId=alias["TargetKeyId"])}

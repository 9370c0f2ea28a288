"""What a mapping reads, shard by shard: a Kinesis stream, or the stream of a table. Only here they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from streamctl.emulator.driver.records import Source, from_kinesis, from_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from streamctl.emulator.driver.link import Link
    from streamctl.emulator.driver.records import Record

KINESIS_LIMIT = 2000
TABLE_LIMIT = 1000  # the most that DynamoDB gives


@dataclass(frozen=True)
class Page:
    """Records in their order; `following` reads on, and is None at the end of a closed shard."""

    records: Sequence[Record]
    following: str | None


class Stream(Protocol):
    """All methods raise what the SDK raises."""

    def shards(self) -> list[Mapping[str, Any]]:
        """All of them, each with its `ShardId` and those of its parents."""

    def identity(self) -> str:
        """What tells it from an earlier stream of the same name."""

    def open(self, shard_id: str, after: str | None) -> str:
        """An iterator behind a sequence number, or where the mapping starts."""

    def read(self, shard_id: str, iterator: str) -> Page:
        """What stands there."""


def stream_of(link: Link) -> Stream:
    """The stream of a running mapping, read under the function's role."""
    return TableStream(link) if link.mapping.reads_a_table else KinesisStream(link)


class KinesisStream:
    def __init__(self, link: Link) -> None:
        self._link = link
        self._arn = link.mapping.stream_arn

    def shards(self) -> list[Mapping[str, Any]]:
        pages = self._client.get_paginator("list_shards").paginate(StreamARN=self._arn)
        return [shard for page in pages for shard in page["Shards"]]

    def identity(self) -> str:
        summary = self._client.describe_stream_summary(StreamARN=self._arn)["StreamDescriptionSummary"]
        return str(summary["StreamCreationTimestamp"].isoformat())

    def open(self, shard_id: str, after: str | None) -> str:
        position: dict[str, Any]
        starting_at = self._link.mapping.starting_at
        if after is not None:
            position = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": after}
        elif starting_at is None:
            position = {"ShardIteratorType": "TRIM_HORIZON"}
        else:
            position = {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": starting_at}
        answer = self._client.get_shard_iterator(StreamARN=self._arn, ShardId=shard_id, **position)
        return str(answer["ShardIterator"])

    def read(self, shard_id: str, iterator: str) -> Page:
        answer = self._client.get_records(ShardIterator=iterator, Limit=KINESIS_LIMIT)
        source = _source(self._link, shard_id)
        return Page([from_kinesis(source, each) for each in answer["Records"]], answer.get("NextShardIterator"))

    @property
    def _client(self) -> Any:
        return self._link.client("kinesis")


class TableStream:
    """Each time it is turned on, a table has another stream, of another ARN."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._arn = link.mapping.stream_arn

    def shards(self) -> list[Mapping[str, Any]]:
        shards: list[Mapping[str, Any]] = []
        start: dict[str, str] = {}
        while True:
            found = self._client.describe_stream(StreamArn=self._arn, **start)["StreamDescription"]
            shards += found["Shards"]
            if "LastEvaluatedShardId" not in found:
                return shards
            start = {"ExclusiveStartShardId": found["LastEvaluatedShardId"]}

    def identity(self) -> str:
        return self._arn

    def open(self, shard_id: str, after: str | None) -> str:
        after = after or self._link.mapping.starting_after
        try:
            return self._iterator(shard_id, "AFTER_SEQUENCE_NUMBER", after) if after else self._oldest(shard_id)
        except ClientError as error:
            if error.response["Error"]["Code"] != "TrimmedDataAccessException":
                raise
            return self._oldest(shard_id)  # the record expired: what stands behind it is the oldest there is

    def _oldest(self, shard_id: str) -> str:
        return self._iterator(shard_id, "TRIM_HORIZON")

    def _iterator(self, shard_id: str, kind: str, sequence_number: str | None = None) -> str:
        position = {"SequenceNumber": sequence_number} if sequence_number else {}
        answer = self._client.get_shard_iterator(
            StreamArn=self._arn, ShardId=shard_id, ShardIteratorType=kind, **position
        )
        return str(answer["ShardIterator"])

    def read(self, shard_id: str, iterator: str) -> Page:
        answer = self._client.get_records(ShardIterator=iterator, Limit=TABLE_LIMIT)
        source = _source(self._link, shard_id)
        return Page([from_table(source, each) for each in answer["Records"]], answer.get("NextShardIterator"))

    @property
    def _client(self) -> Any:
        return self._link.client("dynamodbstreams")


def _source(link: Link, shard_id: str) -> Source:
    mapping = link.mapping
    return Source(mapping.stream_arn, shard_id, mapping.region, mapping.role_arn)

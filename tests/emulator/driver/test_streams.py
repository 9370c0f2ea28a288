from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from streamctl.emulator.driver.mapping import STARTS_AFTER, from_record
from streamctl.emulator.driver.streams import TableStream, stream_of

ARN = "arn:aws:dynamodb:eu-west-1:000000000000:table/t/stream/2026-11-25T10:00:00.000"
CHANGE = {
    "eventID": "1",
    "eventName": "INSERT",
    "eventVersion": "1.1",
    "eventSource": "aws:dynamodb",
    "dynamodb": {
        "ApproximateCreationDateTime": datetime.fromtimestamp(1_700_000_000, UTC),
        "Keys": {"id": {"S": "a"}},
        "SequenceNumber": "7",
    },
}


class Streams:
    """DynamoDB's API of one stream; `trimmed` are sequence numbers that have expired."""

    def __init__(self, *trimmed: str) -> None:
        self.trimmed = trimmed
        self.asked: list[tuple[str, str | None]] = []

    def get_shard_iterator(
        self, *, StreamArn: str, ShardId: str, ShardIteratorType: str, SequenceNumber: str | None = None
    ) -> dict[str, str]:
        self.asked.append((ShardIteratorType, SequenceNumber))
        if SequenceNumber in self.trimmed:
            raise ClientError({"Error": {"Code": "TrimmedDataAccessException", "Message": "gone"}}, "GetShardIterator")
        return {"ShardIterator": f"{ShardIteratorType} {SequenceNumber}"}

    def describe_stream(self, *, StreamArn: str, ExclusiveStartShardId: str = "") -> dict[str, Any]:
        if not ExclusiveStartShardId:
            return {"StreamDescription": {"Shards": [{"ShardId": "one"}], "LastEvaluatedShardId": "one"}}
        return {"StreamDescription": {"Shards": [{"ShardId": "two", "ParentShardId": "one"}]}}

    def get_records(self, *, ShardIterator: str, Limit: int) -> dict[str, Any]:
        return {"Records": [CHANGE]}


def stream(api: Streams, arn: str = ARN, **record: Any) -> Any:
    fields = {
        "UUID": "1",
        "EventSourceArn": arn,
        "FunctionArn": "arn:aws:lambda:eu-west-1:000000000000:function:f",
        "StartingPosition": "TRIM_HORIZON",
        "BatchSize": 100,
        "MaximumBatchingWindowInSeconds": 0,
    }
    mapping = from_record("000000000000", "eu-west-1", fields | record, "role")
    link: Any = SimpleNamespace(mapping=mapping, client=lambda _service: api)
    return stream_of(link)


@pytest.mark.parametrize(
    ("record", "after", "asked"),
    [
        ({}, None, ("TRIM_HORIZON", None)),
        ({}, "5", ("AFTER_SEQUENCE_NUMBER", "5")),
        ({STARTS_AFTER: "3"}, None, ("AFTER_SEQUENCE_NUMBER", "3")),
        ({STARTS_AFTER: "3"}, "5", ("AFTER_SEQUENCE_NUMBER", "5")),
        ({STARTS_AFTER: None}, None, ("TRIM_HORIZON", None)),
    ],
)
def test_a_shard_is_read_from_the_checkpoint_or_from_where_the_mapping_starts(
    record: dict[str, Any], after: str | None, asked: tuple[str, str | None]
) -> None:
    api = Streams()
    stream(api, **record).open("shard", after)
    assert api.asked == [asked]


def test_behind_a_change_that_has_expired_stands_the_oldest_there_is() -> None:
    api = Streams("5")
    assert stream(api).open("shard", "5") == "TRIM_HORIZON None"


def test_any_other_refusal_is_the_readers_to_see() -> None:
    class Refusing(Streams):
        def get_shard_iterator(self, **_: Any) -> dict[str, str]:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetShardIterator")

    with pytest.raises(ClientError, match="AccessDenied"):
        stream(Refusing()).open("shard", "5")


def test_all_pages_of_shards_are_read() -> None:
    assert [each["ShardId"] for each in stream(Streams()).shards()] == ["one", "two"]


def test_at_the_end_of_a_closed_shard_nothing_follows() -> None:
    page = stream(Streams()).read("shard", "iterator")
    assert ([each.sequence_number for each in page.records], page.following) == (["7"], None)


def test_a_table_that_is_streamed_anew_has_another_stream() -> None:
    earlier, later = stream(Streams()), stream(Streams(), ARN.replace("10:00", "11:00"))
    assert isinstance(earlier, TableStream)
    assert earlier.identity() != later.identity()

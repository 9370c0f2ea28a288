"""Reading the stream again: a range, or single records."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from streamctl.verify import stream
from tests.verify.conftest import purchase

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.verify.conftest import Pipeline

SHARD = "shardId-000000000000"


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "GetRecords")


class Kinesis:
    """A shard with the records 10, 20, 30 …; `failing` is raised in turn by each read."""

    def __init__(self, records: int, *failing: Exception | None) -> None:
        self.records = [10 * number for number in range(1, records + 1)]
        self.failing = list(failing)
        self.reads = 0

    def get_shard_iterator(self, *, ShardIteratorType: str, StartingSequenceNumber: str, **_: Any) -> dict[str, str]:
        after = int(StartingSequenceNumber) + (ShardIteratorType == "AFTER_SEQUENCE_NUMBER")
        return {"ShardIterator": str(after)}

    def get_records(self, *, ShardIterator: str, Limit: int) -> dict[str, Any]:
        self.reads += 1
        if self.failing and (error := self.failing.pop(0)):
            raise error
        found = [number for number in self.records if number >= int(ShardIterator)][: min(Limit, 2)]
        return {
            "Records": [
                {
                    "SequenceNumber": str(number),
                    "PartitionKey": "k",
                    "ApproximateArrivalTimestamp": datetime(2026, 11, 23, tzinfo=UTC),
                    "Data": str(number).encode(),
                }
                for number in found
            ],
            "NextShardIterator": str(found[-1] + 1) if found else ShardIterator,
            "MillisBehindLatest": 0,
        }


def numbers(records: Any) -> list[str]:
    return [record.sequence_number for record in records]


def test_a_range_holds_its_first_and_its_last_record() -> None:
    assert numbers(stream.between(Kinesis(9), "s", SHARD, "20", "50")) == ["20", "30", "40", "50"]


def test_of_single_records_those_that_are_gone_are_left_out() -> None:
    found = stream.single(Kinesis(9), "s", SHARD, ["70", "5", "20", "25", "20"])

    assert numbers(found) == ["20", "70"]


@pytest.mark.parametrize(
    ("code", "read"),
    [
        ("ExpiredIteratorException", lambda kinesis, sleep: stream.between(kinesis, "s", SHARD, "10", "40", sleep)),
        (
            "ProvisionedThroughputExceededException",
            lambda kinesis, sleep: stream.between(kinesis, "s", SHARD, "10", "40", sleep),
        ),
        (
            "ProvisionedThroughputExceededException",
            lambda kinesis, sleep: stream.single(kinesis, "s", SHARD, ["10", "20", "30", "40"], sleep),
        ),
    ],
)
def test_an_iterator_that_expired_and_a_shard_asked_too_often_cost_nothing(
    code: str, read: Callable[[Any, Any], Any]
) -> None:
    kinesis = Kinesis(4, None, refused(code), refused(code))

    assert numbers(read(kinesis, lambda _seconds: None)) == ["10", "20", "30", "40"]


def test_a_shard_that_is_always_asked_too_often_ends_with_the_error() -> None:
    throttled = refused("ProvisionedThroughputExceededException")

    with pytest.raises(ClientError):
        list(stream.between(Kinesis(1, *[throttled] * 99), "s", SHARD, "10", "10", lambda _seconds: None))


def test_a_stream_that_is_gone_holds_nothing() -> None:
    assert list(stream.between(Kinesis(1, refused("ResourceNotFoundException")), "s", SHARD, "10", "10")) == []


def test_a_real_stream_is_read(pipeline: Pipeline) -> None:
    first, _, third = pipeline.put([purchase(0), purchase(1), purchase(2)])

    assert numbers(stream.between(pipeline.kinesis, "analytics", SHARD, first, third)) == ["1", "2", "3"]
    assert numbers(stream.single(pipeline.kinesis, "analytics", SHARD, [third])) == ["3"]

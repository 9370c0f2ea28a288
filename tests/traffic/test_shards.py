"""Which shard gets a record."""

from __future__ import annotations

from typing import Any

from moto import mock_aws

from streamctl.aws import Aws
from streamctl.traffic.shards import Shard, ShardMap, list_shards


def listed(name: str, first: int, **more: Any) -> dict[str, Any]:
    numbers = {"StartingSequenceNumber": "1", **more}
    return {"ShardId": name, "HashKeyRange": {"StartingHashKey": str(first)}, "SequenceNumberRange": numbers}


def test_a_closed_shard_gets_nothing() -> None:
    shards = ShardMap.of([listed("old", 0, EndingSequenceNumber="9"), listed("right", 2**127), listed("left", 0)])

    assert [shard.id for shard in shards.shards] == ["left", "right"]


def test_the_md5_of_a_key_decides() -> None:
    """MD5 of `user_1000` begins with 0xd1, that of `user_1001` with 0x0e."""
    shards = ShardMap([Shard(0, "left"), Shard(2**127, "right")])

    assert [shards.places[key] for key in ("user_1000", "user_1001")] == [1, 0]


@mock_aws
def test_records_go_where_the_map_says() -> None:
    kinesis = Aws(region="eu-west-1", credentials=("key", "secret")).client("kinesis")
    kinesis.create_stream(StreamName="analytics", ShardCount=5)
    keys = [f"user_{number}" for number in range(50)] + ["ü", "日本"]

    shards = list_shards(kinesis, "analytics")
    answer = kinesis.put_records(StreamName="analytics", Records=[{"Data": b"x", "PartitionKey": key} for key in keys])

    assert [shards.shards[shards.places[key]].id for key in keys] == [each["ShardId"] for each in answer["Records"]]

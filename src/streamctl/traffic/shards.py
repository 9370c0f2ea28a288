"""The open shards of a stream, and which of them gets a record: Kinesis takes the MD5 of the partition key, as a number
of 128 bits, and each shard has a range of these.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from typing import TYPE_CHECKING, Any, NamedTuple

from streamctl.traffic.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Shard(NamedTuple):
    first_hash_key: int
    """Where its range begins."""
    id: str


class ShardMap:
    """Where records go, as of the moment the shards were listed."""

    def __init__(self, shards: Iterable[Shard]) -> None:
        self.shards = sorted(shards)
        self._begins = [shard.first_hash_key for shard in self.shards]
        self.places = Memory(self._place)
        """By partition key: the place in `shards` of the one that gets its records."""

    @classmethod
    def of(cls, listed: Iterable[Mapping[str, Any]]) -> ShardMap:
        """From the `Shards` of a ListShards answer: those that are open."""
        return cls(
            Shard(int(shard["HashKeyRange"]["StartingHashKey"]), shard["ShardId"])
            for shard in listed
            if "EndingSequenceNumber" not in shard["SequenceNumberRange"]
        )

    def __len__(self) -> int:
        return len(self.shards)

    def _place(self, key: str) -> int:
        hash_key = int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest(), "big")
        return max(0, bisect_right(self._begins, hash_key) - 1)


def list_shards(kinesis: Any, stream: str) -> ShardMap:
    """Ask for the open shards. Raises what the SDK raises."""
    listed: list[Mapping[str, Any]] = []
    arguments: dict[str, Any] = {"StreamName": stream, "ShardFilter": {"Type": "AT_LATEST"}}
    while True:
        answer = kinesis.list_shards(**arguments)
        listed += answer["Shards"]
        if not answer.get("NextToken"):
            return ShardMap.of(listed)
        arguments = {"NextToken": answer["NextToken"]}

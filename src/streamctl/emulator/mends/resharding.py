"""Kinesis: resharding that keeps its records.

A shard that is split or merged stays, closed, with its records, until they have expired, as on AWS. MiniStack deletes
it with everything in it.
"""

from __future__ import annotations

import json
import time
from itertools import pairwise
from typing import Any

from ministack.services import kinesis

from streamctl.emulator.mends.replacing import after, replace
from streamctl.emulator.mends.responses import Response, answer, invalid, missing, refuse

Shard = dict[str, Any]
Stream = dict[str, Any]

CLOSED_AT = "closed_at"
LAST_SEQUENCE = "ending_sequence_number"


def apply() -> None:
    replace(kinesis, "_route_to_shard", _route_to_open_shard)
    replace(kinesis, "_expire_records", _expire)
    replace(kinesis, "_split_shard", _split_shard)
    replace(kinesis, "_merge_shards", _merge_shards)
    replace(kinesis, "_update_shard_count", _update_shard_count)
    after(kinesis, "_describe_stream_summary", _count_open_shards)
    after(kinesis, "_shard_out", _show_end)


def is_closed(shard: Shard) -> bool:
    """Split or merged: it takes no more records."""
    return CLOSED_AT in shard


def _open_shards(stream: Stream) -> dict[str, Shard]:
    """By starting hash key."""
    found = [(shard_id, shard) for shard_id, shard in stream["shards"].items() if not is_closed(shard)]
    return dict(sorted(found, key=lambda each: int(each[1]["starting_hash_key"])))


def _route_to_open_shard(hash_key: int, stream: Stream) -> str:
    found: str = next(
        shard_id
        for shard_id, shard in stream["shards"].items()
        if not is_closed(shard) and int(shard["starting_hash_key"]) <= hash_key <= int(shard["ending_hash_key"])
    )
    return found


def _expire(stream: Stream) -> None:
    """Drop records, and closed shards, that are older than the retention."""
    oldest = time.time() - stream["RetentionPeriodHours"] * 3600
    for shard_id, shard in list(stream["shards"].items()):
        records = shard["records"]
        if records and records[0]["ApproximateArrivalTimestamp"] < oldest:
            shard["records"] = [each for each in records if each["ApproximateArrivalTimestamp"] >= oldest]
        if shard.get(CLOSED_AT, oldest) < oldest and not shard["records"]:
            del stream["shards"][shard_id]


def _reshard(stream: Stream, parents: list[str], ranges: list[tuple[int, int]]) -> list[str]:
    """Close the parents and open one child for each range of hash keys; returns the children."""
    for parent in parents:
        stream["shards"][parent] |= {LAST_SEQUENCE: kinesis._next_sequence_number(), CLOSED_AT: time.time()}
    first = kinesis._max_shard_index(stream) + 1
    children = []
    for index, (start, end) in enumerate(ranges, first):
        children.append(f"shardId-{index:012d}")
        stream["shards"][children[-1]] = {
            "records": [],
            "starting_hash_key": str(start),
            "ending_hash_key": str(end),
            "starting_sequence_number": kinesis._next_sequence_number(),
            "parent_shard_id": parents[0],
            "adjacent_parent_shard_id": parents[1] if len(parents) > 1 else None,
        }
    kinesis.esm_wake.set()  # the parents' readers find their end at once
    return children


def _split_at(stream: Stream, hash_key: int) -> None:
    """Split the open shard that holds this hash key, unless it starts there."""
    shard_id = _route_to_open_shard(hash_key, stream)
    start, end = _range(stream["shards"][shard_id])
    if hash_key > start:
        _reshard(stream, [shard_id], [(start, hash_key - 1), (hash_key, end)])


def _range(shard: Shard) -> tuple[int, int]:
    return int(shard["starting_hash_key"]), int(shard["ending_hash_key"])


def _split_shard(data: dict[str, Any]) -> Response:
    name, stream = kinesis._resolve_stream(data)
    problem = _not_open(name, stream, data.get("ShardToSplit"))
    if problem:
        return problem
    start, end = _range(stream["shards"][data["ShardToSplit"]])
    hash_key = int(data["NewStartingHashKey"])
    if not start < hash_key <= end:
        return invalid(f"NewStartingHashKey {hash_key} is not within the shard's range")
    _split_at(stream, hash_key)
    return answer({})


def _merge_shards(data: dict[str, Any]) -> Response:
    name, stream = kinesis._resolve_stream(data)
    both: list[str] = [data["ShardToMerge"], data["AdjacentShardToMerge"]]
    problem = _not_open(name, stream, both[0]) or _not_open(name, stream, both[1])
    if problem:
        return problem
    low, high = sorted(_range(stream["shards"][each]) for each in both)
    if low[1] + 1 != high[0]:
        return invalid(f"Shards {both[0]} and {both[1]} are not adjacent")
    _reshard(stream, both, [(low[0], high[1])])
    return answer({})


def _update_shard_count(data: dict[str, Any]) -> Response:
    """Split at the new boundaries, then merge what lies between them: every child has one or two parents, as on AWS."""
    name, stream = kinesis._resolve_stream(data)
    if not stream:
        return missing(f"Stream {name} not found")
    if stream.get("StreamModeDetails", {}).get("StreamMode") == "ON_DEMAND":
        return refuse("ValidationException", f"Stream {name} is on demand: AWS scales it")
    current, target = len(_open_shards(stream)), int(data["TargetShardCount"])
    if not current / 2 <= target <= current * 2 or target < 1:
        return invalid(f"UpdateShardCount cannot scale from {current} to {target}: at most double, at least half")
    starts = [int(start) for start, _ in kinesis._compute_hash_ranges(target)] + [kinesis.MAX_HASH_KEY + 1]
    if target != current:
        for start in starts[1:-1]:
            _split_at(stream, start)
        for start, end in pairwise(starts):
            _merge_within(stream, start, end)
    return answer(
        {
            "StreamName": stream["StreamName"],
            "StreamARN": stream["StreamARN"],
            "CurrentShardCount": current,
            "TargetShardCount": target,
        }
    )


def _merge_within(stream: Stream, start: int, end: int) -> None:
    within = [each for each, shard in _open_shards(stream).items() if start <= _range(shard)[0] < end]
    while len(within) > 1:
        first, second, *rest = within
        span = (_range(stream["shards"][first])[0], _range(stream["shards"][second])[1])
        within = _reshard(stream, [first, second], [span]) + rest


def _show_end(_shard_id: str, shard: Shard, shown: dict[str, Any]) -> dict[str, Any]:
    if is_closed(shard):
        shown["SequenceNumberRange"]["EndingSequenceNumber"] = shard[LAST_SEQUENCE]
    return shown


def _count_open_shards(data: dict[str, Any], response: Response) -> Response:
    _, stream = kinesis._resolve_stream(data)
    if not stream:
        return response
    body = json.loads(response[2])
    body["StreamDescriptionSummary"]["OpenShardCount"] = len(_open_shards(stream))
    return answer(body)


def _not_open(name: str, stream: Stream | None, shard_id: str | None) -> Response | None:
    if not stream:
        return missing(f"Stream {name} not found")
    if shard_id not in stream["shards"]:
        return missing(f"Shard {shard_id} in stream {name} does not exist")
    if is_closed(stream["shards"][shard_id]):
        return invalid(f"Shard {shard_id} in stream {name} has already been merged or split")
    return None

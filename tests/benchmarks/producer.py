"""The producer against its peers: records per second of CPU, the network's delay hidden, memory."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import cbor2

from . import peers
from .answering import answering, environment
from .measuring import run
from .report import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

SHARDS = 600
"""So many that the limits of the stream, which our producer keeps to, leave the client free to run."""
PACKED_SHARDS = 100
"""Packed together, so many take as much, and a record is well filled."""
PEERS_SHARDS = 2
"""The peers' limits are lifted, and aiokpl packs together for each shard: the fewer, the better for it."""
DELAY_MS = 15
PEERS = Path(__file__).with_name("peer_producers.py")


class Spent(NamedTuple):
    """Of one run, per event."""

    events: int
    cpu: float
    wall: float
    peak_mb: float

    @property
    def per_cpu_second(self) -> float:
        return self.events / self.cpu

    @property
    def per_second(self) -> float:
        return self.events / self.wall


def figures(*, quick: bool) -> list[Figure]:
    with answering(answers(SHARDS)) as url, answering(answers(PEERS_SHARDS)) as peers_url:
        costs = _cost(url, peers_url, 5 if quick else 1)
        return [*costs, *_memory(url, 10 if quick else 1), *_delayed(4 if quick else 1)]


def _cost(url: str, peers_url: str, divisor: int) -> list[Figure]:
    ours = _ours(url, 1_000_000 // divisor)
    with answering(answers(PACKED_SHARDS)) as packed_url:
        packed = _ours(packed_url, 1_000_000 // divisor, "--aggregate")
    rows: list[tuple[str, str, int, float | None, str]] = [
        ("boto3", "boto3 put_records x 500", 300_000, 5, ""),
        ("ready", "boto3 put_records x 500", 300_000, None, "the peer's events were made before, ours were not"),
        ("aiokpl", "aiokpl", 60_000, 30, "limits lifted"),
        ("async_kinesis", "async-kinesis", 60_000, 30, "limits lifted"),
        ("one_by_one", "put_record, one by one", 10_000, 300, ""),
    ]
    spent = {peer: _peer(peers_url, peer, events // divisor) for peer, _, events, _, _ in rows}
    measured = [_figure(ours, spent[peer], name, target, note) for peer, name, _, target, note in rows]
    return [*measured, _figure(packed, spent["boto3"], "boto3 put_records x 500", None, "ours with --aggregate")]


def _figure(ours: Spent, theirs: Spent, peer: str, target: float | None, note: str) -> Figure:
    return Figure(
        area="producer",
        what="events of 350 bytes made, encoded and sent",
        unit="per CPU s",
        ours=ours.per_cpu_second,
        peer=peer,
        theirs=theirs.per_cpu_second,
        at_least=target,
        note=note,
    )


def _memory(url: str, divisor: int) -> list[Figure]:
    few, many = 100_000, 5_000_000 // divisor
    return [
        Figure(
            area="producer",
            what=f"peak memory at {many:,} events",
            unit="MB",
            ours=_ours(url, many).peak_mb,
            peer=f"the same at {few:,} events",
            theirs=_ours(url, few).peak_mb,
            at_most=1.1,
        )
    ]


def _delayed(divisor: int) -> list[Figure]:
    with answering(answers(SHARDS), delay_ms=DELAY_MS) as url:
        boto3 = _peer(url, "boto3", 100_000 // divisor)
        many = _ours(url, 2_000_000 // divisor, "--connections", "16", "--spread")
        two = _ours(url, 2_000_000 // divisor, "--connections", "16", "--spread", "--processes", "2")
    what = f"events sent, {DELAY_MS} ms a call"
    return [
        Figure(
            area="producer",
            what=what,
            unit="per s",
            ours=many.per_second,
            peer="boto3 put_records x 500, one thread",
            theirs=boto3.per_second,
            at_least=10,
            note="16 connections",
        ),
        Figure(
            area="producer",
            what=what,
            unit="per s",
            ours=two.per_second,
            peer="ours in one process",
            theirs=many.per_second,
            note="--processes 2; the server needs some of the two cores, too",
        ),
    ]


def _ours(url: str, events: int, *options: str) -> Spent:
    return _spent([sys.executable, "-m", "tests.benchmarks.producing", url, str(events), *options], url, events)


def _peer(url: str, peer: str, events: int) -> Spent:
    return _spent([peers.python(), str(PEERS), peer, url, str(events)], url, events)


def _spent(arguments: Sequence[str], url: str, events: int) -> Spent:
    _, printed = run(arguments, environment=environment(url))
    told = json.loads(printed)
    return Spent(events, told["cpu"], told["wall"], told.get("peak_mb", 0))


def answers(count: int) -> dict[str, bytes]:
    """A stream of many shards, as it tells of itself."""
    shards = [
        {
            "ShardId": f"shardId-{number:012d}",
            "HashKeyRange": {
                "StartingHashKey": str(2**128 * number // count),
                "EndingHashKey": str(2**128 * (number + 1) // count - 1),
            },
            "SequenceNumberRange": {"StartingSequenceNumber": "1"},
        }
        for number in range(count)
    ]
    stream = {"StreamName": "benchmark", "StreamStatus": "ACTIVE", "HasMoreShards": False, "Shards": shards}
    summary = {"StreamName": "benchmark", "StreamStatus": "ACTIVE", "OpenShardCount": count}
    return {
        "DescribeStream": json.dumps({"StreamDescription": stream}).encode(),
        "DescribeStreamSummary": json.dumps({"StreamDescriptionSummary": summary}).encode(),
        "ListShards": json.dumps({"Shards": shards}).encode(),
        "ListShards.cbor": cbor2.dumps({"Shards": shards}),
        "PutRecord": b'{"SequenceNumber":"49590338271490256608559692538361571095921575989136588898",'
        b'"ShardId":"shardId-000000000000"}',
    }

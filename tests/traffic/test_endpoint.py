"""A stream to be written to, spoken to as it wants."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from moto import mock_aws

from streamctl.aws import Aws
from streamctl.emulator.process import CREDENTIALS, REGION
from streamctl.errors import AwsError
from streamctl.traffic.encoding import Cbor, Json
from streamctl.traffic.endpoint import StreamEndpoint

from ..cbor import refuse_cbor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamctl.emulator.process import Emulator

PAYLOADS = [f'{{"eventId":"{number}"}}'.encode() for number in range(40)]
KEYS = [f"user_{number}" for number in range(40)]


@pytest.fixture
def aws(emulator: Emulator, tmp_path: Path) -> Iterator[Aws]:
    aws = Aws(region=REGION, endpoint_url=emulator.endpoint_url, credentials=CREDENTIALS)
    aws.client("kinesis").create_stream(StreamName=tmp_path.name, ShardCount=4)
    yield aws
    aws.client("kinesis").delete_stream(StreamName=tmp_path.name, EnforceConsumerDeletion=True)


def endpoint(aws: Aws, name: str) -> StreamEndpoint:
    return StreamEndpoint(aws, name, clock=lambda: 0.0)


def stored(aws: Aws, name: str) -> dict[bytes, str]:
    """Payload to partition key of everything in the stream."""
    kinesis = aws.client("kinesis")
    found = {}
    for shard in kinesis.list_shards(StreamName=name)["Shards"]:
        start = kinesis.get_shard_iterator(StreamName=name, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")[
            "ShardIterator"
        ]
        records = kinesis.get_records(ShardIterator=start)["Records"]
        found |= {record["Data"]: record["PartitionKey"] for record in records}
    return found


def test_an_endpoint_that_takes_cbor_is_spoken_to_in_cbor(aws: Aws, tmp_path: Path) -> None:
    stream = endpoint(aws, tmp_path.name)

    answer = stream.send(PAYLOADS, KEYS)

    assert isinstance(stream.encoding, Cbor)
    assert (answer.refused, sum(answer.by_shard.values())) == ({}, 40)
    assert stored(aws, tmp_path.name) == dict(zip(PAYLOADS, KEYS, strict=True))


def test_an_endpoint_that_does_not_is_spoken_to_in_json(aws: Aws, tmp_path: Path) -> None:
    refuse_cbor(aws)
    stream = endpoint(aws, tmp_path.name)

    answer = stream.send(PAYLOADS, KEYS)

    assert isinstance(stream.encoding, Json)
    assert (answer.refused, sum(answer.by_shard.values())) == ({}, 40)
    assert stored(aws, tmp_path.name) == dict(zip(PAYLOADS, KEYS, strict=True))


def test_records_go_to_the_shards_that_the_map_foretells(aws: Aws, tmp_path: Path) -> None:
    stream = endpoint(aws, tmp_path.name)

    answer = stream.send(PAYLOADS, KEYS)

    assert answer.by_shard == Counter(stream.shards.shards[stream.shards.places[key]].id for key in KEYS)


def test_a_shard_can_be_chosen_whatever_the_keys_are(aws: Aws, tmp_path: Path) -> None:
    stream = endpoint(aws, tmp_path.name)
    chosen = stream.shards.shards[2]

    answer = stream.send(PAYLOADS, KEYS, [str(chosen.first_hash_key)] * 40)

    assert answer.by_shard == {chosen.id: 40}


def test_a_refusal_in_cbor_is_an_error_like_any_other(aws: Aws, tmp_path: Path) -> None:
    stream = endpoint(aws, tmp_path.name)
    stream.stream = "missing"

    with pytest.raises(AwsError, match=r"Could not send events to the stream missing: .*ResourceNotFoundException"):
        stream.send(PAYLOADS, KEYS)


@mock_aws
def test_a_stream_that_is_not_there_is_named() -> None:
    aws = Aws(region="eu-west-1", credentials=("key", "secret"))
    refuse_cbor(aws)

    with pytest.raises(AwsError, match="Could not list the shards of the stream missing"):
        endpoint(aws, "missing")

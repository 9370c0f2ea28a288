"""What Lambda gave up on, read again from the stream."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from streamctl.verify.dead_letters import DeadLetter, parse, payloads
from streamctl.verify.stream import retention
from tests.functions.processor.kpl import MAGIC, aggregate
from tests.verify.conftest import letter, purchase

if TYPE_CHECKING:
    from tests.verify.conftest import Pipeline


def parsed(first: str, last: str) -> DeadLetter:
    found = parse(letter(first, last))
    assert found
    return found


def test_lambdas_message_is_read() -> None:
    assert parse(letter("49", "51", records=3)) == DeadLetter(
        stream="analytics",
        shard_id="shardId-000000000000",
        first_sequence_number="49",
        last_sequence_number="51",
        records=3,
        condition="RetryAttemptsExhausted",
        first_arrived_at=datetime(2026, 11, 23, 16, 11, 55, tzinfo=UTC),
        last_arrived_at=datetime(2026, 11, 23, 16, 11, 55, tzinfo=UTC),
    )


@pytest.mark.parametrize("body", ["", "[]", "{}", "null", '{"KinesisBatchInfo": {}}', '{"KinesisBatchInfo": 1}'])
def test_other_messages_are_let_pass(body: str) -> None:
    assert parse(body) is None


@pytest.mark.parametrize(
    ("records", "retention", "words"),
    [
        (1, timedelta(hours=24), "1 record of {shard} (RetryAttemptsExhausted), {kept} 2026-11-24 16:11 UTC"),
        (2, None, "2 records of {shard} (RetryAttemptsExhausted), the stream is gone"),
    ],
)
def test_a_dead_letter_says_what_it_is_and_until_when_the_stream_has_it(
    records: int, retention: timedelta | None, words: str
) -> None:
    found = parse(letter("49", "51", records))

    assert found
    assert found.describe(retention) == words.format(
        shard="shardId-000000000000, 49 to 51", kept="kept in the stream until"
    )


def test_the_stream_says_how_long_it_keeps_its_records(pipeline: Pipeline) -> None:
    pipeline.put([])

    assert retention(pipeline.kinesis, "analytics") == timedelta(hours=24)
    assert retention(pipeline.kinesis, "gone") is None


def test_only_the_records_of_the_range_are_read(pipeline: Pipeline) -> None:
    events = [purchase(number) for number in range(6)]
    numbers = pipeline.put(events)

    found = list(payloads(pipeline.kinesis, parsed(numbers[1], numbers[3])))

    assert [[json.loads(event) for event in record] for record in found] == [[event] for event in events[1:4]]


def test_of_an_aggregate_the_events_in_it_are_read(pipeline: Pipeline) -> None:
    pipeline.put([])
    sent = [b"alone", aggregate(b"one", b"two"), MAGIC + b"damaged"]
    answers = [pipeline.kinesis.put_record(StreamName="analytics", Data=data, PartitionKey="k") for data in sent]
    first, *_, last = [answer["SequenceNumber"] for answer in answers]

    assert list(payloads(pipeline.kinesis, parsed(first, last))) == [[b"alone"], [b"one", b"two"], [sent[2]]]


def test_records_to_the_end_of_the_shard_are_read(pipeline: Pipeline) -> None:
    numbers = pipeline.put([purchase(number) for number in range(3)])

    assert len(list(payloads(pipeline.kinesis, parsed(numbers[2], numbers[2] + "0")))) == 1


def test_a_stream_that_is_gone_has_no_records(pipeline: Pipeline) -> None:
    assert list(payloads(pipeline.kinesis, parsed("1", "2"))) == []


def test_other_failures_are_not_swallowed() -> None:
    class Kinesis:
        def get_shard_iterator(self, **arguments: Any) -> Any:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetShardIterator")

    with pytest.raises(ClientError):
        list(payloads(Kinesis(), parsed("1", "2")))

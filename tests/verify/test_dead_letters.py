"""What Lambda gave up on, read again from the stream."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from streamctl.verify.dead_letters import DeadLetter, parse, payloads
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
        last_arrived_at=datetime(2026, 11, 23, 16, 11, 55, tzinfo=UTC),
    )


@pytest.mark.parametrize("body", ["", "[]", "{}", "null", '{"KinesisBatchInfo": {}}', '{"KinesisBatchInfo": 1}'])
def test_other_messages_are_let_pass(body: str) -> None:
    assert parse(body) is None


def test_a_dead_letter_says_what_it_is() -> None:
    assert str(parsed("49", "51")) == "1 records of shardId-000000000000, 49 to 51 (RetryAttemptsExhausted)"


def test_only_the_records_of_the_range_are_read(pipeline: Pipeline) -> None:
    events = [purchase(number) for number in range(6)]
    numbers = pipeline.put(events)

    found = list(payloads(pipeline.kinesis, parsed(numbers[1], numbers[3])))

    assert [json.loads(data) for data in found] == events[1:4]


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

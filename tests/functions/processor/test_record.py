from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamctl.functions.processor.record import Record

from .kpl import MAGIC, aggregate
from .lambda_events import ARRIVED_AT_MS, SHARD, delivery, sequence


def test_a_delivery_is_read_into_its_parts():
    record = Record.from_lambda(delivery(b"\x00payload", 7))

    assert record == Record(
        stream="analytics-stream-a1b2c3",
        shard_id=SHARD,
        sequence_number=sequence(7),
        partition_key="user_1000",
        arrived_at_ms=ARRIVED_AT_MS,
        payload=b"\x00payload",
    )


def test_its_place_is_what_lambda_calls_the_event_id():
    assert Record.from_lambda(delivery(b"", 7)).place == delivery(b"", 7)["eventID"]


def test_an_aggregate_is_expanded_into_its_records_in_their_order():
    inside = Record.from_lambda(delivery(aggregate(b"a", b"b", b"c"), 7)).expanded()

    assert [(record.payload, record.sub, record.partition_key) for record in inside] == [
        (b"a", 0, "user_1"),
        (b"b", 1, "user_2"),
        (b"c", 2, "user_1"),
    ]
    assert {record.sequence_number for record in inside} == {sequence(7)}
    assert [record.place for record in inside] == [f"{SHARD}:{sequence(7)}:{sub}" for sub in range(3)]


@pytest.mark.parametrize(
    "payload", [b"alone", b"", aggregate(b"a")[:-1], aggregate(), MAGIC, MAGIC + bytes(16), aggregate(b"a", keys=())]
)
def test_what_is_no_sound_aggregate_stands_alone(payload):
    record = Record.from_lambda(delivery(payload, 7))

    assert record.expanded() == [record]


@given(st.lists(st.binary(max_size=300)))
def test_no_record_of_an_aggregate_is_lost(payloads):
    inside = Record.from_lambda(delivery(aggregate(*payloads, b"last"))).expanded()

    assert [record.payload for record in inside] == [*payloads, b"last"]


@given(st.binary(max_size=100))
def test_nothing_that_begins_like_an_aggregate_is_an_error(content):
    digest = hashlib.md5(content, usedforsecurity=False).digest()

    assert Record.from_lambda(delivery(MAGIC + content + digest)).expanded()

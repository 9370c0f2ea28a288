from __future__ import annotations

from streamctl.functions.processor.record import Record

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

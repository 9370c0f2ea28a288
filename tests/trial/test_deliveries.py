from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from streamctl.errors import UsageError
from streamctl.functions.processor.record import Record
from streamctl.trial.deliveries import deliveries

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)


def payloads(content: bytes) -> list[bytes]:
    return [Record.from_lambda(each).payload for each in deliveries(content, "shop", AT)]


@pytest.mark.parametrize(
    ("content", "sent"),
    [
        (b'{"a": 1}\n', [b'{"a": 1}']),
        (b'{\n  "a": 1\n}\n', [b'{\n  "a": 1\n}']),
        (b'{"a":1}\n\n{"b":2}\r\n', [b'{"a":1}', b'{"b":2}']),
        (b'{"a":1}\nnope\n', [b'{"a":1}', b"nope"]),
        (b"[1]", [b"[1]"]),
        (b"\xff\xfe", [b"\xff\xfe"]),
        (b'{"Records": 1}', [b'{"Records": 1}']),
    ],
)
def test_one_event_or_one_a_line_byte_for_byte(content: bytes, sent: list[bytes]) -> None:
    assert payloads(content) == sent


def test_each_has_a_place_of_its_own_in_the_stream() -> None:
    records = [Record.from_lambda(each) for each in deliveries(b"{}\n{}", "shop", AT)]

    assert len({record.place for record in records}) == 2
    assert {(record.stream, record.arrived_at_ms) for record in records} == {("shop", 1795608000000)}


def test_what_lambda_hands_over_is_taken_as_it_is() -> None:
    (made,) = deliveries(b'{"a":1}', "other", AT)

    assert deliveries(json.dumps({"Records": [made]}).encode(), "shop", AT) == [made]


@pytest.mark.parametrize(
    "record",
    [1, {}, {"kinesis": {"data": "%"}}, {"kinesis": {"data": base64.b64encode(b"{}").decode()}}, {"dynamodb": {}}],
)
def test_records_of_another_service_are_refused(record: Any) -> None:
    with pytest.raises(UsageError, match="`Records` are not those of Kinesis"):
        deliveries(json.dumps({"Records": [record]}).encode(), "shop", AT)


@pytest.mark.parametrize("arrived", [float("nan"), float("inf"), 1e308, "1.5", None])
def test_a_record_that_arrived_at_no_time_is_refused(arrived: Any) -> None:
    (made,) = deliveries(b"{}", "shop", AT)
    made["kinesis"]["approximateArrivalTimestamp"] = arrived

    with pytest.raises(UsageError, match="`Records` are not those of Kinesis"):
        deliveries(json.dumps({"Records": [made]}).encode(), "shop", AT)


def test_nothing_is_no_event() -> None:
    with pytest.raises(UsageError, match="There is no event"):
        deliveries(b"\n \n", "shop", AT)

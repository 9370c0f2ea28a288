"""One event's bytes, id and partition key."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamctl.traffic.events import Event, from_line, from_object

RUN_ID = "20261123T161154-k3f9"
MADE = "20261123T161154-k3f9-000000003"


def line(text: str) -> Event:
    return from_line(text.encode(), RUN_ID, 3)


def test_an_object_without_an_id_gets_one() -> None:
    event = from_object({"eventType": "click"}, RUN_ID, 3)

    assert json.loads(event.payload) == {"eventId": MADE, "eventType": "click"}
    assert event.id == MADE


def test_an_object_keeps_its_own_id() -> None:
    assert from_object({"eventId": "mine"}, RUN_ID, 3).id == "mine"


@pytest.mark.parametrize("content", [{"at": object()}, {"x": float("nan")}])
def test_what_json_cannot_hold_is_refused(content: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError)):
        from_object(content, RUN_ID, 3)


def test_a_line_with_an_id_is_sent_byte_for_byte() -> None:
    text = '{ "eventId" : "mine", "amount": 1.10, "big": 12345678901234567890123, "name": "Zoë" }'

    assert line(text).payload == text.encode()


def test_a_line_without_an_id_gets_one_and_stays_as_it_is_otherwise() -> None:
    assert (
        line('{"amount": 1.10, "n": 1e3 }').payload == b'{"amount": 1.10, "n": 1e3,"eventId":"' + MADE.encode() + b'"}'
    )


def test_an_empty_object_gets_an_id() -> None:
    assert json.loads(line("{}").payload) == {"eventId": MADE}


@pytest.mark.parametrize("text", ['{"eventId": null}', '{"eventId": ""}'])
def test_an_empty_id_counts_as_none(text: str) -> None:
    assert json.loads(line(text).payload) == {"eventId": MADE}


def test_a_number_for_an_id_is_kept_as_its_digits() -> None:
    event = line('{"eventId": 1.50}')

    assert (event.id, event.payload) == ("1.50", b'{"eventId": 1.50}')


@pytest.mark.parametrize("own", ["true", "[1]", '{"a": 1}'])
def test_an_id_that_cannot_be_one_is_sent_as_it_is(own: str) -> None:
    text = f'{{"eventId": {own}}}'

    assert line(text).payload == text.encode()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('{"eventId": "e", "userId": "user_1"}', "user_1"),
        ('{"eventId": "e", "userId": 17}', "17"),
        ('{"eventId": "e"}', "e"),
        ('{"eventId": "e", "userId": ""}', "e"),
        ('{"eventId": "e", "userId": null}', "e"),
        ('{"eventId": "e", "userId": ["x"]}', "e"),
        ('{"eventId": "e", "userId": "\\ud800"}', "?"),
    ],
)
def test_the_user_is_the_partition_key_where_there_is_one(text: str, key: str) -> None:
    assert line(text).partition_key == key


def test_a_partition_key_is_no_longer_than_kinesis_takes() -> None:
    assert len(line(json.dumps({"userId": "x" * 1000})).partition_key) == 256


def test_size_is_payload_and_key_in_bytes() -> None:
    assert Event(id="e", type="click", partition_key="Zoë", payload=b"{}").size == 6


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"nonsense", "not JSON"),
        (b"[1]", "not an object"),
        (b'"text"', "not an object"),
        (b'{"a": NaN}', "no NaN"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b'{"a":' * 100_000, "nested too deep"),
        (b'{"a": 1} {"b": 2}', "not JSON"),
        (b'{"a": 1e99999999999999999999}', "too large"),
    ],
)
def test_a_line_that_is_no_json_object_is_refused_with_the_reason(text: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        from_line(text, RUN_ID, 3)


@given(st.dictionaries(st.text(), st.none() | st.integers() | st.text() | st.lists(st.booleans())))
def test_any_object_keeps_every_value_and_has_an_id(content: dict[str, object]) -> None:
    sent = json.loads(line(json.dumps(content)).payload)

    assert {name: value for name, value in sent.items() if name in content or name != "eventId"} == {
        **content,
        **({"eventId": MADE} if content.get("eventId", "x") in (None, "") else {}),
    }
    assert "eventId" in sent

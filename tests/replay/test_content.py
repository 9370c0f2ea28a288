"""An event as it is sent again: what it has of its own stays, what it lacks is what it had by its place and time."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamctl.functions.processor.handler import prepare
from streamctl.functions.processor.item import Item
from streamctl.functions.processor.record import Record
from streamctl.replay.content import content

AT_MS = 1_795_000_000_123


def record(payload: bytes, sequence_number: str = "7", arrived_at_ms: int = AT_MS) -> Record:
    return Record("s", "shard-1", sequence_number, "k", arrived_at_ms, payload)


@pytest.mark.parametrize(
    ("payload", "event_id", "sent"),
    [
        (b'{"eventId":"a","timestamp":5}', "a", b'{"eventId":"a","timestamp":5}'),
        (b'{"eventId":"a","timestamp":"soon"} ', "a", b'{"eventId":"a","timestamp":"soon"} '),
        (b'{"eventId":12.50,"timestamp":5}', "12.50", b'{"eventId":12.50,"timestamp":5}'),
        (b'{ "eventId":"a" }\n', "a", b'{ "eventId":"a","timestamp":1795000000}'),
        (b'{"timestamp":5}', "shard-1:7", b'{"timestamp":5,"eventId":"shard-1:7"}'),
        (b"{}", "shard-1:7", b'{"eventId":"shard-1:7","timestamp":1795000000}'),
        (b"not json", "shard-1:7", b"not json"),
        (b"\xff", "shard-1:7", b"\xff"),
    ],
)
def test_only_a_missing_id_and_a_missing_time_are_put_in(payload: bytes, event_id: str, sent: bytes) -> None:
    made = content(payload, record(payload))

    assert (made.event_id, made.payload) == (event_id, sent)


def test_a_repair_without_an_id_keeps_that_of_the_record() -> None:
    made = content(b'{"amount": 1}', record(b'{"eventId": "mine", "amount": "?"}'))

    assert made.event_id == "mine"
    assert json.loads(made.payload)["eventId"] == "mine"


@given(
    st.dictionaries(
        st.sampled_from(["eventId", "timestamp", "eventType", "x"]),
        st.none() | st.text(max_size=5) | st.integers() | st.floats(allow_nan=False) | st.booleans(),
    )
)
def test_sent_again_later_an_event_has_the_same_key_as_before(event: dict[str, object]) -> None:
    first = record(json.dumps(event).encode())
    before = prepare(first, AT_MS)
    again = record(content(first.payload, first).payload, "8", AT_MS + 99_000_000)
    after = prepare(again, AT_MS)

    if isinstance(before, Item) and isinstance(after, Item) and "timestamp" not in event:
        assert before.key == after.key
    assert type(before) is type(after)


def test_the_id_is_the_one_the_processor_gives() -> None:
    for own in ("a", 5, Decimal("1.50"), "", None):
        payload = json.dumps({"eventId": own}, default=float).encode()
        item = prepare(record(payload), AT_MS)
        assert isinstance(item, Item)
        assert item.key[0] == content(payload, record(payload)).event_id

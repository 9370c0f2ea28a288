"""Late events: another time, and nothing else changed."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamctl.traffic.lateness import carried, with_time

AT = datetime(2026, 11, 23, 16, 11, 54, 123_000, tzinfo=UTC)
TOLD = b'"2026-11-23T16:11:54.123Z"'


@pytest.mark.parametrize(
    ("payload", "late"),
    [
        (b'{"timestamp": "2026-11-24T10:00:00Z", "a": 1.50}', b'{"timestamp": %b, "a": 1.50}'),
        (b'{"timestamp":1732464000.5,"a":1}', b'{"timestamp":%b,"a":1}'),
        (b'{"timestamp":null}', b'{"timestamp":%b}'),
        (b'{"a":1}', b'{"a":1,"timestamp":%b}'),
        (b'{"timestamp":["odd"]}', b'{"timestamp":["odd"],"timestamp":%b}'),
        (b'{"in":{"timestamp":1},"timestamp":2}', b'{"in":{"timestamp":1},"timestamp":%b}'),
        (b'{"timestamp":1,"timestamp":2}', b'{"timestamp":1,"timestamp":%b}'),
        (b'{"in":{"timestamp":1}}', b'{"in":{"timestamp":1},"timestamp":%b}'),
        (b'{"note":"\\"timestamp\\":1"}', b'{"note":"\\"timestamp\\":1","timestamp":%b}'),
    ],
)
def test_the_events_own_time_alone_is_changed(payload: bytes, late: bytes) -> None:
    assert with_time(payload, AT) == late % TOLD


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just("timestamp") | st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.just("timestamp") | st.just("a") | st.text(), JSON, min_size=1))
def test_whatever_the_event_it_says_the_same_but_for_its_time(content: dict[str, object]) -> None:
    payload = json.dumps(content).encode()

    assert json.loads(with_time(payload, AT)) == content | {"timestamp": json.loads(TOLD)}


def test_a_late_event_is_a_minute_to_six_hours_late() -> None:
    late = [AT - carried(AT, random.Random(number)) for number in range(200)]

    assert timedelta(minutes=1) <= min(late) < timedelta(minutes=30)
    assert timedelta(hours=5) < max(late) <= timedelta(hours=6)

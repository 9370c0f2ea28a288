from __future__ import annotations

import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from streamctl.errors import UsageError
from streamctl.functions.processor.handler import prepare
from streamctl.functions.processor.item import Item
from streamctl.functions.processor.record import Record
from streamctl.traffic.sources import LineEvents
from streamctl.verify.items import is_faithful, payload

from ..functions.processor.lambda_events import ARRIVED_AT_MS, delivery
from .commands import examples

TEXTS = st.text(max_size=10) | st.sampled_from(
    ["page_view", "purchase", "user_signup", "click", "2026-11-24T15:00:00Z"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**45), 10**45) | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
FIELDS = [
    "eventId", "eventType", "userId", "sessionId", "deviceType", "timestamp", "location", "pageUrl", "loadTime",
    "sessionLength", "pagesViewed", "amount", "currency", "itemsCount", "signupMethod", "campaignSource",
]  # fmt: skip
EVENTS = st.dictionaries(st.sampled_from(FIELDS) | TEXTS, VALUES, max_size=6).map(
    lambda event: json.dumps(event).encode()
)


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    """Events, some with a hole or a piece of anything in them."""
    event = draw(EVENTS)
    at, hole = draw(st.integers(0, len(event))), draw(st.sampled_from([0, 0, 0, 1, 5]))
    return event[:at] + draw(st.just(b"") | st.binary(max_size=4)) + event[at + hole :]


def taken(text: bytes) -> list[bytes]:
    """The payloads that `produce --file` makes of a file, up to the first line it refuses."""
    source, payloads = LineEvents(io.BytesIO(text), name="events.jsonl"), []
    try:
        while events := source.take("20261124T150000-abcd", 100):
            payloads += [event.payload for event in events]
    except UsageError as refusal:
        assert "of events.jsonl cannot be sent" in refusal.message  # noqa: PT017  either end is right
    return payloads


@settings(max_examples=examples(300))
@given(st.lists(lines(), max_size=4).map(b"\n".join))
def test_what_is_sent_is_stored_as_it_was_sent_or_set_aside_with_a_reason(text: bytes) -> None:
    for sent in taken(text):
        end = prepare(Record.from_lambda(delivery(sent)), ARRIVED_AT_MS)

        if isinstance(end, Item):
            attributes = json.loads(end.attributes)
            assert payload(attributes) == sent
            assert is_faithful(attributes)
        else:
            assert end.reason

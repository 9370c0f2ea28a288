"""Poison: no payload of it can be stored, and no two are alike."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamctl.functions.processor import outcomes
from streamctl.functions.processor.handler import prepare
from streamctl.functions.processor.outcomes import Rejection
from streamctl.functions.processor.record import Record
from streamctl.traffic import poison
from streamctl.traffic.events import from_line
from streamctl.traffic.requests import RECORD_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

REASONS = {
    poison.cut_off: outcomes.NOT_JSON,
    poison.not_utf8: outcomes.NOT_UTF8,
    poison.not_a_number: outcomes.NOT_JSON,
    poison.in_an_array: outcomes.NOT_AN_OBJECT,
    poison.in_a_string: outcomes.NOT_AN_OBJECT,
    poison.compressed: outcomes.GZIP,
    poison.nested: outcomes.NESTED_TOO_DEEP,
    poison.without_a_key: outcomes.UNUSABLE_KEY,
    poison.too_large: outcomes.TOO_LARGE,
}
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
OBJECTS = st.dictionaries(st.text(), NUMBERS | st.text() | st.booleans() | st.none())


def outcome(payload: bytes) -> str | None:
    """Why the processor sets a payload aside; None where it would store it."""
    end = prepare(Record("s", "shard-1", "1", "k", 1_700_000_000_000, payload), 1_700_000_000_500)
    return end.reason if isinstance(end, Rejection) else None


def line(content: object) -> bytes:
    return from_line(json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"), "run", 0).payload


@pytest.mark.parametrize(("way", "reason"), REASONS.items(), ids=lambda each: getattr(each, "__name__", each))
def test_each_way_is_set_aside_for_its_own_reason(way: Callable[[bytes], bytes], reason: str) -> None:
    assert outcome(way(b'{"eventId":"a"}')) == reason


@given(OBJECTS, st.sampled_from(sorted(poison.WAYS, key=lambda way: way.__name__)))
def test_no_event_that_was_poisoned_can_be_stored(content: dict[str, object], way: Callable[[bytes], bytes]) -> None:
    payload = line(content)

    spoilt = way(payload)

    assert outcome(spoilt) is not None
    assert spoilt != way(payload[:-1] + b" }")  # another event, another poison
    assert len(spoilt) < RECORD_BYTES


def test_every_way_comes_up_and_the_heavy_one_rarely() -> None:
    rng = random.Random(1)

    drawn = Counter(outcome(poison.poisoned(b'{"eventId":"a"}', rng)) for _ in range(300))

    assert drawn.keys() == set(REASONS.values())
    assert min(drawn, key=lambda reason: drawn[reason]) == outcomes.TOO_LARGE

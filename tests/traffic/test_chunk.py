"""Columns of events, and the events in them."""

from __future__ import annotations

import pytest

from streamctl.ledger import Fault
from streamctl.traffic.chunk import Chunk
from streamctl.traffic.events import Event

SOUND = Event("a", "click", "user_1", b'{"eventId":"a"}')
POISONED = Event("b", "click", "user_2", b"{", Fault.POISONED, unspoilt=b'{"eventId":"b"}')
MADE = Chunk([b"{1}", b"{2}", b"{3}"], ["u", "v", "w"], ["click", "click", "purchase"], "20261123T161154-k3f9", 40)


def test_the_events_of_a_chunk_are_those_it_was_made_of() -> None:
    chunk = Chunk.of([SOUND, POISONED])

    assert list(chunk) == [SOUND, POISONED]
    assert (chunk.payloads, chunk.keys) == ([b'{"eventId":"a"}', b"{"], ["user_1", "user_2"])
    assert Chunk.of(chunk) is chunk


def test_an_event_without_an_id_is_called_by_its_number_in_the_run() -> None:
    assert [event.id for event in MADE] == [f"20261123T161154-k3f9-0000000{number}" for number in (40, 41, 42)]
    assert MADE[1:][0] == MADE[1] == Event("20261123T161154-k3f9-000000041", "click", "v", b"{2}")


def test_the_last_one_can_be_asked_for_from_the_end() -> None:
    assert MADE[-1].type == "purchase"


def test_a_cut_is_a_chunk() -> None:
    cut = Chunk.of([SOUND, POISONED])[1:]

    assert isinstance(cut, Chunk)
    assert list(cut) == [POISONED]


def test_a_chunk_is_not_thinned_out() -> None:
    with pytest.raises(ValueError, match="numbered one by one"):
        MADE[::2]


def test_the_line_of_a_poisoned_event_is_what_it_was_before() -> None:
    assert Chunk.of([SOUND, POISONED]).line(1) == b'{"eventId":"b"}'
    assert MADE.line(1) == b"{2}"


def test_without_some_the_others_keep_their_names() -> None:
    assert [event.id[-2:] for event in MADE.without([1])] == ["40", "42"]

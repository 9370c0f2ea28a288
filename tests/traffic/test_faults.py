"""Faults on purpose: who is hit, and by what."""

from __future__ import annotations

import io
import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from streamctl.errors import UsageError
from streamctl.ledger import Fault
from streamctl.traffic.faults import HOT_KEY, Faults, FaultyEvents, percentage, share
from streamctl.traffic.generators import RecipeEvents
from streamctl.traffic.sources import GeneratedEvents, LineEvents

if TYPE_CHECKING:
    from streamctl.traffic.events import Event

RUN_ID = "20261123T161154-k3f9"
AT = datetime(2026, 11, 23, 16, 11, 54, 123_000, tzinfo=UTC)
EACH = Faults(poison=Decimal("0.02"), duplicate=Decimal("0.01"), late=Decimal("0.05"))


def made(faults: Faults, count: int = 300, *, seed: int = 7, at_once: int = 100) -> list[Event]:
    source = GeneratedEvents(RecipeEvents(), name="recipe", seed=seed, now=lambda: AT)
    faulty = FaultyEvents(source, faults, seed=seed, now=lambda: AT)
    return [event for first in range(0, count, at_once) for event in faulty.take(RUN_ID, min(at_once, count - first))]


def numbers(events: list[Event], fault: Fault) -> set[int]:
    return {number for number, event in enumerate(events) if fault in event.fault}


def test_of_every_hundred_events_as_many_are_hit_as_were_asked_for() -> None:
    hit = Counter(event.fault & ~Fault.SOUND for event in made(EACH))

    assert hit == {Fault.POISONED: 6, Fault.DUPLICATED: 3, Fault.LATE: 15, Fault.NONE: 276}


def test_the_same_seed_hits_the_same_events_with_the_same_bytes_however_they_are_taken() -> None:
    assert made(EACH, at_once=100) == made(EACH, at_once=7)


def test_another_seed_hits_others() -> None:
    assert numbers(made(EACH), Fault.POISONED) != numbers(made(EACH, seed=8), Fault.POISONED)


def test_who_is_poisoned_and_how_does_not_hang_on_the_other_faults() -> None:
    alone, among_others = made(Faults(poison=EACH.poison)), made(EACH)

    for number in numbers(alone, Fault.POISONED):
        assert among_others[number] == alone[number]
    assert numbers(alone, Fault.POISONED) == numbers(among_others, Fault.POISONED)


def test_what_is_not_hit_is_sent_as_it_would_be_without_faults() -> None:
    plain = GeneratedEvents(RecipeEvents(), name="recipe", seed=7, now=lambda: AT).take(RUN_ID, 300)

    for before, after in zip(plain, made(EACH), strict=True):
        assert (before.id, before.type, before.partition_key) == (after.id, after.type, after.partition_key)
        assert before.payload == after.line or Fault.LATE in after.fault


def test_a_late_event_carries_the_time_the_ledger_is_told() -> None:
    late = [event for event in made(EACH) if Fault.LATE in event.fault]

    for event in late:
        told = datetime.fromisoformat(json.loads(event.payload)["timestamp"])
        assert told < AT
        assert int(told.timestamp()) == event.carried_seconds


def test_a_hot_key_is_everybodys() -> None:
    events = made(Faults(hot_key=True), 20)

    assert {event.partition_key for event in events} == {HOT_KEY}
    assert {event.fault for event in events} == {Fault.SOUND | Fault.HOT}


def test_all_events_can_be_hit() -> None:
    assert {event.fault for event in made(Faults(poison=Decimal(1)))} == {Fault.POISONED}


def test_the_users_own_events_are_hit_too() -> None:
    lines = io.BufferedReader(io.BytesIO(b'{"eventId":"a"}\n{"eventId":"b"}\n'))
    faulty = FaultyEvents(LineEvents(lines, name="mine"), Faults(late=Decimal(1)), seed=1, now=lambda: AT)

    events = faulty.take(RUN_ID, 9)

    assert [json.loads(event.payload).keys() for event in events] == [{"eventId", "timestamp"}] * 2
    assert (faulty.name, faulty.seed, faulty.faults) == ("mine", 1, {"late": "100%"})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2%", "0.02"),
        ("0.5%", "0.005"),
        ("0.02", "0.02"),
        (" 2 % ", "0.02"),
        (".5%", "0.005"),
        ("100%", "1"),
        ("0", "0"),
    ],
)
def test_a_share_is_a_percentage_or_a_fraction(text: str, value: str) -> None:
    assert share(text, "--late") == Decimal(value)


@pytest.mark.parametrize("text", ["", "%", "two", "2", "1", "101%", "-1%", "1e-9", "nan", "2%%", "0,5%", "inf%"])
def test_anything_else_is_refused_with_what_is_taken(text: str) -> None:
    with pytest.raises(UsageError, match="--late") as caught:
        share(text, "--late")

    assert "0.5%" in str(caught.value.hint)


def test_shares_of_more_than_everything_are_refused() -> None:
    with pytest.raises(UsageError, match=r"add up to 100\.5%"):
        Faults(poison=Decimal("0.6"), late=Decimal("0.405"))


@pytest.mark.parametrize(("value", "text"), [("0.02", "2%"), ("0.005", "0.5%"), ("1", "100%"), ("0", "0%")])
def test_a_share_is_told_as_a_percentage(value: str, text: str) -> None:
    assert percentage(Decimal(value)) == text

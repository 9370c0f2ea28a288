"""The recipe's made-up events."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from streamctl.traffic.generators import RecipeEvents, timestamp
from streamctl.traffic.sources import GeneratedEvents

AT = datetime(2026, 11, 23, 16, 11, 54, 123456, tzinfo=UTC)
COMMON = {"eventType", "userId", "sessionId", "deviceType", "timestamp", "location"}


def events(count: int, seed: int = 1) -> list[dict[str, Any]]:
    rng, generator = random.Random(seed), RecipeEvents()
    return [generator.event(rng, number, AT) for number in range(count)]


def of(kind: str) -> list[dict[str, Any]]:
    return [event for event in events(4000) if event["eventType"] == kind]


def test_a_seed_decides_every_event() -> None:
    assert events(50, seed=7) == events(50, seed=7)
    assert events(50, seed=7) != events(50, seed=8)


def test_the_four_types_are_about_equally_frequent() -> None:
    counts = Counter(event["eventType"] for event in events(4000))

    assert set(counts) == {"page_view", "purchase", "user_signup", "click"}
    assert min(counts.values()) > 850


def test_time_is_utc_with_milliseconds() -> None:
    tokyo = timezone(timedelta(hours=9))

    assert timestamp(AT) == "2026-11-23T16:11:54.123Z"
    assert timestamp(datetime(2026, 11, 24, 1, 0, tzinfo=tokyo)) == "2026-11-23T16:00:00.000Z"


def test_a_city_belongs_to_its_country() -> None:
    places = {(event["location"]["country"], event["location"]["city"]) for event in events(500)}

    assert places == {("US", "New York"), ("UK", "London"), ("DE", "Berlin"), ("FR", "Paris"), ("JP", "Tokyo")}


def test_users_sessions_and_devices_are_in_their_ranges() -> None:
    for event in events(500):
        assert 1000 <= int(event["userId"].removeprefix("user_")) <= 9999
        assert 100_000 <= int(event["sessionId"].removeprefix("session_")) <= 999_999
        assert event["deviceType"] in {"desktop", "mobile", "tablet"}


@pytest.mark.parametrize(
    ("kind", "own_fields"),
    [
        ("page_view", {"pageUrl", "loadTime", "sessionLength", "pagesViewed"}),
        ("purchase", {"amount", "currency", "itemsCount"}),
        ("user_signup", {"signupMethod", "campaignSource"}),
        ("click", set()),
    ],
)
def test_each_type_has_its_own_fields(kind: str, own_fields: set[str]) -> None:
    assert {frozenset(event) for event in of(kind)} == {frozenset(COMMON | own_fields)}


def test_page_views_are_in_their_ranges() -> None:
    for event in of("page_view"):
        assert 1 <= int(event["pageUrl"].removeprefix("/page/")) <= 100
        assert 500 <= event["loadTime"] <= 3000
        assert 10 <= event["sessionLength"] <= 1800
        assert 1 <= event["pagesViewed"] <= 10


def test_amounts_have_two_decimals_in_their_range() -> None:
    for event in of("purchase"):
        assert 10.99 <= event["amount"] <= 299.99
        assert float(f"{event['amount']:.2f}") == event["amount"]
        assert event["currency"] == "USD"
        assert 1 <= event["itemsCount"] <= 5


def test_sign_ups_name_method_and_campaign() -> None:
    assert {event["signupMethod"] for event in of("user_signup")} == {"email", "social", "phone"}
    assert {event["campaignSource"] for event in of("user_signup")} == {"google", "facebook", "direct", "email"}


@pytest.mark.parametrize("size", [1, 7, 500])
def test_many_at_once_are_the_events_that_are_made_one_by_one(size: int) -> None:
    one_by_one = GeneratedEvents(OneByOne(), name="recipe", seed=5, now=lambda: AT)
    at_once = GeneratedEvents(RecipeEvents(), name="recipe", seed=5, now=lambda: AT)

    for _ in range(3):
        assert list(at_once.take("20261123T161154-k3f9", size)) == one_by_one.take("20261123T161154-k3f9", size)


class OneByOne:
    """The recipe's events as a generator makes them that knows no better."""

    recipe = RecipeEvents()

    def event(self, rng: random.Random, sequence: int, at: datetime) -> dict[str, Any]:
        return self.recipe.event(rng, sequence, at)

"""Made-up events: the recipe's four kinds.

Everything is drawn from the `rng` handed in, so that a seed decides every event but for its time.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from datetime import datetime

PLACES = (("US", "New York"), ("UK", "London"), ("DE", "Berlin"), ("FR", "Paris"), ("JP", "Tokyo"))
DEVICES = ("desktop", "mobile", "tablet")


class RecipeEvents:
    """Page views, purchases, sign-ups and clicks of a web shop, one as likely as the other."""

    def event(self, rng: random.Random, sequence: int, at: datetime) -> dict[str, Any]:
        kind, own_fields = rng.choice(_KINDS)
        country, city = rng.choice(PLACES)
        return {
            "eventType": kind,
            "userId": f"user_{rng.randint(1000, 9999)}",
            "sessionId": f"session_{rng.randint(100_000, 999_999)}",
            "deviceType": rng.choice(DEVICES),
            "timestamp": timestamp(at),
            "location": {"country": country, "city": city},
            **own_fields(rng),
        }


def timestamp(at: datetime) -> str:
    """UTC, ISO 8601 with milliseconds: `2026-11-23T16:11:54.123Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _page_view(rng: random.Random) -> dict[str, Any]:
    return {
        "pageUrl": f"/page/{rng.randint(1, 100)}",
        "loadTime": rng.randint(500, 3000),
        "sessionLength": rng.randint(10, 1800),
        "pagesViewed": rng.randint(1, 10),
    }


def _purchase(rng: random.Random) -> dict[str, Any]:
    cents = rng.randint(1099, 29_999)
    return {"amount": cents / 100, "currency": "USD", "itemsCount": rng.randint(1, 5)}


def _user_signup(rng: random.Random) -> dict[str, Any]:
    return {
        "signupMethod": rng.choice(("email", "social", "phone")),
        "campaignSource": rng.choice(("google", "facebook", "direct", "email")),
    }


def _click(_: random.Random) -> dict[str, Any]:
    return {}


_KINDS: tuple[tuple[str, Callable[[random.Random], dict[str, Any]]], ...] = (
    ("page_view", _page_view),
    ("purchase", _purchase),
    ("user_signup", _user_signup),
    ("click", _click),
)

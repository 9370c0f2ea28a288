"""Made-up events: the recipe's four kinds.

Everything is drawn from the `rng` handed in, so that a seed decides every event but for its time. User and session are
drawn for each event; what they do, and where, is drawn from some thousands of doings, which are the same in every run.
"""

from __future__ import annotations

import json
import random
import struct
from datetime import UTC
from functools import cached_property
from typing import TYPE_CHECKING, Any

from streamctl.traffic.chunk import Chunk

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

PLACES = (("US", "New York"), ("UK", "London"), ("DE", "Berlin"), ("FR", "Paris"), ("JP", "Tokyo"))
DEVICES = ("desktop", "mobile", "tablet")
FIRST_USER, USERS = 1000, 9000
KEYS = [f"user_{number}" for number in range(FIRST_USER, FIRST_USER + USERS)]
FIRST_SESSION, SESSIONS = 100_000, 900_000
DOINGS = 512
WORDS, WORD_BYTES = 3, 4  # for the doing, the user and the session


class RecipeEvents:
    """Page views, purchases, sign-ups and clicks of a web shop, one as likely as the other."""

    def event(self, rng: random.Random, sequence: int, at: datetime) -> dict[str, Any]:
        (line,) = self.chunk(rng, sequence, 1, at, "").payloads
        made: dict[str, Any] = json.loads(line)
        del made["eventId"]
        return made

    def chunk(self, rng: random.Random, first: int, size: int, at: datetime, run_id: str) -> Chunk:
        """So many events at once, as `streamctl.plugins.BulkGenerator` says.

        Written as JSON straight away, one formatting operation each: to make a mapping and to encode it would take
        ten times as long, and be most of what `produce` does.
        """
        words = struct.unpack(f"<{WORDS * size}I", rng.randbytes(WORDS * WORD_BYTES * size))
        types, doings = self.doings
        chosen = [word % len(doings) for word in words[0::WORDS]]
        users = [word % USERS for word in words[1::WORDS]]
        head = _head(at, run_id)
        payloads = [
            head % (number, user + FIRST_USER, session % SESSIONS + FIRST_SESSION) + doings[doing]
            for number, user, session, doing in zip(
                range(first, first + size), users, words[2::WORDS], chosen, strict=True
            )
        ]
        keys = [KEYS[user] for user in users]
        return Chunk(payloads, keys, [types[doing] for doing in chosen], run_id=run_id, first=first)

    @cached_property
    def doings(self) -> tuple[list[str], list[bytes]]:
        """What a user can do, and where: its type, and how the JSON ends."""
        rng = random.Random("doings")  # noqa: S311  made-up events, nothing secret
        kinds = [list(KINDS.items())[number % len(KINDS)] for number in range(DOINGS)]
        return [kind for kind, _ in kinds], [_doing(rng, kind, own_fields) for kind, own_fields in kinds]


def timestamp(at: datetime) -> str:
    """UTC, ISO 8601 with milliseconds: `2026-11-23T16:11:54.123Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _head(at: datetime, run_id: str) -> bytes:
    """How the JSON begins, with holes for number, user and session."""
    run = run_id.replace("%", "%%")
    return (
        f'{{"eventId":"{run}-%09d","userId":"user_%d","sessionId":"session_%d","timestamp":"{timestamp(at)}",'.encode()
    )


def _doing(rng: random.Random, kind: str, own_fields: Callable[[random.Random], dict[str, Any]]) -> bytes:
    country, city = rng.choice(PLACES)
    fields = {
        "eventType": kind,
        "deviceType": rng.choice(DEVICES),
        "location": {"country": country, "city": city},
        **own_fields(rng),
    }
    return json.dumps(fields, separators=(",", ":"))[1:].encode()


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


KINDS: dict[str, Callable[[random.Random], dict[str, Any]]] = {
    "page_view": _page_view,
    "purchase": _purchase,
    "user_signup": _user_signup,
    "click": _click,
}
"""Event type to what makes its own fields."""

"""What a life begins with, its events, and what it leaves behind."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from streamctl.traffic.generators import RecipeEvents

if TYPE_CHECKING:
    from streamctl.ledger import Run

    from .faults import DataFault
    from .stage import Stage

ONE_FOR_EACH_SHARD = ("user_0", "user_1")


@dataclass
class Life:
    """What happened to one pipeline."""

    fault: DataFault
    stage: Stage
    handed: list[bytes]
    """Payloads that the producer was given, in order."""
    runs: list[Run] = field(default_factory=list)
    stream: list[bytes] = field(default_factory=list)
    """Payloads that the stream holds."""
    unsent: list[bytes] = field(default_factory=list)
    """Payloads that the producer kept for later."""
    killed: bool = False
    met: int = 0
    tracebacks: list[str] = field(default_factory=list)
    settled: bool = False
    seconds: float = 0.0


def payloads(count: int, seed: int) -> list[bytes]:
    """Events of the recipe; two of them are never processable, and one is sent twice."""
    rng, at = random.Random(seed), datetime.now(UTC)
    made = [
        {"eventId": f"e{seed}-{number:03d}", **RecipeEvents().event(rng, number, at)} for number in range(count - 3)
    ]
    poison = [{"eventId": {"number": number}, "userId": user} for number, user in enumerate(ONE_FOR_EACH_SHARD)]
    mixed = [*made[:3], poison[0], made[1], *made[3:], poison[1]]
    return [json.dumps(event).encode() for event in mixed]

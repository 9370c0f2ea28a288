"""The same thousand events, whatever pipeline they are sent through, and the items it makes of them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from streamctl.traffic.generators import RecipeEvents

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..shell import Shell

EVENTS, SEED = 1000, 6
A_CHUNK = 100
FIRST_AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
VARYING = {
    "arrivedAtMs": "when it was sent",
    "processedAt": "when it was processed",
    "processedAtMs": "when it was processed",
    "expiresAt": "so long after it was sent",
    "requestId": "an id that Lambda draws for a batch",
    "traceId": "an id that X-Ray draws for a batch",
    "streamPlace": "numbered by the stream: shard and sequence number",
}
"""What no two items have in common, and why; that it is there is compared."""


def event_lines() -> str:
    """The events, one JSON object a line, a hundred to each minute of their own time."""
    rng, maker = random.Random(SEED), RecipeEvents()
    chunks = [
        maker.chunk(rng, first, A_CHUNK, FIRST_AT + timedelta(minutes=minute), "proof")
        for minute, first in enumerate(range(0, EVENTS, A_CHUNK))
    ]
    return "".join(f"{payload.decode()}\n" for chunk in chunks for payload in chunk.payloads)


def sent_items(shell: Shell, client: Callable[[str], Any], name: str) -> list[dict[str, Any]]:
    """Send the events through the pipeline of this name, once; its whole table, as DynamoDB tells it, in order.

    `verify` must find every one of them stored as it was sent.
    """
    shell.run("produce", "--file", "-", "--name", name, stdin=event_lines())
    shell.run("verify", "--name", name)
    pages = client("dynamodb").get_paginator("scan")
    table = f"analytics-results-{name}"
    rows = [item for page in pages.paginate(TableName=table, ConsistentRead=True) for item in page["Items"]]
    return sorted((_shown(row) for row in rows), key=lambda row: (row["eventId"]["S"], row["timestamp"]["N"]))


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: f"<{VARYING[name]}>" if name in VARYING else value for name, value in row.items()}

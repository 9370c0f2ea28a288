"""One new item of the results table, as its stream tells of it."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from .series import contributions

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from decimal import Decimal

IDENTITY_BYTES = 8
CANARY = "canary-"
"""How the ids of the events begin that `streamctl up` sends to see the pipeline work: they are no traffic."""


class Arrival(NamedTuple):
    sequence_number: str
    identity: bytes
    """Of the item, told apart from those that arrived in the same second."""
    at: int
    """The event's own time, epoch seconds."""
    arrived_at: int
    """When it arrived in the pipeline, epoch seconds."""
    brought: Mapping[str, Decimal]
    """What it adds to the series that are watched."""


def arrival(delivered: Mapping[str, Any], watched: Collection[str]) -> Arrival | None:
    """What one of the `Records` that Lambda hands in brings; None where that is nothing.

    Only an item that is new counts: one that overwrites another is an event that was delivered again. An item that did
    not come through the pipeline does not tell when it arrived.
    """
    if delivered["eventName"] != "INSERT":
        return None
    change = delivered["dynamodb"]
    try:
        image = change["NewImage"]
        event_id, timestamp = image["eventId"]["S"], image["timestamp"]["N"]
        at, arrived_at = int(timestamp), int(image["arrivedAtMs"]["N"]) // 1000
        brought = {name: amount for name, amount in contributions(image).items() if name in watched}
    except (KeyError, ValueError):  # somebody else's item
        return None
    if event_id.startswith(CANARY):
        return None
    identity = blake2b(f"{timestamp} {event_id}".encode(), digest_size=IDENTITY_BYTES).digest()
    return Arrival(change["SequenceNumber"], identity, at, arrived_at, brought)

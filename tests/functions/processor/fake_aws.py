"""Clients that keep what they are sent, and fail when a test says so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Puts = list[dict[str, Any]]


class FakeDynamoDB:
    """`before` looks at each call first: it may raise, or answer with the puts to leave unprocessed."""

    def __init__(self, before: Callable[[Puts], Puts | None] = lambda puts: None) -> None:
        self.before = before
        self.calls: list[Puts] = []
        self.rows: dict[tuple[str, str], dict[str, Any]] = {}

    def batch_write_item(self, *, RequestItems: dict[str, Puts]) -> dict[str, Any]:
        ((table, puts),) = RequestItems.items()
        self.calls.append(puts)
        unprocessed = self.before(puts) or []
        for put in puts:
            if put not in unprocessed:
                item = put["PutRequest"]["Item"]
                self.rows[item["eventId"]["S"], item["timestamp"]["N"]] = item
        return {"UnprocessedItems": {table: unprocessed} if unprocessed else {}}


class FakeSQS:
    """`before` looks at each call first: it may raise, or answer with the entries of `Failed`."""

    def __init__(self, before: Callable[[Puts], Puts | None] = lambda entries: None) -> None:
        self.before = before
        self.calls: list[Puts] = []
        self.messages: list[dict[str, Any]] = []

    def send_message_batch(self, *, QueueUrl: str, Entries: Puts) -> dict[str, Any]:
        self.calls.append(Entries)
        failed = self.before(Entries) or []
        failed_ids = {entry["Id"] for entry in failed}
        self.messages += [json.loads(entry["MessageBody"]) for entry in Entries if entry["Id"] not in failed_ids]
        return {"Failed": failed}

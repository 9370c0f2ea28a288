"""Services that keep what they are sent, and fail when a test says so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Puts = list[dict[str, Any]]
QUEUE_URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/rejected"


class FakeDynamoDB:
    """`before` looks at each call first: it may raise, or answer with the puts to leave unprocessed."""

    def __init__(self, before: Callable[[Puts], Puts | None] = lambda puts: None) -> None:
        self.before = before
        self.calls: list[Puts] = []
        self.rows: dict[tuple[str, str], dict[str, Any]] = {}

    def post(self, operation: str, body: bytes) -> dict[str, Any]:
        assert operation == "BatchWriteItem"
        ((table, puts),) = json.loads(body)["RequestItems"].items()
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

    def post(self, operation: str, body: bytes) -> dict[str, Any]:
        assert operation == "SendMessageBatch"
        sent = json.loads(body)
        assert sent["QueueUrl"] == QUEUE_URL
        entries = sent["Entries"]
        self.calls.append(entries)
        failed = self.before(entries) or []
        failed_ids = {entry["Id"] for entry in failed}
        self.messages += [json.loads(entry["MessageBody"]) for entry in entries if entry["Id"] not in failed_ids]
        return {"Failed": failed}

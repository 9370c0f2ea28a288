"""The way into the table: as few BatchWriteItem calls as DynamoDB's limits allow, several at a time."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Protocol

from ..aws.errors import CallError
from ..aws.retrying import Retry, calls
from . import outcomes
from .outcomes import Failure, Rejection

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Executor

    from ..aws.service import Service
    from .item import Item, Key

ITEMS_PER_CALL = 25
CALL_BYTES = 15_000_000  # DynamoDB takes 16 MB
_BETWEEN, _AFTER = b'}},{"PutRequest":{"Item":', b"}}]}}"
# What DynamoDB says when the table is at fault, not the item: no item would fit.
OTHER_KEY = ("does not match the schema", "Missing the key", "Type mismatch for key")

Unwritten = dict["Key", "Rejection | Failure"]


class Table(Protocol):
    """Where items go."""

    def write(self, items: Iterable[Item], retry: Retry) -> Unwritten: ...


class BatchWriter:
    """Writes items into a table of `dynamodb`; calls run side by side in `pool`."""

    def __init__(self, dynamodb: Service, table_name: str, pool: Executor) -> None:
        self._dynamodb = dynamodb
        self._table_name = table_name
        self._pool = pool
        self._before = f'{{"RequestItems":{{{json.dumps(table_name)}:[{{"PutRequest":{{"Item":'.encode()

    def write(self, items: Iterable[Item], retry: Retry) -> Unwritten:
        """Write items, no two with one key: those that were not written, by key, and why."""
        batches = calls(items, _call_bytes, most=ITEMS_PER_CALL, most_bytes=CALL_BYTES)
        unwritten: Unwritten = {}
        for left in self._pool.map(partial(self._write_batch, retry=retry), batches):
            unwritten |= left
        return unwritten

    def _write_batch(self, batch: list[Item], retry: Retry) -> Unwritten:
        try:
            left, why = retry.until_accepted(self._send, batch)
        except CallError as error:
            if error.code != "ValidationException":
                return {item.key: Failure(error.code) for item in batch}
            if any(words in error.words for words in OTHER_KEY):
                return {item.key: Failure("the table has another key") for item in batch}
            return self._refused(batch, error, retry)
        return {item.key: Failure(why) for item in left}

    def _refused(self, batch: list[Item], error: CallError, retry: Retry) -> Unwritten:
        """DynamoDB refuses a whole call for one bad item: each on its own finds out which."""
        if len(batch) == 1:
            detail = f"DynamoDB refuses the item: {error.words}"
            return {batch[0].key: Rejection(outcomes.REFUSED_BY_DYNAMODB, detail, batch[0].key[0])}
        unwritten: Unwritten = {}
        for item in batch:
            unwritten |= self._write_batch([item], retry)
        return unwritten

    def _send(self, batch: list[Item]) -> list[Item]:
        """Send once: the items that DynamoDB left unprocessed."""
        body = self._before + _BETWEEN.join([item.attributes for item in batch]) + _AFTER
        unprocessed = self._dynamodb.post("BatchWriteItem", body).get("UnprocessedItems")
        if not unprocessed:
            return []
        left = {_key(put["PutRequest"]["Item"]) for put in unprocessed[self._table_name]}
        return [item for item in batch if (item.key[0], int(item.key[1])) in left]


def _key(attributes: dict[str, dict[str, str]]) -> tuple[str, int]:
    """Comparable whichever way the number is written."""
    return attributes["eventId"]["S"], int(attributes["timestamp"]["N"])


def _call_bytes(item: Item) -> int:
    return len(item.attributes) + len(_BETWEEN)

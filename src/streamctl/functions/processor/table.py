"""The way into the table: as few BatchWriteItem calls as DynamoDB's limits allow, several at a time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from . import outcomes
from .attribute_values import WIRE_BYTES_PER_STORED_BYTE
from .outcomes import Failure, Rejection
from .retrying import SDK_ERRORS, Retry, calls, code

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Executor

    from botocore.exceptions import ClientError

    from .item import Item, Key

ITEMS_PER_CALL = 25
CALL_BYTES = 15_000_000  # DynamoDB takes 16 MB
# What DynamoDB says when the table is at fault, not the item: no item would fit.
OTHER_KEY = ("does not match the schema", "Missing the key", "Type mismatch for key")

Unwritten = dict["Key", "Rejection | Failure"]


class Table(Protocol):
    """Where items go."""

    def write(self, items: Iterable[Item], retry: Retry) -> Unwritten: ...


class BatchWriter:
    """Writes items with `client`, a low-level DynamoDB client; calls run side by side in `pool`."""

    def __init__(self, client: Any, table_name: str, pool: Executor) -> None:
        self._client = client
        self._table_name = table_name
        self._pool = pool

    def write(self, items: Iterable[Item], retry: Retry) -> Unwritten:
        """Write items, no two with one key: those that were not written, by key, and why."""
        batches = calls(items, wire_bytes, most=ITEMS_PER_CALL, most_bytes=CALL_BYTES)
        unwritten: Unwritten = {}
        for left in self._pool.map(partial(self._write_batch, retry=retry), batches):
            unwritten |= left
        return unwritten

    def _write_batch(self, batch: list[Item], retry: Retry) -> Unwritten:
        try:
            left, why = retry.until_accepted(self._send, batch)
        except SDK_ERRORS as error:
            if code(error) != "ValidationException":
                return {item.key: Failure(code(error)) for item in batch}
            if any(words in _words(error) for words in OTHER_KEY):
                return {item.key: Failure("the table has another key") for item in batch}
            return self._refused(batch, error, retry)
        return {item.key: Failure(why) for item in left}

    def _refused(self, batch: list[Item], error: ClientError, retry: Retry) -> Unwritten:
        """DynamoDB refuses a whole call for one bad item: each on its own finds out which."""
        if len(batch) == 1:
            detail = f"DynamoDB refuses the item: {_words(error)}"
            return {batch[0].key: Rejection(outcomes.REFUSED_BY_DYNAMODB, detail, batch[0].key[0])}
        unwritten: Unwritten = {}
        for item in batch:
            unwritten |= self._write_batch([item], retry)
        return unwritten

    def _send(self, batch: list[Item]) -> list[Item]:
        puts = [{"PutRequest": {"Item": item.attributes}} for item in batch]
        answer = self._client.batch_write_item(RequestItems={self._table_name: puts})
        unprocessed = {
            (put["PutRequest"]["Item"]["eventId"]["S"], int(put["PutRequest"]["Item"]["timestamp"]["N"]))
            for put in answer.get("UnprocessedItems", {}).get(self._table_name, [])
        }
        return [item for item in batch if (item.key[0], int(item.key[1])) in unprocessed]


def _words(error: ClientError) -> str:
    return str(error.response["Error"].get("Message", ""))


def wire_bytes(item: Item) -> int:
    """How large the item can be in a call."""
    return item.size_bytes * WIRE_BYTES_PER_STORED_BYTE

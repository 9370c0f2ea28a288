"""What is remembered between invocations, in a table of its own; the findings go to the results table with it.

Three sorts of items, told apart by `id`:

    windows             the open windows of all series, and a version that each change raises
    series:NAME         one series: its detector, its last windows, its open anomaly
    applied:SECOND      who of the items that arrived in that second was counted, or found late, already

A change is one transaction on the condition that the version is still the one that was read, so that of two invocations
at once one has to begin again. What was applied is known by item: the stream tells no shard, so no place in it could be
remembered. Once the stream has forgotten them nobody can be delivered again: DynamoDB deletes such items by `expires`.
An item of 400 KB holds 50,000 of a second; but each batch writes its seconds anew, and DynamoDB takes 1,000 KB a second
of one key, which ends somewhere beyond 5,000 items a second.
"""

from __future__ import annotations

import base64
import json
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

from ..aws.errors import CallError
from .arrival import IDENTITY_BYTES
from .findings import finding_item

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..aws.service import Service
    from .watch import Finding

WINDOWS = "windows"
SERIES, APPLIED = "series:", "applied:"
EXPIRES = "expires"
REMEMBERED_SECONDS = 26 * 3600  # the stream forgets after 24 h
ITEMS_PER_READ = 100
CONFLICTS = ("ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded")

Typed = dict[str, dict[str, Any]]


class Snapshot(NamedTuple):
    """The windows as they were read; version 0 where there are none yet."""

    version: int
    windows: dict[str, Any] | None


class Change(NamedTuple):
    """What is to be written, all of it or nothing."""

    version: int
    """The one that was read."""
    windows: Mapping[str, Any]
    applied: Mapping[int, frozenset[bytes]]
    series: Mapping[str, Mapping[str, Any]]
    findings: Iterable[Finding]
    made_at: int
    """Epoch seconds."""


class Store:
    """The state in `state_table`, the findings in `results_table`. Every method raises CallError."""

    def __init__(self, dynamodb: Service, state_table: str, results_table: str) -> None:
        self._dynamodb = dynamodb
        self._state_table = state_table
        self._results_table = results_table

    def snapshot(self) -> Snapshot:
        """Read first: whatever is read later is at least as new, and what is newer makes `commit` fail."""
        request = {"TableName": self._state_table, "Key": _key(WINDOWS), "ConsistentRead": True}
        item = self._post("GetItem", request).get("Item")
        return Snapshot(int(item["version"]["N"]), json.loads(item["state"]["S"])) if item else Snapshot(0, None)

    def applied(self, seconds: Iterable[int]) -> dict[int, frozenset[bytes]]:
        """Who of each second is in the windows already."""
        ids = [f"{APPLIED}{second}" for second in seconds]
        found = {int(name.removeprefix(APPLIED)): item for name, item in self._read(ids).items()}
        return {second: _identities(item["identities"]["B"]) for second, item in found.items()}

    def series(self, names: Iterable[str]) -> dict[str, Any]:
        """The states of series, as far as there are any."""
        found = self._read([f"{SERIES}{name}" for name in names])
        return {name.removeprefix(SERIES): json.loads(item["state"]["S"]) for name, item in found.items()}

    def commit(self, change: Change) -> None:
        """Write the change. A passing CallError: another invocation was faster, or the table was busy."""
        puts = [self._windows(change)]
        puts += [
            self._state(f"{APPLIED}{second}", **_remembered(identities, change.made_at + REMEMBERED_SECONDS))
            for second, identities in change.applied.items()
        ]
        puts += [self._state(f"{SERIES}{name}", state=_json(state)) for name, state in change.series.items()]
        puts += [{"TableName": self._results_table, "Item": finding_item(finding)} for finding in change.findings]
        request = {"TransactItems": [{"Put": put} for put in puts], "ClientRequestToken": str(uuid.uuid4())}
        try:
            self._transact(request)
        except CallError as error:
            is_conflict = error.code == "TransactionCanceledException" and any(
                reason in error.words for reason in CONFLICTS
            )
            raise CallError(error.code, error.words, is_passing=is_conflict or error.is_passing) from error

    def _transact(self, request: Mapping[str, Any]) -> None:
        """Sent once more where the answer got lost: by its token DynamoDB knows a transaction that is done."""
        try:
            self._post("TransactWriteItems", request)
        except CallError as error:
            if not error.is_passing:
                raise
            self._post("TransactWriteItems", request)

    def _windows(self, change: Change) -> dict[str, Any]:
        put = self._state(WINDOWS, state=_json(change.windows), version={"N": str(change.version + 1)})
        if not change.version:
            return {**put, "ConditionExpression": "attribute_not_exists(id)"}
        expected = {":read": {"N": str(change.version)}}
        return {**put, "ConditionExpression": "version = :read", "ExpressionAttributeValues": expected}

    def _state(self, name: str, **attributes: Mapping[str, Any]) -> dict[str, Any]:
        return {"TableName": self._state_table, "Item": {**_key(name), **attributes}}

    def _read(self, ids: list[str]) -> dict[str, Typed]:
        found: dict[str, Typed] = {}
        for first in range(0, len(ids), ITEMS_PER_READ):
            keys = [_key(name) for name in ids[first : first + ITEMS_PER_READ]]
            while keys:
                wanted = {self._state_table: {"Keys": keys, "ConsistentRead": True}}
                answer = self._post("BatchGetItem", {"RequestItems": wanted})
                items = answer["Responses"].get(self._state_table, ())
                found |= {item["id"]["S"]: item for item in items}
                keys = (answer.get("UnprocessedKeys") or {}).get(self._state_table, {}).get("Keys")
                if keys and not items:
                    raise CallError("UnprocessedKeys", is_passing=True)
        return found

    def _post(self, operation: str, request: Mapping[str, Any]) -> Any:
        return self._dynamodb.post(operation, json.dumps(request).encode())


def _key(name: str) -> Typed:
    return {"id": {"S": name}}


def _json(state: Mapping[str, Any]) -> dict[str, Any]:
    return {"S": json.dumps(state, separators=(",", ":"))}


def _remembered(identities: frozenset[bytes], expires: int) -> Typed:
    content = base64.b64encode(b"".join(sorted(identities))).decode()
    return {"identities": {"B": content}, EXPIRES: {"N": str(expires)}}


def _identities(content: str) -> frozenset[bytes]:
    joined = base64.b64decode(content)
    return frozenset(joined[place : place + IDENTITY_BYTES] for place in range(0, len(joined), IDENTITY_BYTES))

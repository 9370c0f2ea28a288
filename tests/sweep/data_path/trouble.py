"""What can happen to one request of the data path."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from ..faults import Killed, answered, refusal

if TYPE_CHECKING:
    from .wire import DataWire

Trouble = Callable[["DataWire", Any], "AWSResponse | None"]
"""Answers the request, raises what the SDK would raise, or ends the process; None lets it go its way."""


def refused(code: str, status: int = 400) -> Trouble:
    """Refused as a whole, before it takes effect."""
    return lambda wire, request: refusal(request, code, status)


def failed_after(code: str = "InternalFailure") -> Trouble:
    """A 500 for something that has happened."""

    def fail(wire: DataWire, request: Any) -> AWSResponse:
        wire.carry(request)
        return refusal(request, code, 500)

    return fail


def lost_before(wire: DataWire, request: Any) -> AWSResponse:
    raise ConnectionClosedError(endpoint_url=request.url)


def lost_after(wire: DataWire, request: Any) -> AWSResponse:
    wire.carry(request)
    raise ReadTimeoutError(endpoint_url=request.url)


def killed_before(wire: DataWire, request: Any) -> AWSResponse:
    wire.note_death()
    raise Killed


def killed_after(wire: DataWire, request: Any) -> AWSResponse:
    wire.carry(request)
    wire.note_death()
    raise Killed


def interrupted_before(wire: DataWire, request: Any) -> AWSResponse:
    raise KeyboardInterrupt


def interrupted_after(wire: DataWire, request: Any) -> AWSResponse:
    wire.carry(request)
    raise KeyboardInterrupt


PLACES: dict[str, Callable[[int], set[int]]] = {
    "first": lambda count: {0},
    "middle": lambda count: {count // 2},
    "last": lambda count: {count - 1},
    "some": lambda count: set(range(0, count, 2)),
    "all": lambda count: set(range(count)),
}


@dataclass(frozen=True)
class InPart:
    """Taken but for the entries at `places`, with an answer of 200."""

    places: str
    code: str = ""
    sender_fault: bool = False

    def __call__(self, wire: DataWire, request: Any) -> AWSResponse:
        body = json.loads(request.body)
        entries = _entries(body)
        left_out = PLACES[self.places](len(entries))
        answer: dict[str, Any] = {}
        if len(left_out) < len(entries):
            kept = [entry for place, entry in enumerate(entries) if place not in left_out]
            answer = json.loads(wire.carry(_with_body(request, _with_entries(body, kept))).content)
        return answered(request, self._completed(answer, body, entries, left_out))

    def _completed(
        self, answer: dict[str, Any], body: dict[str, Any], entries: list[Any], left_out: set[int]
    ) -> dict[str, Any]:
        """The service's answer, with the entries that it never saw told as not taken."""
        refused = sorted(left_out)
        if "Records" in body:
            taken = iter(answer.get("Records", ()))
            told = {"ErrorCode": self.code, "ErrorMessage": "Injected."}
            records = [told if place in left_out else next(taken) for place in range(len(entries))]
            return {**answer, "FailedRecordCount": len(refused), "Records": records}
        if "RequestItems" in body:
            (table,) = body["RequestItems"]
            return {**answer, "UnprocessedItems": {table: [entries[place] for place in refused]}}
        failed = [
            {"Id": entries[place]["Id"], "Code": self.code, "SenderFault": self.sender_fault} for place in refused
        ]
        return {"Successful": [], **answer, "Failed": failed}


def _entries(body: dict[str, Any]) -> list[Any]:
    if "RequestItems" in body:
        ((_, puts),) = body["RequestItems"].items()
        return list(puts)
    return list(body.get("Records") or body["Entries"])


def _with_entries(body: dict[str, Any], entries: list[Any]) -> dict[str, Any]:
    if "RequestItems" in body:
        (table,) = body["RequestItems"]
        return {**body, "RequestItems": {table: entries}}
    return {**body, "Records" if "Records" in body else "Entries": entries}


def _with_body(request: Any, body: dict[str, Any]) -> Any:
    """The same request with another body; the emulator looks at no signature."""
    headers = {name: value for name, value in request.headers.items() if name != "Content-Length"}
    data = json.dumps(body).encode()
    return AWSRequest(method=request.method, url=request.url, headers=headers, data=data).prepare()


def resharded(how: str) -> Trouble:
    """The stream gets other shards at this moment; the request goes its way."""

    def reshard(wire: DataWire, request: Any) -> None:
        wire.reshard(how)

    return reshard

"""What AWS takes its time over, laid over the answers of an emulator that takes none.

A stream, table, function or mapping looks unfinished for so long after it was made; a new role cannot be assumed yet; a
deletion is only begun, and carried out when its time has come. Whoever does not wait is refused, as on AWS.
"""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SECONDS = {"stream": 20.0, "table": 7.0, "role": 8.0, "function": 3.0, "mapping": 25.0}
CANNOT_BE_ASSUMED = "The role defined for the function cannot be assumed by Lambda."
CHECKSUM = "x-amz-crc32"
"""DynamoDB's, of the body: the SDK asks again where it does not match."""

_KEYS = {"stream": "StreamName", "table": "TableName", "function": "FunctionName", "mapping": "UUID"}
_STATES = {
    "stream": ("StreamStatus", "CREATING", "DELETING"),
    "table": ("TableStatus", "CREATING", "DELETING"),
    "function": ("State", "Pending", "Deleting"),
    "mapping": ("State", "Creating", "Deleting"),
}
_CREATES = {
    "CreateStream": "stream",
    "CreateTable": "table",
    "CreateFunction": "function",
    "CreateEventSourceMapping": "mapping",
}
_DELETES = {
    "DeleteStream": "stream",
    "DeleteTable": "table",
    "DeleteFunction": "function",
    "DeleteEventSourceMapping": "mapping",
}
_SHOWS: dict[str, tuple[str, Callable[[Any], list[dict[str, Any]]]]] = {
    "DescribeStream": ("stream", lambda answer: [answer["StreamDescription"]]),
    "DescribeStreamSummary": ("stream", lambda answer: [answer["StreamDescriptionSummary"]]),
    "DescribeTable": ("table", lambda answer: [answer["Table"]]),
    "GetFunction": ("function", lambda answer: [answer["Configuration"]]),
    "GetFunctionConfiguration": ("function", lambda answer: [answer]),
    "GetEventSourceMapping": ("mapping", lambda answer: [answer]),
    "ListEventSourceMappings": ("mapping", lambda answer: answer["EventSourceMappings"]),
}
"""Operation to the kind it shows, and where in its answer."""
_REST = (
    ("POST", r"/2015-03-31/functions/?", "CreateFunction"),
    ("GET", r"/2015-03-31/functions/[^/]+", "GetFunction"),
    ("GET", r"/2015-03-31/functions/[^/]+/configuration", "GetFunctionConfiguration"),
    ("PUT", r"/2015-03-31/functions/[^/]+/code", "UpdateFunctionCode"),
    ("PUT", r"/2015-03-31/functions/[^/]+/configuration", "UpdateFunctionConfiguration"),
    ("DELETE", r"/2015-03-31/functions/[^/]+", "DeleteFunction"),
    ("GET", r"/2015-03-31/functions/?", "ListFunctions"),
    ("POST", r"/2015-03-31/event-source-mappings/?", "CreateEventSourceMapping"),
    ("GET", r"/2015-03-31/event-source-mappings/?", "ListEventSourceMappings"),
    ("GET", r"/2015-03-31/event-source-mappings/[^/]+", "GetEventSourceMapping"),
    ("PUT", r"/2015-03-31/event-source-mappings/[^/]+", "UpdateEventSourceMapping"),
    ("DELETE", r"/2015-03-31/event-source-mappings/[^/]+", "DeleteEventSourceMapping"),
    ("GET", r"/2017-03-31/tags/.*", "ListTags"),
)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def operation(self) -> str:
        """As AWS calls it; method and path where they do not tell."""
        if target := self.headers.get("x-amz-target"):
            return target.rpartition(".")[2]
        if called := re.search(r"/operation/(\w+)$", self.path):
            return called[1]
        if action := parse_qs(self.body.decode("latin-1")).get("Action"):
            return action[0]
        path = self.path.partition("?")[0]
        for method, pattern, operation in _REST:
            if method == self.method and re.fullmatch(pattern, path):
                return operation
        return f"{self.method} {path}"

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.partition("?")[0].rpartition("/")[2]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def is_success(self) -> bool:
        return self.status < 300


class Delays:
    """`carry_out` asks the emulator. `seconds` by kind, as SECONDS."""

    def __init__(self, carry_out: Callable[[Request], Answer], seconds: Mapping[str, float]) -> None:
        self._carry_out = carry_out
        self._seconds = seconds
        self._ready_at: dict[tuple[str, str], float] = {}
        self._changed_at: dict[str, float] = {}
        self._leaving: set[tuple[str, str]] = set()

    def answer(self, request: Request) -> Answer:
        """What AWS would answer now."""
        operation = request.operation
        if operation in _CREATES:
            return self._create(request, _CREATES[operation])
        if operation in _DELETES:
            return self._delete(request, _DELETES[operation])
        answer = self._carry_out(request)
        if operation in _SHOWS and answer.is_success:
            return self._as_unfinished(answer, *_SHOWS[operation])
        if operation == "CreateRole":
            self._begin("role", parse_qs(request.body.decode())["RoleName"][0])
        if operation in {"UpdateFunctionCode", "UpdateFunctionConfiguration"}:
            self._changed_at[request.path.split("/")[3]] = time.monotonic()
        return answer

    def _begin(self, kind: str, name: str) -> None:
        self._ready_at[kind, name] = time.monotonic() + self._seconds[kind]

    def _is_unfinished(self, kind: str, name: str) -> bool:
        return time.monotonic() < self._ready_at.get((kind, name), 0)

    def _create(self, request: Request, kind: str) -> Answer:
        asked = json.loads(request.body)
        if kind == "function" and self._is_unfinished("role", asked["Role"].rpartition("/")[2]):
            return _refusal(CANNOT_BE_ASSUMED)
        if kind == "mapping":
            needed = {"stream": asked["EventSourceArn"].rpartition("/")[2], "function": asked["FunctionName"]}
            for other, name in needed.items():
                if self._is_unfinished(other, name):
                    return _refusal(f"The {other} {name} is not ready.")
        answer = self._carry_out(request)
        if answer.is_success:
            key = _KEYS[kind]
            self._begin(kind, asked.get(key) or json.loads(answer.body)[key])
        return answer

    def _delete(self, request: Request, kind: str) -> Answer:
        key = kind, (json.loads(request.body or b"{}").get(_KEYS[kind]) or request.name)
        if key not in self._leaving:
            self._leaving.add(key)
            timer = threading.Timer(self._seconds[kind], self._end, [key, request])
            timer.daemon = True
            timer.start()
        return Answer(200, (("content-type", request.headers.get("content-type", "application/json")),), b"{}")

    def _end(self, key: tuple[str, str], request: Request) -> None:
        self._carry_out(request)
        self._leaving.discard(key)  # one of that name may be made again

    def _as_unfinished(self, answer: Answer, kind: str, shown: Callable[[Any], list[dict[str, Any]]]) -> Answer:
        document = json.loads(answer.body)
        for each in shown(document):
            name = each[_KEYS[kind]]
            field, creating, deleting = _STATES[kind]
            if (kind, name) in self._leaving:
                each[field] = deleting
            elif self._is_unfinished(kind, name):
                each[field] = creating
            if kind == "function" and time.monotonic() < self._changed_at.get(name, 0) + self._seconds["function"]:
                each["LastUpdateStatus"] = "InProgress"
        headers = tuple((name, value) for name, value in answer.headers if name.lower() != CHECKSUM)
        return replace(answer, headers=headers, body=json.dumps(document).encode())


def _refusal(message: str) -> Answer:
    headers = (("content-type", "application/json"), ("x-amzn-errortype", "InvalidParameterValueException"))
    return Answer(400, headers, json.dumps({"Type": "User", "message": message}).encode())

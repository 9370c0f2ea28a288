"""Faults between the SDK and the network: what can go wrong with one call, and the wire that lets it go wrong.

The wire hangs below the SDK's retries, on botocore's `before-send` event: it sees every request that would leave, and
answers it, loses it or ends the process instead.
"""

from __future__ import annotations

import io
import json
import threading
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

READS = ("Get", "List", "Describe")
# What a service answers while it is busy with an earlier change. The SDK retries none of these.
BUSY = {
    "lambda": ("ResourceConflictException", 409),
    "iam": ("ConcurrentModification", 409),
    "cloudwatch-logs": ("OperationAbortedException", 400),
    "kinesis": ("KMSThrottlingException", 400),
}
THROTTLED = {
    "lambda": ("TooManyRequestsException", 429),
    "kinesis": ("LimitExceededException", 400),
    "s3": ("SlowDown", 503),
}


TELLING_STATES = ("DescribeStreamSummary", "DescribeTable", "GetFunction", "ListEventSourceMappings")
SLOW_STATES = {
    "StreamStatus": ("ACTIVE", "CREATING"),
    "TableStatus": ("ACTIVE", "CREATING"),
    "State": ("Active", "Pending", "Enabled", "Creating"),
    "LastUpdateStatus": ("Successful", "InProgress"),
}
"""The field that tells a state; what is ready, and what it is told as while it is being made."""
SLOW_LOOKS = 3


class Killed(BaseException):
    """The process ended here, as by `kill -9`: nothing may catch it."""


class Kind(Enum):
    THROTTLED = "throttled"
    BUSY = "busy"
    LOST_BEFORE = "lost before effect"
    LOST_AFTER = "lost after effect"
    ERROR_AFTER = "500 after effect"
    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"
    GIVEN_UP = "killed after, then down"
    CHANGED_MIND = "killed after, then up"
    SLOW = "still being made"

    @property
    def is_kill(self) -> bool:
        return self in {Kind.KILLED_BEFORE, Kind.KILLED_AFTER, Kind.GIVEN_UP, Kind.CHANGED_MIND}

    @property
    def takes_effect(self) -> bool:
        return self in {Kind.LOST_AFTER, Kind.ERROR_AFTER, Kind.SLOW} or (
            self.is_kill and self is not Kind.KILLED_BEFORE
        )


@dataclass(frozen=True, order=True)
class Call:
    """The `occurrence`-th request of one operation during a command, counted from 1, retries included."""

    service: str
    operation: str
    occurrence: int

    @property
    def is_read(self) -> bool:
        return self.operation.startswith(READS)

    def __str__(self) -> str:
        return f"{self.service} {self.operation} #{self.occurrence}"


@dataclass(frozen=True)
class Fault:
    command: str
    call: Call
    kind: Kind
    times: int = 1
    """How often the same request meets it."""

    def __str__(self) -> str:
        return f"{self.command}: {self.call} {self.kind.value} x{self.times}"


def faults_of(command: str, call: Call) -> Iterator[Fault]:
    """Everything that can go wrong with one call."""
    for times in (1, 3):
        for kind in (Kind.THROTTLED, Kind.LOST_BEFORE, Kind.LOST_AFTER):
            yield Fault(command, call, kind, times)
        if not call.is_read and call.service in BUSY:
            yield Fault(command, call, Kind.BUSY, times)
    if not call.is_read:
        yield Fault(command, call, Kind.ERROR_AFTER)
    yield Fault(command, call, Kind.KILLED_BEFORE)
    yield Fault(command, call, Kind.KILLED_AFTER)
    if command == "down":
        yield Fault(command, call, Kind.CHANGED_MIND)
    else:
        yield Fault(command, call, Kind.GIVEN_UP)
    if call.operation in TELLING_STATES:
        yield Fault(command, call, Kind.SLOW, SLOW_LOOKS)


class Wire:
    """Carries every request of one process after another, and one fault at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._network = URLLib3Session(max_pool_connections=50)
        self.start(None, None)

    def attach(self, client: Any) -> None:
        """Carry what this client sends from now on."""
        client.meta.events.register("before-send", self._carry)

    def start(self, fault: Fault | None, disk: Path | None) -> None:
        """A command begins that is to meet `fault`. `disk` is the file that a kill leaves as it is at that moment."""
        with self._lock:
            self._fault, self._disk = fault, disk
            self._left = fault.times if fault else 0
            self._target: tuple[str, ...] | None = None
            self._seen: Counter[tuple[str, str]] = Counter()
            self._repeats: Counter[tuple[str, ...]] = Counter()
            self._dead = False
            self.carried: list[tuple[Call, int]] = []
            """Every call so far, with how often the very same request had been sent by then."""

    def revive(self) -> None:
        """The killed process is gone, a new one begins: the disk is as the dead one left it."""
        if not self._dead:
            return
        if self._disk and self._at_death is not None:
            self._disk.write_bytes(self._at_death)
        elif self._disk:
            self._disk.unlink(missing_ok=True)
        self._dead = False

    @property
    def met(self) -> bool:
        """The fault has happened."""
        return self._target is not None

    def _carry(self, request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        service, operation = event_name.split(".")[1:]
        same = (service, operation, request.url, str(request.body))
        with self._lock:
            if self._dead:  # its other threads end with it
                raise Killed
            self._seen[service, operation] += 1
            self._repeats[same] += 1
            call = Call(service, operation, self._seen[service, operation])
            self.carried.append((call, self._repeats[same]))
            if not self._is_hit(call, same):
                return None
            self._left -= 1
        return self._fail(request, call)

    def _is_hit(self, call: Call, same: tuple[str, ...]) -> bool:
        """The call that is meant, and then the same request again, wherever it stands by now."""
        if self._target is None and self._fault and call == self._fault.call:
            self._target = same
        return self._target == same and self._left > 0

    def _fail(self, request: Any, call: Call) -> AWSResponse:
        assert self._fault
        kind = self._fault.kind
        if kind.takes_effect:
            answer = self._network.send(request)
            assert answer.content is not None  # read to its end, so that it has taken effect
        if kind.is_kill:
            self._die()
        if kind is Kind.LOST_BEFORE:
            raise ConnectionClosedError(endpoint_url=request.url)
        if kind is Kind.LOST_AFTER:
            raise ReadTimeoutError(endpoint_url=request.url)
        if kind is Kind.SLOW:
            return answered(request, _being_made(json.loads(answer.content)), answer.status_code)
        if kind is Kind.ERROR_AFTER:
            return refusal(request, "InternalFailure", 500, call.service)
        codes = BUSY if kind is Kind.BUSY else THROTTLED
        return refusal(request, *codes.get(call.service, ("ThrottlingException", 400)), call.service)

    def _die(self) -> None:
        with self._lock:
            self._dead = True
            self._at_death = self._disk.read_bytes() if self._disk and self._disk.exists() else None
        raise Killed


class _Body(io.BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def refusal(request: Any, code: str, status: int, service: str = "") -> AWSResponse:
    """An error as the service would word it in the protocol of the request."""
    if request.method == "HEAD":
        text = ""
    elif service == "s3":
        text = f"<Error><Code>{code}</Code><Message>Injected.</Message></Error>"
    elif _content_type(request).startswith("application/x-www-form-urlencoded"):
        text = f"<ErrorResponse><Error><Code>{code}</Code><Message>Injected.</Message></Error></ErrorResponse>"
    else:
        text = json.dumps({"__type": code, "message": "Injected."})
    return AWSResponse(request.url, status, {"x-amzn-errortype": code}, _Body(text.encode()))


def _being_made(told: Any) -> Any:
    """The same answer, but nothing in it is ready yet."""
    if isinstance(told, list):
        return [_being_made(each) for each in told]
    if not isinstance(told, dict):
        return told
    slow = {name: dict(zip(states[::2], states[1::2], strict=True)) for name, states in SLOW_STATES.items()}
    return {
        name: slow[name].get(value, value) if name in slow and isinstance(value, str) else _being_made(value)
        for name, value in told.items()
    }


def answered(request: Any, document: Any, status: int = 200) -> AWSResponse:
    """An answer with this document, for a service that speaks JSON."""
    text = json.dumps(document).encode()
    return AWSResponse(request.url, status, {"Content-Type": _content_type(request)}, _Body(text))


def _content_type(request: Any) -> str:
    content_type = request.headers.get("Content-Type", b"")
    content_type = content_type.decode() if isinstance(content_type, bytes) else content_type
    assert "cbor" not in content_type, "a protocol that this wire does not speak"
    return str(content_type)

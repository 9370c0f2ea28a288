"""Lambda's Invoke, with a processor in this process behind it."""

from __future__ import annotations

import io
import json
import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from streamctl.emulator.driver.link import StoppedError

from ..faults import Killed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .wire import DataWire

INVOCATION_SECONDS = 15.0


class Clock:
    """The time an invocation has: pauses pass at once."""

    def __init__(self) -> None:
        self._ends_at = time.monotonic() + INVOCATION_SECONDS

    def get_remaining_time_in_millis(self) -> int:
        return int((self._ends_at - time.monotonic()) * 1000)

    def sleep(self, seconds: float) -> None:
        self._ends_at -= seconds


class Handler(Protocol):
    def __call__(self, event: Mapping[str, Any], context: Clock) -> Any: ...


class Function:
    """Stands where the driver has its client of Lambda. `make` starts a container; `restart` restarts the driver."""

    def __init__(
        self,
        make: Callable[[], Handler],
        wire: DataWire,
        calls: DataWire,
        restart: Callable[[str], None],
        *,
        broken: bool,
    ) -> None:
        self._make = make
        self._wire = wire
        self._calls = calls
        self._restart = restart
        self._broken = broken
        self._lock = threading.Lock()
        self.tracebacks: list[str] = []

    def invoke(self, *, FunctionName: str, LogType: str, Payload: bytes) -> dict[str, Any]:
        what = self._what()
        if self._broken:
            return _failed("Runtime.ImportModuleError")
        if what == "throttled":
            raise ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "Injected."}}, "Invoke")
        if what == "lost before effect":
            raise ConnectionClosedError(endpoint_url="lambda")
        if what == "driver restarted before":
            self._stop_driver(what)
        answer = self._run(json.loads(Payload))
        if what == "answer lost":
            raise ReadTimeoutError(endpoint_url="lambda")
        if what == "killed between write and checkpoint":
            return _failed("Runtime.ExitError")
        if what.startswith("driver restarted"):
            self._stop_driver(what)
        return answer

    def _what(self) -> str:
        return self._wire.what if self._wire.meets("Invoke") else ""

    def _stop_driver(self, what: str) -> None:
        """As a stopped mapping: nothing that is not finished moves the checkpoint."""
        self._restart(what)
        raise StoppedError

    def _run(self, event: Mapping[str, Any]) -> dict[str, Any]:
        try:
            returned = self._make()(event, Clock())
        except Killed:
            return _failed("Runtime.ExitError")
        except Exception as error:
            with self._lock:
                self.tracebacks.append(f"{type(error).__name__}: {error}")
            return _failed(type(error).__name__)
        finally:
            self._calls.end_invocation()
        return _answer(returned)


def _answer(returned: Any, **more: Any) -> dict[str, Any]:
    body = io.BytesIO(json.dumps(returned).encode())
    return {"StatusCode": 200, "Payload": body, "ResponseMetadata": {"RequestId": "r"}, **more}


def _failed(kind: str) -> dict[str, Any]:
    return _answer({"errorType": kind}, FunctionError="Unhandled")

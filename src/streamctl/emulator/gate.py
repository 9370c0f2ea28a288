"""The gate before the emulator: which requests may reach it at all.

MiniStack answers any Host and any Origin, so that every web page the user has open could read and change its state.
A browser always says where a request comes from (Origin, Sec-Fetch-Site), and a rebound name shows in Host; the SDKs
send neither, so everything that does is refused. MiniStack's own switches (reset, config) are closed: they would wreck
the state of a pipeline, and nothing of ours uses them.
"""

from __future__ import annotations

import hmac
import ipaddress
from typing import TYPE_CHECKING, Any

from streamctl.emulator.process import HEALTH_PATH, NONCE_HEADER, STOP_PATH, YES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Application = Callable[[Scope, Receive, Send], Awaitable[None]]

CLOSED_PATHS = frozenset({"/_ministack/reset", "/_ministack/config"})
BROWSER_HEADERS = (b"origin", b"sec-fetch-site")
READING = ("Get", "List", "Describe", "BatchGet", "Query", "Scan")


class Gate:
    """An ASGI application around another one.

    `stop` is called when the owner asks for the end, `changed` before each request that may change state.
    """

    def __init__(
        self,
        application: Application,
        *,
        port: int,
        nonce: str,
        stop: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        self._application = application
        self._hosts = frozenset({f"127.0.0.1:{port}".encode(), f"localhost:{port}".encode()})
        self._nonce = nonce
        self._stop = stop
        self._changed = changed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
            return
        headers = {name.lower(): value for name, value in scope.get("headers", [])}
        reason = self.refusal(scope)
        if reason is not None:
            await _refuse(scope, send, reason)
        elif scope["path"] in (HEALTH_PATH, STOP_PATH):
            await self._answer_owner(scope["path"], headers, send)
        else:
            if may_change(scope.get("method", "POST"), headers):
                self._changed()
            await self._application(scope, receive, send)

    def refusal(self, scope: Scope) -> str | None:
        """Why this request may not pass, or None."""
        headers = [(name.lower(), value) for name, value in scope.get("headers", [])]
        hosts = [value.lower() for name, value in headers if name == b"host"]
        if not _is_loopback(scope.get("client")):
            return "only this machine may use the emulator"
        if len(hosts) != 1 or hosts[0] not in self._hosts:  # of two, the server behind might believe the other one
            return "the Host header names another server"
        if any(name in BROWSER_HEADERS for name, _ in headers):
            return "requests from web pages are refused"
        if scope["path"] in CLOSED_PATHS:
            return "this path is closed"
        return None

    async def _answer_owner(self, path: str, headers: dict[bytes, bytes], send: Send) -> None:
        """Who started us proves it with the nonce, and learns whether we are theirs; nobody else learns it."""
        given = headers.get(NONCE_HEADER.encode(), b"")
        if not hmac.compare_digest(given, self._nonce.encode()):
            await _answer(send, 403, "no")
            return
        await _answer(send, 200, YES.decode())
        if path == STOP_PATH:
            self._stop()


def may_change(method: str, headers: dict[bytes, bytes]) -> bool:
    """Whether a request may change state; form-encoded services hide their operation in the body, so they may."""
    operation = headers.get(b"x-amz-target", b"").rpartition(b".")[2].decode("latin-1")
    return method not in ("GET", "HEAD") and not operation.startswith(READING)


def _is_loopback(client: tuple[str, int] | None) -> bool:
    return client is not None and ipaddress.ip_address(client[0]).is_loopback


async def _refuse(scope: Scope, send: Send, reason: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": reason})
    else:
        await _answer(send, 403, reason)


async def _answer(send: Send, status: int, text: str) -> None:
    body = text.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

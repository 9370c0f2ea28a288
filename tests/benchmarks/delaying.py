"""A proxy on loopback that makes the emulator as slow as AWS, and hears every call."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .delays import Answer, Delays, Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

READING = ("Describe", "Get", "List", "GET", "HEAD")
_OF_ONE_CONNECTION = frozenset({"connection", "content-length", "date", "host", "keep-alive", "server",
                                "transfer-encoding"})  # fmt: skip


@dataclass(frozen=True)
class Call:
    """Times by `time.monotonic`."""

    operation: str
    began: float
    ended: float

    @property
    def is_write(self) -> bool:
        return not self.operation.startswith(READING)


@dataclass
class Proxy:
    """`latency_seconds` is what every call takes besides; it may be set at any time."""

    endpoint_url: str
    latency_seconds: float = 0.0
    calls: list[Call] = field(default_factory=list)
    """All since the last `forget`, in the order of their answers."""

    def forget(self) -> None:
        self.calls = []


@contextmanager
def delaying(emulator_url: str, seconds: Mapping[str, float]) -> Iterator[Proxy]:
    """Serve in threads of this process, until the block ends."""
    address = urlsplit(emulator_url).netloc
    connections = threading.local()
    delays = Delays(lambda request: _carried_out(request, address, connections), seconds)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_one_request(self) -> None:
            """Any method: what BaseHTTPRequestHandler looks up by its name is not looked up here."""
            self.raw_requestline = self.rfile.readline(65_537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            began = time.monotonic()
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, self.path, headers, body)
            time.sleep(proxy.latency_seconds)
            answer = delays.answer(request)
            proxy.calls.append(Call(request.operation, began, time.monotonic()))
            self._send(answer)

        def _send(self, answer: Answer) -> None:
            self.send_response_only(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy = Proxy(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _carried_out(request: Request, address: str, connections: threading.local) -> Answer:
    """What the emulator answers; each thread has a connection of its own to it."""
    connection = getattr(connections, "emulator", None)
    if connection is None:
        connection = connections.emulator = HTTPConnection(address, timeout=60)
        connection.connect()
    headers = {name: value for name, value in request.headers.items() if name not in _OF_ONE_CONNECTION}
    connection.request(request.method, request.path, request.body, headers)
    answer = connection.getresponse()
    kept = tuple((name, value) for name, value in answer.getheaders() if name.lower() not in _OF_ONE_CONNECTION)
    return Answer(answer.status, kept, answer.read())

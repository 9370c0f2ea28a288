"""Connections to one endpoint, kept open for the requests to come."""

from __future__ import annotations

import http.client
import select
import ssl
from collections import deque
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import urlsplit

from .errors import CallError

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

CONNECT_TIMEOUT_SECONDS = 2
READ_TIMEOUT_SECONDS = 5


class Request(NamedTuple):
    """One that is ready to leave, by POST."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class Answer(NamedTuple):
    status: int
    content: bytes
    crc32: str | None
    """The checksum that the service sent of its content, if any."""


class Network(Protocol):
    """What carries requests."""

    def send(self, request: Request) -> Answer: ...


class Connections:
    """Carries requests to the host of `url`. Safe to share between threads.

    `certificates` is a file of those to trust in place of the system's.
    """

    def __init__(
        self, url: str, certificates: str | None = None, *, read_timeout_seconds: float = READ_TIMEOUT_SECONDS
    ) -> None:
        self._url = urlsplit(url)
        self._tls = _tls(certificates) if self._url.scheme == "https" else None
        self._read_timeout_seconds = read_timeout_seconds
        self._idle: deque[http.client.HTTPConnection] = deque()

    def send(self, request: Request) -> Answer:
        """Send once and wait for the answer, whatever it is. Raises CallError where there is none."""
        connection = self._free()
        try:
            self._connect(connection)
            connection.request("POST", urlsplit(request.url).path, request.body, request.headers)
            response = connection.getresponse()
            answer = Answer(response.status, response.read(), response.getheader("x-amz-crc32"))
        except (OSError, http.client.HTTPException) as error:
            connection.close()  # what it may still bring belongs to nobody
            self.close()  # those still idle are older, and likely to be dead, too: a container was frozen, say
            raise CallError(type(error).__name__, is_passing=True) from error
        self._idle.append(connection)
        return answer

    def close(self) -> None:
        """Close the connections that carry nothing."""
        while self._idle:
            self._idle.pop().close()

    def _free(self) -> http.client.HTTPConnection:
        """One that carries nothing, of all the last used, or a new one."""
        with suppress(IndexError):
            return self._idle.pop()
        host, port = self._url.hostname or "", self._url.port
        if self._tls:
            return http.client.HTTPSConnection(host, port, timeout=CONNECT_TIMEOUT_SECONDS, context=self._tls)
        return http.client.HTTPConnection(host, port, timeout=CONNECT_TIMEOUT_SECONDS)

    def _connect(self, connection: http.client.HTTPConnection) -> None:
        if connection.sock and _is_over(connection.sock):
            connection.close()
        if not connection.sock:
            connection.connect()
            connection.sock.settimeout(self._read_timeout_seconds)


def _is_over(idle: socket.socket) -> bool:
    """The other side has closed it, perhaps while the container was frozen: nothing else is to be read from it."""
    return bool(select.select([idle], [], [], 0)[0])


@cache
def _tls(certificates: str | None) -> ssl.SSLContext:
    """One for all connections to all services: loading the certificates is dear."""
    return ssl.create_default_context(cafile=certificates)

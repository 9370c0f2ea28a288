from __future__ import annotations

import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from streamctl.functions.aws.connections import Answer, Connections, Request
from streamctl.functions.aws.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

OK = b"HTTP/1.1 200 OK\r\nX-Amz-Crc32: 7\r\nContent-Length: 2\r\n\r\n{}"
BODY = b"the body"


class Server:
    """Answers each request, connection by connection, with what `answer` says; None hangs up instead."""

    def __init__(self, certificate: Path | None = None) -> None:
        self._tls = certificate and ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if self._tls:
            self._tls.load_cert_chain(certificate)
        self.answer: Callable[[int], bytes | None] = lambda number: OK
        self.requests: list[tuple[int, bytes]] = []
        """The connection's number, and what came."""
        self.connections: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http{'s' if certificate else ''}://127.0.0.1:{self._listening.getsockname()[1]}/"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with suppress(ssl.SSLError):  # the client does not trust us
                connection = self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
            self.connections.append(connection)
            threading.Thread(target=self._serve, args=(connection, len(self.connections)), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        while request := read(connection):
            self.requests.append((number, request))
            answer = self.answer(len(self.requests))
            if answer is None:
                break
            with suppress(OSError):  # the client has gone
                connection.sendall(answer)
        connection.close()

    def close(self) -> None:
        self._listening.close()
        for connection in self.connections:
            connection.close()


def read(connection: socket.socket) -> bytes:
    """One request, or nothing where the other side is done."""
    data = b""
    while not data.endswith(BODY):
        try:
            more = connection.recv(65536)
        except OSError:
            return b""
        if not more:
            return b""
        data += more
    return data


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def connections(server: Server) -> Iterator[Connections]:
    made = Connections(server.url)
    yield made
    made.close()


def request(server: Server) -> Request:
    return Request(server.url, {"Host": "signed.example", "X-Amz-Target": "A.B"}, BODY)


def test_a_request_arrives_as_it_was_signed(server, connections):
    assert connections.send(request(server)) == Answer(200, b"{}", "7")

    head, _, body = server.requests[0][1].partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    assert (first, body) == (b"POST / HTTP/1.1", BODY)
    assert [line for line in lines if line.startswith(b"Host:")] == [b"Host: signed.example"]
    assert b"X-Amz-Target: A.B" in lines


def test_whatever_the_status_it_is_an_answer(server, connections):
    server.answer = lambda number: b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno"

    assert connections.send(request(server)) == Answer(400, b"no", None)


def test_a_connection_is_used_again(server, connections):
    for _ in range(3):
        connections.send(request(server))

    assert [number for number, _ in server.requests] == [1, 1, 1]


def test_requests_side_by_side_have_a_connection_each(server, connections):
    together = threading.Barrier(3, timeout=20)

    def wait_for_the_others(number: int) -> bytes:
        together.wait()
        return OK

    server.answer = wait_for_the_others
    with ThreadPoolExecutor(3) as pool:
        for _ in range(2):
            list(pool.map(connections.send, [request(server)] * 3))

    assert sorted(number for number, _ in server.requests) == [1, 1, 2, 2, 3, 3]


def test_a_connection_closed_while_the_container_was_frozen_is_replaced(server, connections):
    connections.send(request(server))
    server.connections[0].shutdown(socket.SHUT_RDWR)
    time.sleep(0.05)

    assert connections.send(request(server)).status == 200
    assert [number for number, _ in server.requests] == [1, 2]


def test_after_a_lost_answer_the_next_request_has_a_new_connection(server, connections):
    server.answer = lambda number: None if number == 1 else OK

    with pytest.raises(CallError) as caught:
        connections.send(request(server))
    assert (caught.value.code, caught.value.is_passing) == ("RemoteDisconnected", True)
    assert connections.send(request(server)).status == 200
    assert [number for number, _ in server.requests] == [1, 2]


def test_half_an_answer_is_none(server, connections):
    server.answer = lambda number: b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}" if number == 1 else OK
    threading.Timer(0.2, lambda: server.connections[0].shutdown(socket.SHUT_RDWR)).start()

    with pytest.raises(CallError) as caught:
        connections.send(request(server))
    assert (caught.value.code, caught.value.is_passing) == ("IncompleteRead", True)
    assert connections.send(request(server)) == Answer(200, b"{}", "7")


def test_an_answer_that_does_not_come_is_waited_for_only_so_long(server):
    impatient = Connections(server.url, read_timeout_seconds=0.1)
    server.answer = lambda number: time.sleep(0.5) or OK if number == 1 else OK

    with pytest.raises(CallError) as caught:
        impatient.send(request(server))
    assert (caught.value.code, caught.value.is_passing) == ("TimeoutError", True)
    assert impatient.send(request(server)) == Answer(200, b"{}", "7")
    impatient.close()


def test_where_nobody_listens_there_is_no_answer(server):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{unused.getsockname()[1]}/"

        with pytest.raises(CallError) as caught:
            Connections(nobody).send(request(server))

    assert (caught.value.code, caught.value.is_passing) == ("ConnectionRefusedError", True)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of 127.0.0.1, signed by nobody but itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file = tmp_path / "certificate.pem"
    file.write_bytes(
        made.public_bytes(pem) + key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    )
    return file


def test_nothing_is_sent_to_whom_nobody_vouches_for(certificate):
    server = Server(certificate)

    with pytest.raises(CallError) as caught:
        Connections(server.url).send(request(server))

    assert caught.value.code == "SSLCertVerificationError"
    assert server.requests == []
    server.close()


def test_other_certificates_can_be_trusted(certificate):
    server = Server(certificate)
    connections = Connections(server.url, str(certificate))

    assert [connections.send(request(server)).status for _ in range(2)] == [200, 200]
    assert [number for number, _ in server.requests] == [1, 1]
    connections.close()
    server.close()

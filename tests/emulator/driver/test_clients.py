from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

from streamctl.emulator.driver.clients import Clients

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNT, REGION = "000000000000", "eu-west-1"
SLOW, QUICK = f"arn:aws:iam::{ACCOUNT}:role/slow", f"arn:aws:iam::{ACCOUNT}:role/quick"
CREDENTIALS = b"""<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>key</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""


class Server(ThreadingHTTPServer):
    """Answers AssumeRole; for the slow role only when told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.asked = threading.Event()
        self.go_on = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answering(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        [role] = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["RoleArn"]
        if role == SLOW:
            self.server.asked.set()
            self.server.go_on.wait(20)
        self.send_response(200)
        self.send_header("Content-Length", str(len(CREDENTIALS)))
        self.end_headers()
        self.wfile.write(CREDENTIALS)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.go_on.set()
        server.shutdown()
        thread.join()


def test_a_role_that_is_slow_to_assume_holds_up_no_other(server: Server) -> None:
    clients = Clients(server.url)
    waiting = threading.Thread(target=clients.of_role, args=("sqs", ACCOUNT, REGION, SLOW))
    waiting.start()
    assert server.asked.wait(20)

    quick = threading.Thread(target=clients.of_role, args=("sqs", ACCOUNT, REGION, QUICK))
    quick.start()
    quick.join(10)
    assert not quick.is_alive()
    assert waiting.is_alive()
    server.go_on.set()
    waiting.join(10)


def test_a_client_is_made_once(server: Server) -> None:
    clients = Clients(server.url)
    assert clients.of_role("sqs", ACCOUNT, REGION, QUICK) is clients.of_role("sqs", ACCOUNT, REGION, QUICK)


def test_clients_of_roles_that_nobody_needs_are_forgotten(server: Server) -> None:
    server.go_on.set()
    clients = Clients(server.url)
    gone, kept = (clients.of_role("sqs", ACCOUNT, REGION, role) for role in (SLOW, QUICK))
    own = clients.of_account("sqs", ACCOUNT, REGION)
    clients.forget_roles_but({QUICK})
    assert clients.of_role("sqs", ACCOUNT, REGION, SLOW) is not gone
    assert clients.of_role("sqs", ACCOUNT, REGION, QUICK) is kept
    assert clients.of_account("sqs", ACCOUNT, REGION) is own

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from streamctl.functions.aws.credentials import Credentials, Keys
from streamctl.functions.aws.errors import CallError

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_keys_are_those_of_the_environment_at_each_request():
    environment = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}
    credentials = Credentials(environment)

    assert credentials.keys() == Keys("a", "s", "t")
    environment |= {"AWS_ACCESS_KEY_ID": "b", "AWS_SESSION_TOKEN": "u"}
    assert credentials.keys() == Keys("b", "s", "u")


class Container(HTTPServer):
    """Gives out keys as Lambda does behind AWS_CONTAINER_CREDENTIALS_FULL_URI; they are about to expire."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.given = 0
        self.status = 200


class Asked(BaseHTTPRequestHandler):
    server: Container

    def do_GET(self) -> None:
        self.server.given += 1
        expires_at = datetime.now(UTC) + timedelta(seconds=30)
        keys = {
            "AccessKeyId": f"key-{self.server.given}",
            "SecretAccessKey": "s",
            "Token": "t",
            "Expiration": f"{expires_at:%Y-%m-%dT%H:%M:%SZ}",
        }
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(json.dumps(keys).encode())

    def log_message(self, *arguments: object) -> None:
        """Nothing."""


@pytest.fixture
def container(monkeypatch: pytest.MonkeyPatch, tmp_path) -> Iterator[Container]:
    """A process with no other keys than the container's."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with Container() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"http://127.0.0.1:{server.server_port}/keys")
        yield server
        server.shutdown()
        thread.join()


def test_a_containers_keys_are_renewed_before_they_expire(container):
    credentials = Credentials({})

    first, second = credentials.keys(), credentials.keys()

    assert (first.secret_key, first.token) == ("s", "t")
    assert int(second.access_key.removeprefix("key-")) > int(first.access_key.removeprefix("key-"))


def test_a_container_that_gives_no_keys_is_asked_again_later(container):
    credentials = Credentials({})
    container.status = 500

    with pytest.raises(CallError) as caught:
        credentials.keys()
    assert caught.value.is_passing

    container.status = 200
    assert credentials.keys().secret_key == "s"


def test_where_there_are_no_keys_at_all_waiting_does_not_help(container, monkeypatch):
    monkeypatch.delenv("AWS_CONTAINER_CREDENTIALS_FULL_URI")

    with pytest.raises(CallError, match="no credentials") as caught:
        Credentials({}).keys()
    assert not caught.value.is_passing

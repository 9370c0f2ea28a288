from __future__ import annotations

import asyncio
from typing import Any

import pytest

from streamctl.emulator.gate import Gate, may_change

HOST = (b"host", b"127.0.0.1:4000")


class Behind:
    """The application behind the gate, and what the gate told its owner."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.gate = Gate(
            self,
            port=4000,
            nonce="n",
            stop=lambda: self.calls.append("stop"),
            changed=lambda: self.calls.append("changed"),
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.calls.append("passed")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"behind"})

    def ask(
        self,
        *headers: tuple[bytes, bytes],
        path: str = "/",
        method: str = "POST",
        client: tuple[str, int] | None = ("127.0.0.1", 1),
        kind: str = "http",
    ) -> tuple[Any, str]:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": kind, "path": path, "method": method, "headers": list(headers), "client": client}
        asyncio.run(self.gate(scope, None, send))  # type: ignore[arg-type]
        return sent[0].get("status", sent[0]["type"]), sent[-1].get("body", b"").decode()


def test_a_request_of_an_sdk_passes() -> None:
    behind = Behind()
    assert behind.ask(HOST) == (200, "behind")
    assert behind.ask((b"Host", b"LOCALHOST:4000")) == (200, "behind")


@pytest.mark.parametrize(
    "header", [(b"origin", b"https://example.com"), (b"Origin", b"null"), (b"sec-fetch-site", b"cross-site")]
)
def test_a_request_from_a_web_page_is_refused(header: tuple[bytes, bytes]) -> None:
    behind = Behind()
    assert behind.ask(HOST, header) == (403, "requests from web pages are refused")
    assert behind.calls == []


@pytest.mark.parametrize(
    "host",
    [
        b"evil.example:4000", b"127.0.0.1:4001", b"127.0.0.1", b"bucket.localhost:4000", b"", b"127.0.0.1:4000.",
        b"me@127.0.0.1:4000", b"[::1]:4000", b"127.0.0.1:4000, evil.example", b"evil.example:80@127.0.0.1:4000",
    ],
)  # fmt: skip
def test_a_foreign_host_is_refused(host: bytes) -> None:
    assert Behind().ask((b"host", host)) == (403, "the Host header names another server")


@pytest.mark.parametrize("names", [(b"host", b"host"), (b"Host", b"hOST")])
def test_of_two_hosts_neither_is_believed(names: tuple[bytes, bytes]) -> None:
    first, second = ((name, host) for name, host in zip(names, (b"evil.example", b"127.0.0.1:4000"), strict=True))
    assert Behind().ask(first, second) == (403, "the Host header names another server")
    assert Behind().ask(second, first) == (403, "the Host header names another server")


def test_a_page_that_asks_beforehand_is_refused_too() -> None:
    asking = (b"origin", b"https://example.com"), (b"access-control-request-method", b"POST")
    assert Behind().ask(HOST, *asking, method="OPTIONS") == (403, "requests from web pages are refused")


def test_a_request_without_a_host_is_refused() -> None:
    assert Behind().ask()[0] == 403


@pytest.mark.parametrize("client", [("10.0.0.7", 5), None])
def test_another_machine_is_refused(client: tuple[str, int] | None) -> None:
    assert Behind().ask(HOST, client=client) == (403, "only this machine may use the emulator")


@pytest.mark.parametrize("path", ["/_ministack/reset", "/_ministack/config"])
def test_the_switches_that_wreck_state_are_closed(path: str) -> None:
    assert Behind().ask(HOST, path=path) == (403, "this path is closed")


def test_a_refused_websocket_is_closed() -> None:
    assert Behind().ask(kind="websocket")[0] == "websocket.close"


def test_only_the_owner_learns_that_it_is_theirs() -> None:
    behind = Behind()
    health = "/_streamctl/health"
    assert behind.ask(HOST, path=health, method="GET") == (403, "no")
    assert behind.ask(HOST, (b"x-streamctl-nonce", b"other"), path=health, method="GET") == (403, "no")
    assert behind.ask(HOST, (b"x-streamctl-nonce", b"n"), path=health, method="GET") == (200, "yes")
    assert behind.calls == []


def test_only_the_owner_may_stop_it() -> None:
    behind = Behind()
    assert behind.ask(HOST, path="/_streamctl/stop") == (403, "no")
    assert behind.ask(HOST, (b"x-streamctl-nonce", b"other"), path="/_streamctl/stop") == (403, "no")
    assert behind.calls == []
    assert behind.ask(HOST, (b"x-streamctl-nonce", b"n"), path="/_streamctl/stop") == (200, "yes")
    assert behind.calls == ["stop"]


def test_a_request_that_may_change_state_is_noted_before_it_passes() -> None:
    behind = Behind()
    behind.ask(HOST, (b"x-amz-target", b"Kinesis_20131202.PutRecords"))
    assert behind.calls == ["changed", "passed"]


def test_a_reading_request_is_not_noted_as_a_change() -> None:
    behind = Behind()
    behind.ask(HOST, (b"x-amz-target", b"Kinesis_20131202.GetRecords"))
    assert behind.calls == ["passed"]


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        ("GET", b"", False),
        ("POST", b"", True),
        ("PUT", b"", True),
        ("POST", b"DynamoDB_20120810.Scan", False),
        ("POST", b"DynamoDB_20120810.PutItem", True),
        ("POST", b"AmazonSQS.ReceiveMessage", True),
    ],
)
def test_what_may_change_state(method: str, target: bytes, expected: bool) -> None:
    assert may_change(method, {b"x-amz-target": target}) is expected

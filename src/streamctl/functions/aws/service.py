"""Requests to AWS's JSON services without the SDK: its import is most of a cold start, and its client is most of what a
record costs.

The caller makes the body. Left out of what the SDK does: checking and serializing parameters, retries (retrying.py
knows the time left, the SDK does not), proxies, and configuration files. A checksum that DynamoDB sends is checked.
"""

from __future__ import annotations

import json
import os
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from .connections import Connections, Request
from .credentials import Credentials
from .endpoint import endpoint
from .errors import CallError
from .signing import signed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .connections import Answer, Network

USER_AGENT = "streamctl"
TARGETS = {"dynamodb": "DynamoDB_20120810", "sqs": "AmazonSQS"}
REFUSED_FROM = 300
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_THROTTLED = frozenset(
    {
        "KmsThrottled",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "Throttling",
        "ThrottlingException",
        "TransactionInProgressException",
    }
)


class Service(Protocol):
    """A service of AWS, as its users here see it."""

    def post(self, operation: str, body: bytes) -> Any: ...


class Caller:
    """Sends signed requests to one service, reached as the environment says. Safe to share between threads."""

    def __init__(self, name: str, environment: Mapping[str, str], network: Network | None) -> None:
        self._name = name
        self._environment = environment
        self._region = environment.get("AWS_DEFAULT_REGION") or environment["AWS_REGION"]
        url = endpoint(name, self._region, environment).rstrip("/") + "/"
        self._url, self._host, self._path = url, _host(url), urlsplit(url).path
        self._credentials = Credentials(environment)
        self._network = network or Connections(url, environment.get("AWS_CA_BUNDLE"))

    def send(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to one request, whatever it is; sent once. Raises CallError where there is none."""
        keys, now = self._credentials.keys(), datetime.now(UTC)
        ready = signed({"Host": self._host, **headers}, self._path, body, keys, self._name, self._region, now)
        ready["User-Agent"] = USER_AGENT
        if trace := self._environment.get("_X_AMZN_TRACE_ID"):
            ready["X-Amzn-Trace-Id"] = trace
        answer = self._network.send(Request(self._url, ready, body))
        if answer.crc32 is not None and answer.crc32 != str(zlib.crc32(answer.content)):
            raise CallError("damaged answer", is_passing=True)
        return answer


class JsonService:
    """One of `TARGETS`. Safe to share between threads."""

    def __init__(
        self, name: str, environment: Mapping[str, str] = os.environ, *, network: Network | None = None
    ) -> None:
        self._target = TARGETS[name]
        self._caller = Caller(name, environment, network)

    def post(self, operation: str, body: bytes) -> Any:
        """The answer to one request, sent once; both are JSON. Raises CallError."""
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"{self._target}.{operation}"}
        return _read(self._caller.send(headers, body))


def _host(url: str) -> str:
    """As it is signed and sent: without the port that the scheme implies."""
    parts = urlsplit(url)
    return parts.netloc.removesuffix(_DEFAULT_PORTS[parts.scheme])


def _read(answer: Answer) -> Any:
    if answer.status >= REFUSED_FROM:
        raise refusal(answer.status, answer.content)
    try:
        return json.loads(answer.content)
    except ValueError:
        raise CallError("unreadable answer", is_passing=True) from None


def refusal(status: int, content: bytes) -> CallError:
    """What AWS says in an answer that is none."""
    try:
        said = json.loads(content)
        code, words = str(said["__type"]).rpartition("#")[2], str(said.get("message") or said.get("Message") or "")
    except (ValueError, KeyError, TypeError, AttributeError):
        code, words = f"HTTP {status}", ""
    return refused(status, code, words)


def refused(status: int, code: str, words: str) -> CallError:
    """The error of an answer that says no."""
    return CallError(code, words, is_passing=status >= 500 or code in _THROTTLED)

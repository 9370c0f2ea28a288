"""Requests to those of AWS's services that take a form and answer in XML, as SNS does."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from .service import REFUSED_FROM, Caller, refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .connections import Network
    from .errors import CallError

VERSIONS = {"sns": "2010-03-31"}
_CODE, _WORDS = re.compile(r"<Code>([^<]+)</Code>"), re.compile(r"<Message>([^<]+)</Message>")


class QueryService:
    """One of `VERSIONS`. Safe to share between threads."""

    def __init__(
        self, name: str, environment: Mapping[str, str] = os.environ, *, network: Network | None = None
    ) -> None:
        self._version = VERSIONS[name]
        self._caller = Caller(name, environment, network)

    def post(self, operation: str, parameters: Mapping[str, str]) -> None:
        """One request, sent once; what the answer says is not read. Raises CallError."""
        form = urlencode({"Action": operation, "Version": self._version, **parameters}).encode()
        answer = self._caller.send({"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}, form)
        if answer.status >= REFUSED_FROM:
            raise query_refusal(answer.status, answer.content)


def query_refusal(status: int, content: bytes) -> CallError:
    """What AWS says in an answer that is none."""
    text = content.decode("utf-8", "replace")
    code, words = _CODE.search(text), _WORDS.search(text)
    return refused(status, code[1] if code else f"HTTP {status}", words[1] if words else "")

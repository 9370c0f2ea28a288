"""For a stand-in of AWS that understands no CBOR, and breaks on it instead of saying so."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse

if TYPE_CHECKING:
    from streamctl.aws import Aws


class Raw(io.BytesIO):
    """A body as urllib3 hands it out."""

    def stream(self, **_: Any) -> Any:
        yield self.read()


def refuse_cbor(aws: Aws) -> None:
    """Let the producer hear that only JSON is spoken here."""

    def refuse(request: Any, **_: Any) -> AWSResponse | None:
        if b"cbor" not in _bytes(request.headers["Content-Type"]):
            return None
        body = b'{"__type":"SerializationException","message":"JSON only"}'
        return AWSResponse(request.url, 400, {"Content-Type": "application/x-amz-json-1.1"}, Raw(body))

    aws.once("kinesis").meta.events.register_first("before-send.kinesis.ListShards", refuse)


def _bytes(header: str | bytes) -> bytes:
    return header.encode() if isinstance(header, str) else header

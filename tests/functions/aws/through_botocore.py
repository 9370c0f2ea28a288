"""A network on botocore's events, where moto answers in place of AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import boto3
from botocore.awsrequest import AWSRequest

from streamctl.functions.aws.connections import Answer

if TYPE_CHECKING:
    from streamctl.functions.aws.connections import Request


class ThroughBotocore:
    """Hands each request to whoever listens to those of a client of `service`."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._emit = boto3.client(service).meta.events.emit_until_response

    def send(self, request: Request) -> Answer:
        target = request.headers.get("X-Amz-Target")
        operation = target.rpartition(".")[2] if target else parse_qs(request.body.decode())["Action"][0]
        sent = AWSRequest("POST", request.url, dict(request.headers), request.body).prepare()
        _, answer = self._emit(f"before-send.{self._service}.{operation}", request=sent)
        return Answer(answer.status_code, answer.content, answer.headers.get("x-amz-crc32"))

"""What Lambda hands to the function, made by hand: deliveries, and a context whose time passes only by sleeping."""

from __future__ import annotations

import base64
import json
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any

from streamctl.functions.aws.service import refusal as read_refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamctl.functions.aws.errors import CallError

SHARD = "shardId-000000000003"
ARRIVED_AT_MS = 1_795_450_320_500
STARTED_AT = 1_795_450_321.25


def sequence(position: int) -> str:
    return f"49590338271490256608559692538361571095921575989136{position:06d}"


def delivery(payload: bytes, position: int = 0) -> dict[str, Any]:
    """One entry of `Records`."""
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "user_1000",
            "sequenceNumber": sequence(position),
            "data": base64.b64encode(payload).decode(),
            "approximateArrivalTimestamp": ARRIVED_AT_MS / 1000,
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{SHARD}:{sequence(position)}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": "arn:aws:iam::123456789012:role/kinesis-lambda-role-a1b2c3",
        "awsRegion": "eu-west-1",
        "eventSourceARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/analytics-stream-a1b2c3",
    }


def batch(*payloads: bytes) -> dict[str, Any]:
    return {"Records": [delivery(payload, position) for position, payload in enumerate(payloads)]}


def event(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


class Invocation:
    """Lambda's context; `sleep` is how its time passes."""

    aws_request_id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"

    def __init__(self, remaining_ms: int = 300_000) -> None:
        self.remaining_ms = remaining_ms

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms

    def sleep(self, seconds: float) -> None:
        self.remaining_ms -= round(seconds * 1000)


class OneThread(Executor):
    """Runs each call at once."""

    def submit(self, call: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(call(*arguments, **named))
        except Exception as error:
            future.set_exception(error)
        return future


def refusal(code: str, message: str = "", status: int = 400) -> CallError:
    """An error as AWS's answer makes it."""
    return read_refusal(status, json.dumps({"__type": f"com.amazonaws.service#{code}", "message": message}).encode())

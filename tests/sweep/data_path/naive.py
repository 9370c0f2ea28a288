"""A processor as the recipe writes it: one try, errors swallowed, UnprocessedItems not looked at, always a success."""

from __future__ import annotations

import base64
import json
import time
from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import boto3
from boto3.dynamodb.types import TypeSerializer
from botocore.config import Config

if TYPE_CHECKING:
    from .function import Handler
    from .lane import Container, Make


def naive_processor(container: Container) -> Make:
    dynamodb = container.wire.attach(boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 1})))

    def make(table: str, queue_url: str) -> Handler:
        def handle(event: Any, context: object) -> None:
            puts = []
            for record in event["Records"]:
                with suppress(Exception):
                    puts.append({"PutRequest": {"Item": _item(record)}})
            with suppress(Exception):
                dynamodb.batch_write_item(RequestItems={table: puts})

        return handle

    return make


def _item(record: Any) -> dict[str, Any]:
    text = base64.b64decode(record["kinesis"]["data"]).decode()
    event = json.loads(text, parse_float=Decimal)
    item = {"eventId": str(event["eventId"]), "timestamp": int(time.time()), "rawData": text}
    return {name: TypeSerializer().serialize(value) for name, value in item.items()}

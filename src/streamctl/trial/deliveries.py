"""Events in a file as Lambda would deliver them: entries of the `Records` of an event of Kinesis."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from streamctl.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

SHARD = "shardId-000000000000"
FIRST_SEQUENCE_NUMBER = 49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_136_588_898
SEEN_FROM = "arn:aws:kinesis:us-east-1:000000000000:stream/"


def deliveries(content: bytes, stream: str, at: datetime) -> list[dict[str, Any]]:
    """What a file holds: one event, over as many lines as it likes; one a line; or what Lambda hands to a function.

    Whatever is no JSON is a record all the same: the processor has a reason for it. Raises UsageError where there is
    nothing.
    """
    whole = _parsed(content)
    if isinstance(whole, dict) and isinstance(whole.get("Records"), list):
        return [_checked(record) for record in whole["Records"]]
    payloads = [content.strip()] if whole is not None else [line.strip() for line in content.splitlines()]
    records = [_record(payload, place, stream, at) for place, payload in enumerate(filter(None, payloads))]
    if not records:
        raise UsageError("There is no event in it.", "It takes a JSON object, or one a line.")
    return records


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _checked(record: Any) -> dict[str, Any]:
    try:
        kinesis = record["kinesis"]
        base64.b64decode(kinesis["data"], validate=True)
        round(kinesis["approximateArrivalTimestamp"] * 1000)
        "".join((record["eventSourceARN"], record["eventID"], kinesis["sequenceNumber"], kinesis["partitionKey"]))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UsageError(
            f"Its `Records` are not those of Kinesis: {type(error).__name__}: {error}.",
            "Each needs eventSourceARN, eventID and kinesis: sequenceNumber, partitionKey, data, "
            "approximateArrivalTimestamp.",
        ) from error
    return dict(record)


def _record(payload: bytes, place: int, stream: str, at: datetime) -> dict[str, Any]:
    number = str(FIRST_SEQUENCE_NUMBER + place)
    return {
        "kinesis": {
            "partitionKey": "invoke",
            "sequenceNumber": number,
            "data": base64.b64encode(payload).decode(),
            "approximateArrivalTimestamp": at.timestamp(),
        },
        "eventID": f"{SHARD}:{number}",
        "eventSourceARN": f"{SEEN_FROM}{stream}",
    }

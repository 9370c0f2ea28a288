"""DynamoDB: streams of tables that outlive the emulator, tell of expired items, and are heard of at once.

MiniStack saves the items and not what their streams hold, so that a change would be lost to whoever had not read it yet
when the emulator ended. It deletes expired items silently, where AWS tells who deleted them, and gives no sizes.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from ministack.core.responses import request_scope
from ministack.services import dynamodb, dynamodb_streams

from streamctl.emulator.capture import frozen
from streamctl.emulator.mends.replacing import after, replace

if TYPE_CHECKING:
    from streamctl.emulator.driver.wake import Wake

KEPT = {
    "records": dynamodb._stream_records,
    "trimmed": dynamodb._stream_trimmed,
    "closed": dynamodb._closed_streams,
}
REAPER = "dynamodb-ttl-reaper"
"""The name of the thread that deletes expired items."""
BY_TIME_TO_LIVE = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}


def apply(wake: Wake) -> None:
    dynamodb.esm_wake = wake  # every change sets it: the driver's readers hear of it at once
    replace(dynamodb_streams, "get_state", get_state)
    replace(dynamodb_streams, "load_persisted_state", load_state)
    after(dynamodb, "_build_change_record", completed)
    after(dynamodb, "_remove_item", tell_of_expiry)


def get_state() -> dict[str, Any]:
    """Saved beside the tables and after them, so that every saved change is in the saved stream."""
    return {name: frozen(held) for name, held in KEPT.items()}


def load_state(saved: dict[str, Any]) -> None:
    for name, held in KEPT.items():
        held.update(saved[name])


def completed(_table: Any, _event: str, _old: Any, _new: Any, _view: str, record: dict[str, Any]) -> dict[str, Any]:
    """The record of a change with its size, and with who changed it where that was DynamoDB itself."""
    change = record["dynamodb"]
    parts = (change.get(part) or {} for part in ("Keys", "NewImage", "OldImage"))
    change["SizeBytes"] = sum(dynamodb._item_size_bytes(part) for part in parts)
    return record | ({"userIdentity": BY_TIME_TO_LIVE} if _is_reaper() else {})


def tell_of_expiry(table: dict[str, Any], _key: Any, _sort_key: Any, item: Any) -> Any:
    if item is not None and _is_reaper():
        region, account = table["TableArn"].split(":")[3:5]
        with request_scope(account, region):
            dynamodb._emit_stream_event(table["TableName"], "REMOVE", item, None)
    return item


def last_sequence_number(stream_arn: str) -> str | None:
    """Of the newest record in a stream, for whoever starts behind it; None where there is none."""
    records = _records(stream_arn)
    return str(records[-1]["dynamodb"]["SequenceNumber"]) if records else None


def is_there(stream_arn: str) -> bool:
    """It is on, or was turned off less than 24 hours ago."""
    return _records(stream_arn) is not None


def _records(stream_arn: str) -> list[dict[str, Any]] | None:
    name = stream_arn.partition("/stream/")[0].rpartition("/")[2]
    table = dynamodb._tables.get(name) or {}
    if (table.get("StreamSpecification") or {}).get("StreamEnabled") and table.get("LatestStreamArn") == stream_arn:
        return list(dynamodb.stream_live_records(name))
    closed = dynamodb.closed_stream(stream_arn)
    return None if closed is None else list(closed["records"])


def _is_reaper() -> bool:
    return threading.current_thread().name == REAPER

"""CloudWatch: exact dimensions when reading and in alarms, and the metrics of Kinesis and DynamoDB.

MiniStack adds up everything published under a name when a query gives no dimensions, and always for an alarm; AWS
finds only what was published exactly so. It publishes nothing for streams and tables.
"""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any

from ministack.services import cloudwatch, dynamodb, kinesis

from streamctl.emulator.mends.reading import position_of
from streamctl.emulator.mends.replacing import after, replace

if TYPE_CHECKING:
    from streamctl.emulator.mends.responses import Response

LEVEL_SECONDS = 60  # a level has one point for each of these
LEVEL_KEPT_SECONDS = 86_400  # alarms look back no further
QUIET_SECONDS = 60  # an idle stream's zero age is worth one point a minute
WRITES = ("_put_item", "_update_item", "_delete_item", "_batch_write_item")

_lock = threading.Lock()  # functions publish from the threads that run them


def apply() -> None:
    replace(cloudwatch, "record_metric", record)
    replace(
        cloudwatch, "_dims_from_list", lambda dimensions: Exact((each["Name"], each["Value"]) for each in dimensions)
    )
    after(kinesis, "_put_record", _note_put_record)
    after(kinesis, "_put_records", _note_put_records)
    after(kinesis, "_get_records", _note_get_records)
    for name in WRITES:
        _measure_writes(name)


class Exact(dict[str, str]):
    """Dimensions of a query, true even when empty: MiniStack leaves the comparison out for what is false."""

    def __bool__(self) -> bool:
        return True


def record(
    namespace: str,
    name: str,
    value: float,
    unit: str = "None",
    dimensions: dict[str, str] | None = None,
    count: float = 1,
    timestamp: float | None = None,
) -> None:
    """Publish a value in the current account and region. Equal values of one second become one point with a count."""
    dimensions = dimensions or {}
    second = int(timestamp or time.time())
    with _lock:
        points = cloudwatch._metric_bucket((namespace, name, cloudwatch._dims_key(dimensions)))
        last = points[-1] if points else {}
        if (last.get("Timestamp"), last.get("Value"), last.get("Unit")) == (second, value, unit):
            last["Count"] = last.get("Count", 1) + count
        else:
            points.append(
                {"Timestamp": second, "Value": float(value), "Unit": unit, "Dimensions": dimensions, "Count": count}
            )


def record_level(namespace: str, name: str, value: float, dimensions: dict[str, str], now: float) -> None:
    """Publish what is looked at again and again: one point a minute that follows the value, and no old ones."""
    minute = int(now // LEVEL_SECONDS * LEVEL_SECONDS)
    point = {"Timestamp": minute, "Value": float(value), "Unit": "Count", "Dimensions": dimensions, "Count": 1}
    with _lock:
        points = cloudwatch._metric_bucket((namespace, name, cloudwatch._dims_key(dimensions)))
        kept = [each for each in points if minute - LEVEL_KEPT_SECONDS < each["Timestamp"] != minute]
        points[:] = [*kept, point]


def _stream(data: dict[str, Any], name: str, value: float, unit: str = "Count") -> None:
    stream_name = data.get("StreamName") or data["StreamARN"].rpartition("/")[2]
    record("AWS/Kinesis", name, value, unit, {"StreamName": stream_name})


def _note_put_record(data: dict[str, Any], response: Response) -> Response:
    if response[0] == 200:
        _note_incoming(data, [data])
        _stream(data, "PutRecord.Success", 1)
    return response


def _note_put_records(data: dict[str, Any], response: Response) -> Response:
    if response[0] == 200:
        records = data["Records"]
        _note_incoming(data, records)
        _stream(data, "PutRecords.Success", 1)
        _stream(data, "PutRecords.TotalRecords", len(records))
        _stream(data, "PutRecords.SuccessfulRecords", len(records))
        _stream(data, "PutRecords.FailedRecords", 0)
        _stream(data, "PutRecords.ThrottledRecords", 0)
    return response


def _note_incoming(data: dict[str, Any], records: list[dict[str, Any]]) -> None:
    _stream(data, "IncomingRecords", len(records))
    _stream(data, "IncomingBytes", sum(_size(each["Data"]) for each in records), "Bytes")
    _stream(data, "WriteProvisionedThroughputExceeded", 0)


def _size(base64_text: str) -> int:
    return len(base64_text) * 3 // 4 - base64_text[-2:].count("=")


def _note_get_records(data: dict[str, Any], response: Response) -> Response:
    if response[0] == 200:
        name = position_of(data["ShardIterator"])[0]
        body = json.loads(response[2])
        age = time.time() - body["Records"][-1]["ApproximateArrivalTimestamp"] if body["Records"] else 0.0
        key = ("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", cloudwatch._dims_key({"StreamName": name}))
        last = (cloudwatch._metrics.get(key) or [{"Timestamp": 0, "Value": 0}])[-1]
        if age or last["Value"] or time.time() - last["Timestamp"] > QUIET_SECONDS:
            _stream({"StreamName": name}, "GetRecords.IteratorAgeMilliseconds", age * 1000, "Milliseconds")
            _stream({"StreamName": name}, "GetRecords.Records", len(body["Records"]))
    return response


def _measure_writes(name: str) -> None:
    """Ask each write what it consumed, and take the answer out again where the caller did not ask."""
    original = getattr(dynamodb, name)

    def write(data: dict[str, Any]) -> Response:
        asked = data.get("ReturnConsumedCapacity", "NONE") != "NONE"
        status, headers, body = original(data if asked else data | {"ReturnConsumedCapacity": "TOTAL"})
        if status != 200:
            return status, headers, body
        answer = json.loads(body)
        consumed = answer.get("ConsumedCapacity", []) if asked else answer.pop("ConsumedCapacity", [])
        for each in consumed if isinstance(consumed, list) else [consumed]:
            table = {"TableName": each["TableName"].rpartition("/")[2]}
            record("AWS/DynamoDB", "ConsumedWriteCapacityUnits", each["CapacityUnits"], "Count", table)
        return status, headers, body if asked else json.dumps(answer).encode()

    replace(dynamodb, name, write)

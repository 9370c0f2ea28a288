"""Lambda: event source mappings of Kinesis streams and tables are ours to run, and answer as AWS does.

MiniStack's own pollers ignore bisecting, retries, age, windows and destinations, and would consume beside our driver.
It accepts a second identical mapping, one to a stream that does not exist, and any filter; it forgets the time of
AT_TIMESTAMP and leaves out the values that AWS fills in.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from ministack.services import kinesis, lambda_svc

from streamctl.emulator.driver.mapping import CREATED_AT, STARTS_AFTER, reads_a_stream, reads_a_table
from streamctl.emulator.driver.mapping_settings import DEFAULTS, checked
from streamctl.emulator.mends import table_streams
from streamctl.emulator.mends.replacing import replace
from streamctl.emulator.mends.responses import Response, refuse

if TYPE_CHECKING:
    from collections.abc import Callable

KEPT = ("StartingPositionTimestamp", "TumblingWindowInSeconds", "MetricsConfig")
TABLE_STARTS = ("TRIM_HORIZON", "LATEST")
STARTS = (*TABLE_STARTS, "AT_TIMESTAMP")


def apply() -> None:
    replace(lambda_svc, "_poll_kinesis", lambda: False)
    replace(lambda_svc, "_poll_dynamodb_streams", lambda: False)
    # A snapshot older than a deployment still needs the code it names.
    replace(lambda_svc, "_prune_orphan_code_blobs", lambda _referenced: None)
    create, update = lambda_svc._create_esm, lambda_svc._update_esm
    replace(lambda_svc, "_create_esm", lambda data: _create(data, create))
    replace(lambda_svc, "_update_esm", lambda uuid, data: _update(uuid, data, update))
    shown = lambda_svc._esm_response
    replace(lambda_svc, "_esm_response", lambda record: _without({CREATED_AT, STARTS_AFTER}, shown(record)))


def _create(data: dict[str, Any], create: Callable[..., Response]) -> Response:
    if not _reads_a_stream(data):
        return create(data)
    try:
        data = DEFAULTS | checked(data)
    except ValueError as error:
        return _invalid(str(error))
    problem = _misplaced(data) or _duplicate(data)
    if problem:
        return problem
    status, headers, body = create(data)
    if status != 202:
        return status, headers, body
    shown = json.loads(body)
    record = lambda_svc._esms[shown["UUID"]]
    kept = {name: data[name] for name in KEPT if name in data}
    record.update(kept)
    if reads_a_table(record["EventSourceArn"]) and record["StartingPosition"] == "LATEST":
        record[STARTS_AFTER] = table_streams.last_sequence_number(record["EventSourceArn"])
    record[CREATED_AT] = int(time.time() * 1000) / 1000  # arrival times have milliseconds
    return status, headers, json.dumps(shown | kept).encode()


def _update(uuid: str, data: dict[str, Any], update: Callable[..., Response]) -> Response:
    if not _reads_a_stream(lambda_svc._esms.get(uuid) or {}):
        return update(uuid, data)
    try:
        return update(uuid, checked(data))
    except ValueError as error:
        return _invalid(str(error))


def _reads_a_stream(settings: dict[str, Any]) -> bool:
    return reads_a_stream(settings.get("EventSourceArn", ""))


def _misplaced(data: dict[str, Any]) -> Response | None:
    source, start = data["EventSourceArn"], data.get("StartingPosition")
    starts = TABLE_STARTS if reads_a_table(source) else STARTS
    if start not in starts:
        return _invalid(f"StartingPosition must be one of {', '.join(starts)}, not {start}.")
    if (start == "AT_TIMESTAMP") != ("StartingPositionTimestamp" in data):
        return _invalid("StartingPositionTimestamp belongs to the StartingPosition AT_TIMESTAMP, and only to that.")
    if not (table_streams.is_there(source) if reads_a_table(source) else kinesis._resolve_stream_by_arn(source)):
        return _invalid(f"Stream not found: {source}")
    return None


def _duplicate(data: dict[str, Any]) -> Response | None:
    name, _ = lambda_svc._resolve_request_scoped_name_and_qualifier(data.get("FunctionName", ""))
    for record in lambda_svc._esms.values():
        if (record["EventSourceArn"], record["FunctionName"]) == (data["EventSourceArn"], name):
            return refuse(
                "ResourceConflictException",
                f'The event source arn (" {data["EventSourceArn"]} ") and function (" {name} ") provided mapping '
                f"already exists. Please update or delete the existing mapping with UUID {record['UUID']}",
                409,
            )
    return None


def _without(names: set[str], shown: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in shown.items() if key not in names}


def _invalid(message: str) -> Response:
    return refuse("InvalidParameterValueException", message)

"""Lambda: event source mappings of Kinesis streams are ours to run, and answer as AWS does.

MiniStack's own poller ignores bisecting, retries, age, windows and destinations, and would consume beside our driver.
It accepts a second identical mapping, one to a stream that does not exist, and any filter; it forgets the time of
AT_TIMESTAMP and leaves out the values that AWS fills in.
"""

from __future__ import annotations

import json
import time
from typing import Any

from ministack.services import kinesis, lambda_svc

from streamctl.emulator.driver.filters import Filter
from streamctl.emulator.driver.mapping import CREATED_AT
from streamctl.emulator.mends.replacing import replace
from streamctl.emulator.mends.responses import Response, refuse

# What AWS shows of a mapping that was made without these.
DEFAULTS: dict[str, Any] = {
    "BatchSize": 100,
    "MaximumBatchingWindowInSeconds": 0,
    "ParallelizationFactor": 1,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "BisectBatchOnFunctionError": False,
    "TumblingWindowInSeconds": 0,
    "FunctionResponseTypes": [],
    "DestinationConfig": {"OnFailure": {}},
}
KEPT = ("StartingPositionTimestamp", "TumblingWindowInSeconds", "MetricsConfig")
STARTS = ("TRIM_HORIZON", "LATEST", "AT_TIMESTAMP")
DESTINATIONS = ("sqs", "sns", "s3")


def apply() -> None:
    replace(lambda_svc, "_poll_kinesis", lambda: False)
    # A snapshot older than a deployment still needs the code it names.
    replace(lambda_svc, "_prune_orphan_code_blobs", lambda _referenced: None)
    create, update = lambda_svc._create_esm, lambda_svc._update_esm
    replace(lambda_svc, "_create_esm", lambda data: _create(data, create))
    replace(lambda_svc, "_update_esm", lambda uuid, data: _refused(data) or update(uuid, data))
    shown = lambda_svc._esm_response
    replace(lambda_svc, "_esm_response", lambda record: _without(CREATED_AT, shown(record)))


def _create(data: dict[str, Any], create: Any) -> Response:
    if ":kinesis:" not in data.get("EventSourceArn", ""):
        return create(data)  # type: ignore[no-any-return]
    problem = _refused(data) or _misplaced(data) or _duplicate(data)
    if problem:
        return problem
    status, headers, body = create(DEFAULTS | data)
    if status != 202:
        return status, headers, body
    shown = json.loads(body)
    record = lambda_svc._esms[shown["UUID"]]
    kept = {name: (DEFAULTS | data)[name] for name in KEPT if name in DEFAULTS | data}
    record.update(kept)
    record[CREATED_AT] = int(time.time() * 1000) / 1000  # arrival times have milliseconds
    return status, headers, json.dumps(shown | kept).encode()


def _refused(data: dict[str, Any]) -> Response | None:
    """Settings that AWS would not take."""
    try:
        Filter.of(data.get("FilterCriteria"))
    except ValueError:
        return _invalid("Invalid filter pattern definition.")
    destination = ((data.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    if destination and destination.split(":")[2:3] not in ([each] for each in DESTINATIONS):
        return _invalid(f"The destination {destination} is neither a queue, a topic nor a bucket.")
    return None


def _misplaced(data: dict[str, Any]) -> Response | None:
    start = data.get("StartingPosition")
    if start not in STARTS:
        return _invalid(f"StartingPosition must be one of {', '.join(STARTS)}, not {start}.")
    if (start == "AT_TIMESTAMP") != ("StartingPositionTimestamp" in data):
        return _invalid("StartingPositionTimestamp belongs to the StartingPosition AT_TIMESTAMP, and only to that.")
    if kinesis._resolve_stream_by_arn(data["EventSourceArn"]) is None:
        return _invalid(f"Stream not found: {data['EventSourceArn']}")
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


def _without(name: str, shown: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in shown.items() if key != name}


def _invalid(message: str) -> Response:
    return refuse("InvalidParameterValueException", message)

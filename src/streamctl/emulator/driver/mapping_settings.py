"""The settings of a mapping of a stream, whoever sends them: in the types the driver reads, and within AWS's limits.

The SDKs send numbers as numbers; a CloudFormation template may have them, and true and false, as text.
"""

from __future__ import annotations

import math
from typing import Any

from streamctl.emulator.driver.filters import Filter

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
LIMITS = {
    "BatchSize": (1, 10_000),
    "MaximumBatchingWindowInSeconds": (0, 300),
    "ParallelizationFactor": (1, 10),
    "MaximumRecordAgeInSeconds": (-1, 604_800),
    "MaximumRetryAttempts": (-1, 10_000),
    "TumblingWindowInSeconds": (0, 900),
}
SHORTEST_AGE_SECONDS = 60  # but for -1, which means no limit
SWITCHES = ("Enabled", "BisectBatchOnFunctionError")
DESTINATIONS = ("sqs", "sns", "s3")


def checked(data: dict[str, Any]) -> dict[str, Any]:
    """The same settings in their types. Raises ValueError with AWS's reason, or ours, against one of them."""
    given = {name: value for name, value in data.items() if value is not None}
    given |= {name: _number(name, given[name]) for name in LIMITS if name in given}
    given |= {name: _switch(name, given[name]) for name in SWITCHES if name in given}
    if "StartingPositionTimestamp" in given:
        given["StartingPositionTimestamp"] = _moment(given["StartingPositionTimestamp"])
    if "DestinationConfig" in given:
        given["DestinationConfig"] = _destination(given["DestinationConfig"])
    if given.get("TumblingWindowInSeconds"):
        raise ValueError("Tumbling windows are not emulated: leave TumblingWindowInSeconds out, or at 0.")
    if 0 <= given.get("MaximumRecordAgeInSeconds", -1) < SHORTEST_AGE_SECONDS:
        raise ValueError(f"MaximumRecordAgeInSeconds is -1, or at least {SHORTEST_AGE_SECONDS}.")
    try:
        Filter.of(given.get("FilterCriteria"))
    except ValueError as error:
        raise ValueError(f"Invalid filter pattern definition. {error}") from error
    return given


def _number(name: str, value: Any) -> int:
    least, most = LIMITS[name]
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is a whole number, not {value!r}.") from None
    if not least <= number <= most:
        raise ValueError(f"{name} lies between {least} and {most}, and {number} does not.")
    return number


def _switch(name: str, value: Any) -> bool:
    text = str(value).lower()
    if text not in {"true", "false"}:
        raise ValueError(f"{name} is true or false, not {value!r}.")
    return text == "true"


def _moment(value: Any) -> float:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = math.nan
    if not math.isfinite(seconds):
        raise ValueError(f"StartingPositionTimestamp is in seconds since 1970, not {value!r}.")
    return seconds


def _destination(value: dict[str, Any]) -> dict[str, Any]:
    """An empty one takes the destination away."""
    arn = (value.get("OnFailure") or {}).get("Destination")
    if not arn:
        return {"OnFailure": {}}
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[2] not in DESTINATIONS:
        raise ValueError(f"The destination {arn} is neither a queue, a topic nor a bucket.")
    return {"OnFailure": {"Destination": arn}}

"""An event source mapping as the driver needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from streamctl.emulator.driver.delivery import Policy
from streamctl.emulator.driver.filters import Filter

STARTS_AFTER = "StartsAfter"
CREATED_AT = "CreatedAt"
"""Both are kept in MiniStack's record beside AWS's own fields; the SDKs leave out what they do not know."""


@dataclass(frozen=True)
class Mapping:
    """`starting_at` is epoch seconds, `starting_after` a sequence number in a table's stream; without either it starts
    with the oldest record there is. Compares by value: unequal means changed.
    """

    uuid: str
    account: str
    region: str
    stream_arn: str
    function_arn: str
    role_arn: str
    starting_at: float | None
    starting_after: str | None
    batch_size: int
    window_seconds: float
    lanes: int
    policy: Policy
    filter: Filter
    destination_arn: str | None

    @property
    def reads_a_table(self) -> bool:
        return reads_a_table(self.stream_arn)


def reads_a_stream(arn: str) -> bool:
    """A mapping of this source is ours to run."""
    return ":kinesis:" in arn or reads_a_table(arn)


def reads_a_table(arn: str) -> bool:
    """The source is the stream of a table."""
    return ":dynamodb:" in arn


def from_record(
    account: str, region: str, record: dict[str, Any], role_arn: str, retention_seconds: float = float("inf")
) -> Mapping:
    """From the record MiniStack keeps of a mapping, which has the fields of Lambda's API.

    The stream's retention bounds how long a record is retried. Raises ValueError, KeyError or TypeError for a record
    that makes no mapping.
    """
    age = record.get("MaximumRecordAgeInSeconds", -1)
    return Mapping(
        uuid=record["UUID"],
        account=account,
        region=region,
        stream_arn=record["EventSourceArn"],
        function_arn=record["FunctionArn"],
        role_arn=role_arn,
        starting_at=_starting_at(record),
        starting_after=record.get(STARTS_AFTER),
        batch_size=record["BatchSize"],
        window_seconds=record["MaximumBatchingWindowInSeconds"],
        lanes=record.get("ParallelizationFactor", 1),
        policy=Policy(
            bisect=bool(record.get("BisectBatchOnFunctionError")),
            partial="ReportBatchItemFailures" in (record.get("FunctionResponseTypes") or []),
            maximum_retries=record.get("MaximumRetryAttempts", -1),
            maximum_age_seconds=min(float("inf") if age == -1 else float(age), retention_seconds),
        ),
        filter=Filter.of(record.get("FilterCriteria")),
        destination_arn=((record.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination") or None,
    )


def _starting_at(record: dict[str, Any]) -> float | None:
    """LATEST means the moment the mapping was made, for every shard: so a restart cannot move it."""
    if record["StartingPosition"] == "TRIM_HORIZON":
        return None
    if record["StartingPosition"] == "AT_TIMESTAMP":
        return float(record["StartingPositionTimestamp"])
    return float(record.get(CREATED_AT, record["LastModified"]))

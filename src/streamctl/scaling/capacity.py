"""What a stream can take, and what it had to take lately. Only reads.

A shard takes 1,000 records and 1 MiB a second. CloudWatch tells what a stream took as a whole: how that was spread over
its shards only the metrics of each shard would tell, which cost money; here the keys are taken to spread evenly.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Any

from streamctl.aws.failures import explained
from streamctl.cost.flow import SHARD_BYTES_PER_SECOND, SHARD_RECORDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from streamctl.aws import Aws

LATELY = timedelta(minutes=15)
PERIOD_SECONDS = 60
BUSY_PERCENT = 80
"""Up to where a shard is used as it should be: keys never spread quite evenly, and load comes in bursts."""
READING: Mapping[str, tuple[str, ...]] = {
    "stream": ("kinesis:DescribeStreamSummary",),
    "*": ("cloudwatch:GetMetricStatistics",),
}
"""The permissions that a look at the capacity needs."""


@dataclass(frozen=True)
class Shards:
    """A stream's shards now. `status` is AWS's own word: UPDATING while they are split or merged."""

    open: int
    status: str
    mode: str
    retention_hours: int

    @property
    def is_settled(self) -> bool:
        return self.status == "ACTIVE"


@dataclass(frozen=True)
class Load:
    """What came in within a stretch of time: in the busiest minute of it, and on average, per second."""

    seconds: int
    busiest_records: float
    busiest_bytes: float
    mean_records: float
    mean_bytes: float
    refused: int
    """Records that the stream throttled; a producer sends them again."""

    @property
    def shards_filled(self) -> float:
        """How many shards the busiest minute would have filled to the brim."""
        return max(self.busiest_records / SHARD_RECORDS_PER_SECOND, self.busiest_bytes / SHARD_BYTES_PER_SECOND)

    def shards_needed(self, busy_percent: int = BUSY_PERCENT) -> int:
        """How many it needs, so that none is busier than that."""
        return max(1, ceil(self.shards_filled * 100 / busy_percent - 1e-9))


def shards(aws: Aws, stream: str) -> Shards:
    """Look at the shards. Raises what the SDK raises."""
    found = aws.client("kinesis").describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    return Shards(
        open=found["OpenShardCount"],
        status=found["StreamStatus"],
        mode=found.get("StreamModeDetails", {}).get("StreamMode", "PROVISIONED").lower(),
        retention_hours=found["RetentionPeriodHours"],
    )


def load(aws: Aws, stream: str, now: datetime) -> Load | None:
    """What came in lately; None where CloudWatch has nothing to tell. Raises AwsError."""
    with explained(f"read the metrics of the stream {stream}"):
        records = _minutes(aws, stream, "IncomingRecords", now)
        sizes = _minutes(aws, stream, "IncomingBytes", now)
        refused = _minutes(aws, stream, "WriteProvisionedThroughputExceeded", now)
    if not records:
        return None
    seconds = int(LATELY.total_seconds())
    return Load(
        seconds=seconds,
        busiest_records=max(records) / PERIOD_SECONDS,
        busiest_bytes=max(sizes, default=0) / PERIOD_SECONDS,
        mean_records=sum(records) / seconds,
        mean_bytes=sum(sizes) / seconds,
        refused=round(sum(refused)),
    )


def _minutes(aws: Aws, stream: str, metric: str, now: datetime) -> list[float]:
    """The sum of each minute that has any."""
    answer: Any = aws.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Kinesis",
        MetricName=metric,
        Dimensions=[{"Name": "StreamName", "Value": stream}],
        StartTime=now - LATELY,
        EndTime=now,
        Period=PERIOD_SECONDS,
        Statistics=["Sum"],
    )
    return [point["Sum"] for point in answer["Datapoints"]]

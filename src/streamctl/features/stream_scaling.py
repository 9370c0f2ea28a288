"""`streamctl scale` alone decides how many shards there are: `up` leaves them, and `verify` says if they are enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from streamctl.pipeline.builder import Series
from streamctl.pipeline.checks import Check
from streamctl.plugins import FeatureSettings
from streamctl.scaling.capacity import BUSY_PERCENT, READING, load, shards

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamctl.pipeline.builder import Pipeline
    from streamctl.pipeline.checks import Situation
    from streamctl.scaling.capacity import Load

NAME = "stream capacity"


class StreamScalingSettings(FeatureSettings):
    busy_percent: int = Field(
        BUSY_PERCENT,
        ge=10,
        le=100,
        description="How busy a shard may be in the busiest minute, 10 to 100 percent of what it takes (1 MiB and "
        "1,000 records a second): beyond it the stream is too small.",
    )


class StreamScaling:
    """Leaves the number of shards to `streamctl scale`; `[stream] shards` is what a new stream begins with."""

    settings = StreamScalingSettings
    default = False

    def apply(self, pipeline: Pipeline, settings: StreamScalingSettings) -> None:
        name = pipeline.names.stream
        dimensions = {"StreamName": name}
        pipeline.change("stream", scaled_elsewhere=True)
        pipeline.series += [
            Series("Records throttled by PutRecords", "AWS/Kinesis", "PutRecords.ThrottledRecords", dimensions, "Sum"),
            Series("Reads throttled (stream)", "AWS/Kinesis", "ReadProvisionedThroughputExceeded", dimensions, "Sum"),
            Series(
                "Age of what was read last",
                "AWS/Kinesis",
                "GetRecords.IteratorAgeMilliseconds",
                dimensions,
                "Maximum",
                "ms",
            ),
        ]

        def look(situation: Situation) -> Iterator[Check]:
            yield capacity(situation, name, settings.busy_percent)

        pipeline.check(look, READING)


def capacity(situation: Situation, stream: str, busy_percent: int) -> Check:
    """Whether the open shards are enough for what came in lately. Raises AwsError."""
    from streamctl.aws.failures import explained

    with explained(f"look at the shards of {stream}"):
        now = shards(situation.aws, stream)
    if now.mode != "provisioned":
        return Check(NAME, True, f"On demand: AWS scales it, and has {now.open} shards open now.")
    if not now.is_settled:
        return Check(NAME, None, f"The stream is {now.status}: {now.open} shards are open by now.")
    lately = load(situation.aws, stream, now=situation.now)
    if lately is None:
        return Check(NAME, None, f"{now.open} shards; CloudWatch shows no record that came in lately.")
    return _verdict(now.open, lately, busy_percent)


def _verdict(open_shards: int, lately: Load, busy_percent: int) -> Check:
    needed = lately.shards_needed(busy_percent)
    used = 100 * lately.shards_filled / open_shards
    detail = (
        f"{open_shards} shards; in the busiest minute of {lately.seconds // 60} {lately.busiest_records:,.0f} records "
        f"and {lately.busiest_bytes / 1024:,.0f} KiB a second came in, {used:.0f} % of what they take."
    )
    if lately.refused:
        detail += f" {lately.refused:,} records were refused and had to be sent again."
    if needed <= open_shards:
        return Check(NAME, True, detail)
    return Check(NAME, False, f"{detail} At {busy_percent} % it needs {needed}.", f"streamctl scale --shards {needed}")

"""A stream that takes its time, as AWS's do: it has a clock of its own, and refuses what AWS refuses."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

STALE_SECONDS = 2.0
"""How long looks still tell what was before."""
DAILY = 10


def refused(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "UpdateShardCount")


class SlowStream:
    """An `Aws` and its Kinesis in one, with `open` shards; splitting and merging takes `step_seconds`.

    `faults`: what the next calls of an operation raise, before (or, for `lost`, after) they take effect.
    """

    def __init__(self, shards: int, *, mode: str = "PROVISIONED", step_seconds: float = 30) -> None:
        self.now = 0.0
        self.history = [(float("-inf"), shards)]
        self.mode = mode
        self.step_seconds = step_seconds
        self.busy_until = 0.0
        self.asked: list[int] = []
        self.faults: dict[str, list[Exception]] = {}
        self.lost = False
        self.idle = False
        """It takes what it is asked for, and does nothing."""

    # as Aws
    def client(self, service: str) -> Any:
        assert service == "kinesis"
        return self

    once = client

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    # as Kinesis
    def describe_stream_summary(self, StreamName: str) -> dict[str, Any]:
        self._fail("look")
        seen_at = self.now - STALE_SECONDS
        busy = self.asked_at <= seen_at and self.busy_until > self.now  # the number of shards is told last
        found = {
            "StreamName": StreamName,
            "StreamStatus": "UPDATING" if busy else "ACTIVE",
            "StreamModeDetails": {"StreamMode": self.mode},
            "OpenShardCount": [count for at, count in self.history if at <= seen_at][-1],
            "RetentionPeriodHours": 24,
        }
        return {"StreamDescriptionSummary": found}

    def update_shard_count(self, StreamName: str, TargetShardCount: int, ScalingType: str) -> None:
        assert ScalingType == "UNIFORM_SCALING"
        self._fail("ask")
        current = self.history[-1][1]
        if self.busy_until > self.now:
            raise refused("ResourceInUseException", "The stream is being updated.")
        if len(self.asked) == DAILY:
            raise refused("LimitExceededException", "Rate exceeded for stream events under account 123456789012.")
        assert current / 2 <= TargetShardCount <= current * 2, "AWS refuses that"
        assert TargetShardCount != current, "AWS refuses that"
        self.asked.append(TargetShardCount)
        if not self.idle:
            self.begin(TargetShardCount)
        if self.lost:
            self.lost = False
            raise ReadTimeoutError(endpoint_url="https://kinesis")

    def begin(self, target: int) -> None:
        """A scaling, whoever asked for it."""
        self.asked_at = self.now
        self.busy_until = self.now + self.step_seconds
        self.history.append((self.busy_until, target))

    asked_at = float("-inf")

    def _fail(self, operation: str) -> None:
        if left := self.faults.get(operation):
            raise left.pop(0)

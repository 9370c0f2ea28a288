"""One record as Lambda delivers it from Kinesis."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Record:
    stream: str
    shard_id: str
    sequence_number: str
    partition_key: str
    arrived_at_ms: int
    payload: bytes

    @classmethod
    def from_lambda(cls, delivered: Mapping[str, Any]) -> Record:
        """Read one entry of the `Records` that Lambda hands in."""
        kinesis = delivered["kinesis"]
        return cls(
            stream=delivered["eventSourceARN"].rpartition("/")[2],
            shard_id=delivered["eventID"].partition(":")[0],
            sequence_number=kinesis["sequenceNumber"],
            partition_key=kinesis["partitionKey"],
            arrived_at_ms=round(kinesis["approximateArrivalTimestamp"] * 1000),
            payload=base64.b64decode(kinesis["data"]),
        )

    @property
    def place(self) -> str:
        """Where it stands in the stream: the id of an event that brings none."""
        return f"{self.shard_id}:{self.sequence_number}"

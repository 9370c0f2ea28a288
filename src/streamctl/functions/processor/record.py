"""One record as Lambda delivers it from Kinesis, or one of those in a KPL aggregate."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, NamedTuple

from .aggregates import DamagedError, is_aggregate, taken_apart

if TYPE_CHECKING:
    from collections.abc import Mapping


class Record(NamedTuple):
    stream: str
    shard_id: str
    sequence_number: str
    partition_key: str
    arrived_at_ms: int
    payload: bytes
    sub: int | None = None
    """Its place within an aggregate, from 0; None for a record that stands alone."""

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
        within = "" if self.sub is None else f":{self.sub}"
        return f"{self.shard_id}:{self.sequence_number}{within}"

    def expanded(self) -> list[Record]:
        """The records in an aggregate; of anything else, a damaged or empty aggregate too, the record itself."""
        if not is_aggregate(self.payload):
            return [self]
        try:
            apart = taken_apart(self.payload)
        except DamagedError:
            return [self]
        inside = [
            self._replace(partition_key=key, payload=payload, sub=sub) for sub, (key, payload) in enumerate(apart)
        ]
        return inside or [self]

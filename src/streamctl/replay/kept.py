"""One message about what failed: a record that the processor set aside, or a batch that Lambda gave up on."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from streamctl.functions.processor.record import Record
from streamctl.ledger import hash_of_sha256
from streamctl.verify import dead_letters
from streamctl.verify.dead_letters import DeadLetter

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Rejected:
    """One record that the processor set aside, as its message tells."""

    reason: str
    detail: str
    sha256: str
    size: int
    event_id: str | None
    record: Record
    """Its payload is empty unless `is_whole`."""
    is_whole: bool
    """The message holds the payload in full: that of a short record of text does."""


@dataclass(frozen=True, eq=False)
class Kept:
    """One message, and the handle to remove it by."""

    shelf: str
    """Where it lies: the name of the queue or bucket."""
    handle: str
    content: Rejected | DeadLetter | None
    """None where it is something else, which is left alone."""
    records: tuple[Record, ...] | None = None
    """A batch's records where the message brings them, as Lambda's to a bucket do."""

    @property
    def reason(self) -> str:
        """The processor's code, or Lambda's condition."""
        if isinstance(self.content, Rejected):
            return self.content.reason
        return self.content.condition if self.content else "unknown"

    @property
    def place(self) -> str:
        """The record's place in the stream, or the batch's."""
        if isinstance(self.content, Rejected):
            return self.content.record.place
        if self.content is None:
            return self.handle
        letter = self.content
        first, last = letter.first_sequence_number, letter.last_sequence_number
        return f"{letter.shard_id}:{first}" if first == last else f"{letter.shard_id}:{first} to {last}"

    @property
    def count(self) -> int:
        """How many records it is about."""
        return self.content.records if isinstance(self.content, DeadLetter) else int(self.content is not None)

    @property
    def arrived_at(self) -> datetime | None:
        """When its first record came into the stream."""
        if isinstance(self.content, Rejected):
            return datetime.fromtimestamp(self.content.record.arrived_at_ms / 1000, UTC)
        return self.content.first_arrived_at if self.content else None


def parse(shelf: str, handle: str, body: str) -> Kept:
    """Read one message."""
    letter = dead_letters.parse(body)
    if letter is None:
        return Kept(shelf, handle, _rejected(body))
    return Kept(shelf, handle, letter, dead_letters.records(body))


def _rejected(body: str) -> Rejected | None:
    try:
        message: Mapping[str, Any] = json.loads(body)
        # Where fields are redacted, a message shows neither the payload nor the partition key.
        hash_of_sha256(message["sha256"])
        start, digest = str(message["payloadStart"] or "").encode("utf-8", "replace"), str(message["sha256"])
        is_whole = message["payloadStart"] is not None and hashlib.sha256(start).hexdigest() == digest
        return Rejected(
            reason=str(message["reason"]),
            detail=str(message["detail"]),
            sha256=digest,
            size=int(message["size"]),
            event_id=message["eventId"],
            record=Record(
                stream=str(message["stream"]),
                shard_id=str(message["shardId"]),
                sequence_number=dead_letters.digits(message["sequenceNumber"]),
                partition_key=str(message["partitionKey"] or ""),
                arrived_at_ms=int(message["arrivedAtMs"]),
                payload=start if is_whole else b"",
                sub=None if (sub := message.get("subSequenceNumber")) is None else int(sub),
            ),
            is_whole=is_whole,
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None

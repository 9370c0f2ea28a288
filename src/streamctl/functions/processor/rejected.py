"""The way aside: one message per record that can never be stored, with its reason and where to find it again."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from typing import TYPE_CHECKING, Protocol

from ..aws.errors import CallError
from ..aws.retrying import Retry, calls
from .outcomes import Failure, Rejection

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Executor

    from ..aws.service import Service
    from .record import Record

MESSAGES_PER_CALL = 10
CALL_BYTES = 256 * 1024
# A character takes at most 4 bytes of the payload and 12 of the message, so any one message stays far below the limit.
PAYLOAD_START_CHARACTERS = 1000
LONGEST_EVENT_ID_CHARACTERS = 2048
LONGEST_DETAIL_CHARACTERS = 1000

Message = tuple[int, str]
"""The record's position in the batch, and the body."""


class Rejected(Protocol):
    """Where records go that can never be stored."""

    def send(self, rejections: Mapping[int, tuple[Record, Rejection]], retry: Retry) -> dict[int, Failure]: ...


class RejectedQueue:
    """Sends messages to a queue of `sqs`; calls run side by side in `pool`.

    Without `shows_payload` a message has neither the payload's start nor the partition key, which may be any field of
    the event: where a payload cannot be read, nobody can tell what in it is to be redacted.
    """

    def __init__(self, sqs: Service, url: str, pool: Executor, *, shows_payload: bool = True) -> None:
        self._sqs = sqs
        self._url = url
        self._pool = pool
        self._shows_payload = shows_payload

    def send(self, rejections: Mapping[int, tuple[Record, Rejection]], retry: Retry) -> dict[int, Failure]:
        """Set records aside, by their position in the batch: the positions that could not be, and why."""
        messages = (
            (position, message_body(*rejection, shows_payload=self._shows_payload))
            for position, rejection in rejections.items()
        )
        batches = calls(messages, lambda message: len(message[1]), most=MESSAGES_PER_CALL, most_bytes=CALL_BYTES)
        unsent: dict[int, Failure] = {}
        for left in self._pool.map(partial(self._send_batch, retry=retry), batches):
            unsent |= left
        return unsent

    def _send_batch(self, batch: list[Message], retry: Retry) -> dict[int, Failure]:
        unsent: dict[int, Failure] = {}
        try:
            left, why = retry.until_accepted(partial(self._send, unsent=unsent), batch)
        except CallError as error:
            return {position: Failure(error.code) for position, _ in batch}
        return unsent | {position: Failure(why) for position, _ in left}

    def _send(self, batch: list[Message], unsent: dict[int, Failure]) -> list[Message]:
        """Send once: what is worth sending again. What SQS says is our own fault is not, and goes to `unsent`."""
        entries = [{"Id": str(position), "MessageBody": body} for position, body in batch]
        body = json.dumps({"QueueUrl": self._url, "Entries": entries}).encode()
        failed = self._sqs.post("SendMessageBatch", body).get("Failed") or []
        unsent |= {int(entry["Id"]): Failure(entry["Code"]) for entry in failed if entry["SenderFault"]}
        again = {int(entry["Id"]) for entry in failed if not entry["SenderFault"]}
        return [message for message in batch if message[0] in again]


def message_body(record: Record, rejection: Rejection, *, shows_payload: bool = True) -> str:
    """The message about one record: JSON in ASCII, which SQS takes whatever the payload was."""
    start = record.payload[: 4 * PAYLOAD_START_CHARACTERS].decode("utf-8", "backslashreplace")
    event_id = rejection.event_id
    return json.dumps(
        {
            "reason": rejection.reason,
            "detail": rejection.detail[:LONGEST_DETAIL_CHARACTERS],
            "stream": record.stream,
            "shardId": record.shard_id,
            "sequenceNumber": record.sequence_number,
            "subSequenceNumber": record.sub,
            "partitionKey": record.partition_key if shows_payload else None,
            "arrivedAtMs": record.arrived_at_ms,
            "sha256": hashlib.sha256(record.payload).hexdigest(),
            "size": len(record.payload),
            "payloadStart": start[:PAYLOAD_START_CHARACTERS] if shows_payload else None,
            "eventId": None if event_id is None else event_id[:LONGEST_EVENT_ID_CHARACTERS],
        }
    )

"""An event that is not in the table, looked for where records end instead. Nothing is taken out of anywhere."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from streamctl.aws import failures
from streamctl.functions.processor.decode import decode
from streamctl.functions.processor.item import event_id as id_of
from streamctl.functions.processor.outcomes import RejectedError
from streamctl.ledger import hash_of_sha256, payload_hash
from streamctl.tracing.way import Outcome, Step
from streamctl.verify import bucket, dead_letters, queues, stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streamctl.aws import Aws
    from streamctl.functions.processor.record import Record
    from streamctl.verify.dead_letters import DeadLetter
    from streamctl.verify.search import Places

LISTEN_SECONDS = 1
"""How long an empty queue is listened to before it is believed."""


@dataclass(frozen=True)
class Wanted:
    """The event that is looked for: by its id, and by its payloads as far as a ledger knows them."""

    event_id: str
    payload_hashes: frozenset[int]

    def is_told_by(self, message: Any) -> bool:
        """A message of the processor is about it."""
        place = f"{message['shardId']}:{message['sequenceNumber']}"
        if message.get("subSequenceNumber") is not None:
            place += f":{message['subSequenceNumber']}"
        return (
            self.event_id in (message.get("eventId"), place) or hash_of_sha256(message["sha256"]) in self.payload_hashes
        )

    def is_in(self, record: Record) -> bool:
        return payload_hash(record.payload) in self.payload_hashes or self.event_id == _own_id(record)


def look(aws: Aws, places: Places, wanted: Wanted) -> tuple[Outcome, list[Step]] | None:
    """Where the event ended, and the steps to there. None where it is in neither queue nor bucket. Raises AwsError."""
    if steps := next(_rejected(aws, places.rejected_queue_url, wanted), None):
        return Outcome.SET_ASIDE, steps
    if steps := next(_given_up(aws, places, wanted), None):
        return Outcome.GIVEN_UP, steps
    return None


def _rejected(aws: Aws, url: str | None, wanted: Wanted) -> Iterator[list[Step]]:
    for body in _bodies(aws, url):
        try:
            message = json.loads(body)
            if not wanted.is_told_by(message):
                continue
            facts = {name: message.get(name) for name in ("reason", "detail", "sha256", "size", "payloadStart")}
            arrived = _arrived(
                message["shardId"],
                message["sequenceNumber"],
                datetime.fromtimestamp(message["arrivedAtMs"] / 1000, UTC),
            )
            yield [arrived, Step("set aside", None, f"{message['reason']}: {message['detail']}", facts)]
        except (ValueError, LookupError, TypeError, AttributeError):
            continue  # not one of the processor's


def _given_up(aws: Aws, places: Places, wanted: Wanted) -> Iterator[list[Step]]:
    kinesis = aws.client("kinesis")
    for body in _bodies(aws, places.failures_queue_url):
        if letter := dead_letters.parse(body):
            with failures.explained("read again what Lambda gave up on"):
                found = _among(
                    stream.between(
                        kinesis,
                        letter.stream,
                        letter.shard_id,
                        letter.first_sequence_number,
                        letter.last_sequence_number,
                    ),
                    wanted,
                )
                kept = letter.describe(stream.retention(kinesis, letter.stream)) if found else ""
            if found:
                yield _steps(found, letter, kept)
    for body in _objects(aws, places.failures_bucket):
        letter, records = dead_letters.parse(body), dead_letters.records(body) or ()
        if letter and (found := _among(records, wanted)):
            yield _steps(found, letter, f"{letter.where()}, kept in the bucket {places.failures_bucket}")


def _steps(record: Record, letter: DeadLetter, words: str) -> list[Step]:
    arrived_at = datetime.fromtimestamp(record.arrived_at_ms / 1000, UTC)
    gone = Step("given up", None, words, {"condition": letter.condition, "records": letter.records})
    return [_arrived(record.shard_id, record.sequence_number, arrived_at), gone]


def _arrived(shard: str, sequence: str, at: datetime) -> Step:
    facts = {"shard_id": shard, "sequence_number": sequence}
    return Step("arrived", at, f"{shard}, sequence number {sequence}", facts)


def _among(records: Iterable[Record], wanted: Wanted) -> Record | None:
    inside = (event for record in records for event in record.expanded())
    return next((event for event in inside if wanted.is_in(event)), None)


def _own_id(record: Record) -> str | None:
    """The id that the record's item would have."""
    try:
        return id_of(decode(record.payload)[1], record)
    except (RejectedError, RecursionError):
        return record.place


def _bodies(aws: Aws, url: str | None) -> Iterator[str]:
    if url:
        with failures.explained(f"look into the queue {url.rpartition('/')[2]}"):
            yield from queues.QueueLook(aws.client("sqs"), url).bodies(wait_seconds=LISTEN_SECONDS)


def _objects(aws: Aws, name: str | None) -> Iterator[str]:
    if name:
        with failures.explained(f"look into the bucket {name}"):
            yield from (text for _, text in bucket.objects(aws.client("s3"), name))

"""A replay from end to end: take what failed in hand, read it again, send it, wait for it, and only then let go."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from streamctl import ledger
from streamctl.aws import failures
from streamctl.ledger import Outcome
from streamctl.origins import REPLAYS
from streamctl.replay.arrivals import Arrivals
from streamctl.replay.copies import needless
from streamctl.replay.kept import Rejected
from streamctl.replay.pieces import SETTLED, Fate, Piece, Pieces
from streamctl.replay.shelves import HIDDEN_SECONDS, RECOUNT_SECONDS, groups, in_hand
from streamctl.replay.source import ReplayedEvents, Sieve
from streamctl.traffic.pacing import AsItComes
from streamctl.traffic.producer import Producer
from streamctl.verify import bucket, queues, stream

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

    from streamctl.aws import Aws
    from streamctl.functions.processor.record import Record
    from streamctl.replay.content import Content
    from streamctl.replay.kept import Kept
    from streamctl.replay.repair import Repair
    from streamctl.replay.shelves import Shelf

PATIENCE_SECONDS = HIDDEN_SECONDS + 10
"""What a killed replay held comes up again within this time."""
RECORDS_AT_A_TIME = 100

PERMISSIONS = {
    "stream": (*stream.ACTIONS, "kinesis:ListShards", "kinesis:PutRecords"),
    "rejected": (*queues.ACTIONS, "sqs:DeleteMessage"),
    "failures": (*queues.ACTIONS, "sqs:DeleteMessage"),
    "failures_bucket": (*bucket.ACTIONS, "s3:DeleteObject", "s3:DeleteObjectVersion"),
    "table": ("dynamodb:Query",),
}


@dataclass(frozen=True)
class Listed:
    """One message, and until when its records can be had."""

    kept: Kept
    kept_until: datetime | None
    """When the stream lets go of the first; None where the message holds them, or nobody knows."""
    is_expired: bool


@dataclass(frozen=True)
class Shown:
    """A bad record in full; `event` is what would be sent for it, None where that is nothing."""

    piece: Piece
    record: Record
    event: Content | None


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """How a replay ended."""

    run_id: str | None
    """None where there was nothing to send."""
    messages: int
    removed: int
    """Messages that are not needed any more, and gone."""
    not_taken: int
    """Messages that another reader had in hand."""
    foreign: int
    """Messages that are neither the processor's nor Lambda's: left alone."""
    pieces: tuple[Piece, ...]
    interrupted: bool

    @property
    def counts(self) -> Counter[Fate]:
        """Records by their fate."""
        counts: Counter[Fate] = Counter()
        for piece in self.pieces:
            counts[piece.fate] += piece.records
        return Counter({fate: counts[fate] for fate in Fate if counts[fate]})

    @property
    def is_settled(self) -> bool:
        """Nothing stays set aside or given up."""
        return not self.not_taken and all(piece.fate in SETTLED for piece in self.pieces)


@dataclass(frozen=True, kw_only=True)
class Replay:
    """What failed in one pipeline. Raises AwsError throughout."""

    aws: Aws
    pipeline: str
    stream: str
    table: str
    folder: Path
    """The pipeline's on this machine."""
    shelves: Sequence[Shelf]
    observe: Callable[[int], None] = field(default=lambda in_flight: None)  # noqa: ARG005  nobody watches
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def listed(self) -> list[Listed]:
        """Every message, oldest first."""
        with in_hand(self.shelves):
            messages = self._taken(RECOUNT_SECONDS)
        retention = cache(lambda name: stream.retention(self.aws.client("kinesis"), name))
        now = self.now()

        def listed(kept: Kept) -> Listed:
            content, arrived_at = kept.content, kept.arrived_at
            if content is None or kept.records is not None or arrived_at is None:
                return Listed(kept, None, is_expired=False)
            if isinstance(content, Rejected) and content.is_whole:
                return Listed(kept, None, is_expired=False)
            name = content.record.stream if isinstance(content, Rejected) else content.stream
            length = retention(name)
            until = arrived_at + length if length else arrived_at
            return Listed(kept, until, is_expired=until < now)

        with failures.explained("ask how long the stream keeps its records"):
            found = [listed(kept) for kept in messages]
        return sorted(found, key=lambda each: each.kept.arrived_at or now)

    def shown(self, repair: Repair | None = None) -> tuple[list[Shown], list[Piece]]:
        """The bad records, with what would be sent for each; and all pieces, the stored and the expired included."""
        sieve = Sieve(self.aws, self.table, repair)
        found = []
        with in_hand(self.shelves):
            pieces = Pieces(self.aws.client("kinesis"))
            for chunk in groups(self._read(pieces, self._taken()), RECORDS_AT_A_TIME):
                for piece, record, event in sieve.bad(chunk):
                    repaired = sieve.repaired(piece, record) if repair else (piece, record, event)
                    found.append(Shown(piece, record, repaired[2] if repaired else None))
        return found, list(pieces)

    def send(self, repair: Repair | None, timeout_seconds: float) -> Replayed:
        """Send what is not stored, wait so long for it, and remove the messages nobody needs any more.

        What cannot be settled stays where it is. Ctrl-C ends it early, and nothing is lost by a kill: the messages
        come up again, and what was stored meanwhile is not sent again.
        """
        with in_hand(self.shelves):
            messages = self._without_copies(self._taken())
            pieces = Pieces(self.aws.client("kinesis"))
            run_id, interrupted, removed = None, False, 0
            try:
                run_id, interrupted = self._send(pieces, messages, repair, timeout_seconds)
            finally:
                removed = self._remove_done(messages, pieces)
        return Replayed(
            run_id=run_id,
            messages=len(messages),
            removed=removed,
            not_taken=sum(shelf.not_taken for shelf in self.shelves),
            foreign=sum(1 for each in messages if each.content is None),
            pieces=tuple(piece for piece in pieces if not piece.twin),
            interrupted=interrupted,
        )

    def _taken(self, patience_seconds: float = PATIENCE_SECONDS) -> list[Kept]:
        found: list[Kept] = []
        for shelf in self.shelves:
            with failures.explained(f"look at what failed in {shelf.name}"):
                found += shelf.take(patience_seconds)
        return found

    def _without_copies(self, messages: list[Kept]) -> list[Kept]:
        dropped = set(needless(messages, self.folder / REPLAYS))
        self._remove(dropped)
        return [each for each in messages if each not in dropped]

    def _read(self, pieces: Pieces, messages: Sequence[Kept]) -> Iterator[tuple[Piece, Record]]:
        with failures.explained("read again what failed"):
            yield from pieces.read(messages)

    def _send(
        self, pieces: Pieces, messages: Sequence[Kept], repair: Repair | None, timeout_seconds: float
    ) -> tuple[str | None, bool]:
        if not any(each.content for each in messages):
            return None, False
        folder = self.folder / REPLAYS
        source = ReplayedEvents(self._read(pieces, messages), Sieve(self.aws, self.table, repair), folder)
        producer = Producer(
            aws=self.aws,
            pipeline=self.pipeline,
            stream=self.stream,
            folder=folder,
            keep_unsent=False,
            now=self.now,
            clock=self.clock,
            sleep=self.sleep,
        )
        produced = producer.run(source, AsItComes())
        run = ledger.load(folder, produced.run.run_id)
        for piece, outcome in zip(source.pieces, run.read().outcomes, strict=False):
            piece.fate = Fate.UNSENT if outcome == Outcome.UNSENT else Fate.IN_FLIGHT
        reasons = ", ".join(produced.progress.reasons)
        for piece in source.pieces:
            if piece.fate is Fate.UNSENT:
                piece.detail = reasons
        if not source.pieces:
            return None, produced.interrupted
        if produced.interrupted:
            return run.run_id, True
        since_ms = int(run.info.arrivals_from.timestamp() * 1000)
        try:
            Arrivals(self.aws, self.table, self.shelves, since_ms).wait(
                source.pieces, timeout_seconds, self.observe, self.clock, self.sleep
            )
        except KeyboardInterrupt:
            return run.run_id, True
        return run.run_id, False

    def _remove_done(self, messages: Sequence[Kept], pieces: Pieces) -> int:
        about: defaultdict[Kept, list[Piece]] = defaultdict(list)
        for piece in pieces:
            for kept in piece.kept:
                about[kept].append(piece)
        done = [kept for kept in messages if kept in pieces.whole and _is_done(about[kept])]
        self._remove(done)
        return len(done)

    def _remove(self, messages: Collection[Kept]) -> None:
        for shelf in self.shelves:
            with failures.explained(f"remove what is settled from {shelf.name}"):
                shelf.remove(kept for kept in messages if kept.shelf == shelf.name)


def _is_done(pieces: Collection[Piece]) -> bool:
    """Everything that a message is about is settled; of a message about nothing nobody knows."""
    return bool(pieces) and all(piece.is_done for piece in pieces)

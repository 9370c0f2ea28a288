"""The events of a replay, as the producer wants them: records read again, without those stored already, repaired."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from streamctl import origins
from streamctl.replay.content import Content, content
from streamctl.replay.pieces import Fate, Piece
from streamctl.replay.repair import RepairError
from streamctl.replay.stored import Wanted, are_stored
from streamctl.traffic.events import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from streamctl.aws import Aws
    from streamctl.functions.processor.record import Record
    from streamctl.replay.repair import Repair

Ready = tuple[Piece, "Record", Content]
"""A record, and the event that is to be sent for it."""


@dataclass(frozen=True)
class Sieve:
    """Lets through what is not in the table, and mends it with `repair` if there is one."""

    aws: Aws
    table: str
    repair: Repair | None = None

    def bad(self, records: Iterable[tuple[Piece, Record]]) -> Iterator[Ready]:
        """What is not stored as it was; the other pieces are marked as stored."""
        return self._not_stored([(piece, record, content(record.payload, record)) for piece, record in records])

    def ready(self, records: Iterable[tuple[Piece, Record]]) -> Iterator[Ready]:
        """What is to be sent; the other pieces have their fate afterwards. Raises AwsError."""
        bad = self.bad(records)
        if self.repair is None:
            return bad
        repaired = [self.repaired(piece, record) for piece, record, _ in bad]
        return self._not_stored([entry for entry in repaired if entry])

    def repaired(self, piece: Piece, record: Record) -> Ready | None:
        """What the user's function makes of a record; None where it gives it up or fails, as the piece then says."""
        try:
            payload = self.repair(record.payload) if self.repair else record.payload
        except RepairError as error:
            piece.fate, piece.detail = Fate.NOT_REPAIRED, str(error)
            return None
        if payload is None:
            piece.fate = Fate.GIVEN_UP
            return None
        piece.is_repaired = payload != record.payload
        return piece, record, content(payload, record)

    def _not_stored(self, entries: Sequence[Ready]) -> Iterator[Ready]:
        wanted = [
            Wanted(event.event_id, frozenset({event.hash, piece.origin}), record.arrived_at_ms, record.arrived_at_ms)
            for piece, record, event in entries
        ]
        for entry, there in zip(entries, are_stored(self.aws, self.table, wanted), strict=True):
            piece, _, event = entry
            piece.event_id, piece.sent = event.event_id, event.hash
            if there:
                piece.fate = Fate.STORED_BEFORE
            else:
                yield entry


class ReplayedEvents:
    """A source for the producer. The n-th event it hands out is that of the n-th of `pieces`."""

    name = "replay"
    seed: int | None = None
    faults: Mapping[str, str] = {}

    def __init__(self, records: Iterable[tuple[Piece, Record]], sieve: Sieve, folder: Path) -> None:
        """`folder` holds the replays' ledgers."""
        self.pieces: list[Piece] = []
        self._known: dict[tuple[str, int], Piece] = {}
        self._records = iter(records)
        self._sieve = sieve
        self._folder = folder

    def take(self, run_id: str, count: int) -> list[Event]:
        while chunk := list(islice(self._records, count)):
            try:
                ready = list(self._sieve.ready(chunk))
                self._write_origins(run_id, chunk, ready)
            except BaseException:  # what is not written down is not done, however this ended
                for piece, _ in chunk:
                    piece.fate = Fate.OPEN if piece.fate is Fate.GIVEN_UP else piece.fate
                raise
            ready = [entry for entry in ready if not self._is_twin(entry[0])]
            if ready:
                self.pieces += [piece for piece, _, _ in ready]
                return [_event(record, event) for _, record, event in ready]
        return []

    def _is_twin(self, piece: Piece) -> bool:
        """The same event is handed out already: two messages tell of two records of it."""
        first = self._known.setdefault((piece.event_id, piece.sent), piece)
        piece.twin = None if first is piece else first
        return first is not piece

    def _write_origins(self, run_id: str, chunk: Iterable[tuple[Piece, Record]], ready: Iterable[Ready]) -> None:
        pairs = [(piece.origin, piece.sent) for piece, _, _ in ready if piece.is_altered]
        pairs += [(piece.origin, origins.GIVEN_UP) for piece, _ in chunk if piece.fate is Fate.GIVEN_UP]
        origins.append(self._folder / "runs" / run_id / origins.ORIGINS_FILE, pairs)


def _event(record: Record, event: Content) -> Event:
    return Event(event.event_id, event.event_type, record.partition_key, event.payload)

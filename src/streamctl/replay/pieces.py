"""The records that messages are about, each once, and what becomes of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from streamctl.ledger import hash_of_sha256, payload_hash
from streamctl.replay.kept import Kept, Rejected
from streamctl.verify import stream
from streamctl.verify.dead_letters import DeadLetter

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from streamctl.functions.processor.record import Record


class Fate(StrEnum):
    """What became of a record."""

    STORED = "stored"
    STORED_BEFORE = "stored before"
    GIVEN_UP = "given up on purpose"
    REJECTED_AGAIN = "set aside again"
    DEAD_LETTERED_AGAIN = "given up by Lambda again"
    IN_FLIGHT = "not there yet"
    UNSENT = "not sent"
    NOT_REPAIRED = "not repaired"
    EXPIRED = "expired"
    OPEN = "open"
    """Nothing was tried yet."""


SETTLED = frozenset({Fate.STORED, Fate.STORED_BEFORE, Fate.GIVEN_UP})
AGAIN = frozenset({Fate.REJECTED_AGAIN, Fate.DEAD_LETTERED_AGAIN})


@dataclass(eq=False, slots=True)
class Piece:
    """One record, or those of a batch that have expired."""

    place: str
    kept: list[Kept]
    """The messages about it: Lambda may have told of it twice."""
    origin: int = 0
    """`payload_hash` of what was set aside."""
    event_id: str = ""
    sent: int = 0
    """`payload_hash` of what was sent for it."""
    fate: Fate = Fate.OPEN
    detail: str = ""
    records: int = 1
    twin: Piece | None = None
    """The piece of the same event, which is sent for both."""

    is_repaired: bool = False
    """The user's function made something else of it."""

    @property
    def is_altered(self) -> bool:
        """Repaired, or given the id and the time that it had."""
        return self.sent != self.origin

    @property
    def is_done(self) -> bool:
        """No message is needed for it any more: it is settled, or a newer message stands for the same payload."""
        if self.twin:
            return self.twin.is_done
        return self.fate in SETTLED or (self.fate in AGAIN and not self.is_repaired)


@dataclass
class Pieces:
    """Every record of some messages, read again."""

    kinesis: Any
    by_place: dict[str, Piece] = field(default_factory=dict)
    whole: set[Kept] = field(default_factory=set)
    """Messages whose every record is among the pieces."""

    def __iter__(self) -> Iterator[Piece]:
        return iter(self.by_place.values())

    def read(self, kept: Iterable[Kept]) -> Iterator[tuple[Piece, Record]]:
        """Each record once, with its piece. What has expired is among the pieces afterwards and is not handed out.

        Raises what the SDK raises.
        """
        messages = [each for each in kept if each.content]
        yield from self._read_rejected([each for each in messages if isinstance(each.content, Rejected)])
        for each in messages:
            if not isinstance(each.content, Rejected):
                yield from self._read_batch(each)

    def _read_rejected(self, messages: list[Kept]) -> Iterator[tuple[Piece, Record]]:
        apart: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for each in messages:
            rejected = each.content
            assert isinstance(rejected, Rejected)  # noqa: S101  the caller has chosen them
            record = rejected.record
            self.whole.add(each)
            if piece := self._known(record.place, each):
                continue
            piece = self._add(record.place, each, hash_of_sha256(rejected.sha256))
            if rejected.is_whole:
                yield piece, record
            else:
                apart[record.stream, record.shard_id][record.place] = record.sequence_number
        for (name, shard_id), wanted in apart.items():
            for delivered in stream.single(self.kinesis, name, shard_id, wanted.values()):
                yield from self._found(delivered, wanted)
            for place in wanted:
                self.by_place[place].fate = Fate.EXPIRED

    def _found(self, delivered: Record, wanted: dict[str, str]) -> Iterator[tuple[Piece, Record]]:
        """What is wanted of a record in the stream: of an aggregate those events that messages are about.

        What is not what was set aside stays wanted: a stream that was made anew may count as the old one did.
        """
        if self._is(delivered, wanted) and delivered.expanded() != [delivered]:
            self._take_apart(delivered, wanted)
        for record in delivered.expanded():
            if self._is(record, wanted):
                del wanted[record.place]
                yield self.by_place[record.place], record

    def _is(self, record: Record, wanted: Container[str]) -> bool:
        return record.place in wanted and self.by_place[record.place].origin == payload_hash(record.payload)

    def _take_apart(self, aggregate: Record, wanted: dict[str, str]) -> None:
        """The message is of a processor that did not take aggregates apart: it is about every event inside."""
        messages = self.by_place.pop(aggregate.place).kept
        del wanted[aggregate.place]
        for record in aggregate.expanded():
            if piece := self.by_place.get(record.place):
                piece.kept += messages
            else:
                self.by_place[record.place] = Piece(record.place, [*messages], payload_hash(record.payload))
                wanted[record.place] = record.sequence_number

    def _read_batch(self, kept: Kept) -> Iterator[tuple[Piece, Record]]:
        found, first = 0, ""
        for delivered in self._records(kept):
            found, first = found + 1, first or delivered.sequence_number
            for record in delivered.expanded():
                if not self._known(record.place, kept):
                    yield self._add(record.place, kept, payload_hash(record.payload)), record
        if found < kept.count or _begins_later(kept, first):
            self._expired(kept, max(1, kept.count - found))
        self.whole.add(kept)

    def _expired(self, kept: Kept, records: int) -> None:
        """A place of its own: that of a batch of one is also that of its record."""
        if not self._known(f"{kept.place} (expired)", kept):
            self.by_place[f"{kept.place} (expired)"] = Piece(kept.place, [kept], fate=Fate.EXPIRED, records=records)

    def _records(self, kept: Kept) -> Iterable[Record]:
        letter = kept.content
        if kept.records is not None or letter is None or isinstance(letter, Rejected):
            return kept.records or ()
        first, last = letter.first_sequence_number, letter.last_sequence_number
        return stream.between(self.kinesis, letter.stream, letter.shard_id, first, last)

    def _known(self, place: str, kept: Kept) -> Piece | None:
        piece = self.by_place.get(place)
        if piece:
            piece.kept.append(kept)
        return piece

    def _add(self, place: str, kept: Kept, origin: int) -> Piece:
        self.by_place[place] = piece = Piece(place, [kept], origin)
        return piece


def _begins_later(kept: Kept, first: str) -> bool:
    """The first record of a batch's range is no longer in the stream, however many of other batches lie in it."""
    if kept.records is not None or not isinstance(kept.content, DeadLetter):
        return False
    return int(first or 0) != int(kept.content.first_sequence_number)

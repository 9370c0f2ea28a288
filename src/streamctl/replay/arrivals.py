"""Waiting until what was sent again is in the table, or has failed again."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING

from streamctl.aws import failures
from streamctl.aws.waiting import growing_pauses
from streamctl.ledger import hash_of_sha256, payload_hash
from streamctl.replay.kept import Rejected
from streamctl.replay.pieces import Fate, Piece
from streamctl.replay.stored import Wanted, are_stored
from streamctl.verify import dead_letters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from streamctl.aws import Aws
    from streamctl.replay.kept import Kept
    from streamctl.replay.shelves import Shelf


class Arrivals:
    """Follows pieces that were sent; `since_ms` is AWS's clock before the first was, in epoch ms."""

    def __init__(self, aws: Aws, table: str, shelves: Sequence[Shelf], since_ms: int) -> None:
        self._aws = aws
        self._table = table
        self._shelves = shelves
        self._since_ms = since_ms

    def wait(
        self,
        pieces: Sequence[Piece],
        timeout_seconds: float,
        observe: Callable[[int], None],
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        """Give each piece its fate; what is still on its way in the end stays in flight. Raises AwsError.

        The observer hears how many are.
        """
        deadline = clock() + timeout_seconds
        pauses = growing_pauses()
        while True:
            self._look_into_table(_in_flight(pieces))
            if left := _in_flight(pieces):
                self._look_at_shelves(left)
            left = _in_flight(left)
            observe(len(left))
            if not left or clock() >= deadline:
                return
            sleep(next(pauses))

    def _look_into_table(self, pieces: Sequence[Piece]) -> None:
        wanted = [Wanted(piece.event_id, frozenset({piece.sent}), self._since_ms) for piece in pieces]
        for piece, there in zip(pieces, are_stored(self._aws, self._table, wanted), strict=True):
            if there:
                piece.fate = Fate.STORED

    def _look_at_shelves(self, pieces: Sequence[Piece]) -> None:
        """What is on a shelf now came since the old messages were taken in hand: they are out of sight."""
        waiting: defaultdict[int, list[Piece]] = defaultdict(list)
        for piece in pieces:
            waiting[piece.sent].append(piece)
        for shelf in self._shelves:
            with failures.explained(f"look for what failed again in {shelf.name}"):
                for kept in shelf.take():
                    if any(list(self._failed(kept, waiting))) and isinstance(kept.content, Rejected):
                        # The old message stands for what it was before the repair, and can be repaired once more.
                        shelf.remove([kept])

    def _failed(self, kept: Kept, waiting: dict[int, list[Piece]]) -> Iterator[bool]:
        """Tell the pieces that the message is about: whether each was repaired."""
        fate = Fate.REJECTED_AGAIN if isinstance(kept.content, Rejected) else Fate.DEAD_LETTERED_AGAIN
        for each in self._hashes(kept):
            if waiting.get(each):
                piece = waiting[each].pop()
                piece.fate, piece.detail = fate, _why(kept)
                yield piece.is_repaired

    def _hashes(self, kept: Kept) -> Iterable[int]:
        """Of the payloads that failed since we began to send."""
        content = kept.content
        if content is None:
            return []
        if isinstance(content, Rejected):
            return [hash_of_sha256(content.sha256)] if content.record.arrived_at_ms >= self._since_ms else []
        if content.last_arrived_at and content.last_arrived_at.timestamp() * 1000 < self._since_ms:
            return []
        records = kept.records
        if records is None:
            found = dead_letters.payloads(self._aws.client("kinesis"), content)
            return map(payload_hash, chain.from_iterable(found))
        return [payload_hash(event.payload) for record in records for event in record.expanded()]


def _in_flight(pieces: Sequence[Piece]) -> list[Piece]:
    return [piece for piece in pieces if piece.fate is Fate.IN_FLIGHT]


def _why(kept: Kept) -> str:
    return f"{kept.reason}: {kept.content.detail}" if isinstance(kept.content, Rejected) else kept.reason

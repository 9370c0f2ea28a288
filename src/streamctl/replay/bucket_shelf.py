"""The bucket where Lambda puts what it gave up on, records and all. Nothing is hidden from others there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamctl.replay.kept import Kept, parse
from streamctl.replay.shelves import groups, refuse_failures
from streamctl.verify import bucket

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OBJECTS_PER_CALL = 1000


class BucketShelf:
    def __init__(self, s3: Any, name: str) -> None:
        self.name = name
        self.not_taken = 0
        self._s3 = s3
        self._in_hand: set[str] = set()

    def take(self, patience_seconds: float = 0) -> Iterator[Kept]:
        for key, text in bucket.objects(self._s3, self.name, self._in_hand):
            self._in_hand.add(key)
            yield parse(self.name, key, text)

    def renew(self) -> None:
        """Nothing has to be held."""

    def remove(self, kept: Iterable[Kept]) -> None:
        for some in groups(kept, OBJECTS_PER_CALL):
            answer = self._s3.delete_objects(
                Bucket=self.name, Delete={"Objects": [{"Key": each.handle} for each in some], "Quiet": True}
            )
            refuse_failures(self.name, [each["Code"] for each in answer.get("Errors", ())])

    def put_back(self) -> None:
        self._in_hand.clear()

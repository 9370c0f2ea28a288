"""How far a shard is done, while records finish in any order: up to the first one that is not."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamctl.emulator.driver.records import Record


class Progress:
    """Records as they were read, and which of them are finished: processed, discarded or filtered out."""

    def __init__(self) -> None:
        self._finished: OrderedDict[str, bool] = OrderedDict()

    def __len__(self) -> int:
        """Records that hold the checkpoint back, or are held back by one."""
        return len(self._finished)

    def read(self, record: Record) -> None:
        self._finished[record.sequence_number] = False

    def finish(self, records: Iterable[Record]) -> str | None:
        """Mark records as finished; returns the new checkpoint if it moved."""
        for record in records:
            if record.sequence_number in self._finished:  # else it was delivered twice, and is already behind us
                self._finished[record.sequence_number] = True
        checkpoint = None
        while self._finished and next(iter(self._finished.items()))[1]:
            checkpoint, _ = self._finished.popitem(last=False)
        return checkpoint

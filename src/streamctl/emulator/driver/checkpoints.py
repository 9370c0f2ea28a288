"""How far each mapping is done with each shard. Saved with the emulator's state, see snapshot.py."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SHARD_END = "SHARD_END"  # closed, and every record of it finished: its children may start
STREAM = "stream"  # beside the shards: which stream they are of


class Checkpoints:
    """The sequence number of the last finished record, by mapping and shard. Safe to share between threads."""

    def __init__(self, saved: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self._lock = threading.Lock()
        self._positions = {uuid: dict(shards) for uuid, shards in (saved or {}).items()}

    def get(self, uuid: str, shard_id: str) -> str | None:
        with self._lock:
            return self._positions.get(uuid, {}).get(shard_id)

    def put(self, uuid: str, shard_id: str, position: str) -> None:
        with self._lock:
            self._positions.setdefault(uuid, {})[shard_id] = position

    def belong_to(self, uuid: str, stream: str) -> None:
        """Forget what was done with an earlier stream of that name: a new one counts its shards from 0 again."""
        if self.get(uuid, STREAM) != stream:
            self.forget(uuid)
            self.put(uuid, STREAM, stream)

    def forget(self, uuid: str) -> None:
        with self._lock:
            self._positions.pop(uuid, None)

    def mappings(self) -> list[str]:
        with self._lock:
            return list(self._positions)

    def copy(self) -> dict[str, dict[str, str]]:
        with self._lock:
            return {uuid: dict(shards) for uuid, shards in self._positions.items()}

"""What `replay` sent in place of what: pairs of payload hashes that it writes and `verify` reads. Knows no AWS.

    <pipeline folder>/replays/runs/<run id>/origins.bin     16 bytes a pair: the payload set aside, what was sent for it

The second is 0 where the record was given up on purpose. A pair is written before anything is sent or removed; the
file may end anywhere, and a torn tail is ignored.
"""

from __future__ import annotations

import os
import struct
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from streamctl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

REPLAYS = "replays"
"""Replays have their ledgers apart from the runs: they send what a run has sent before."""
ORIGINS_FILE = "origins.bin"
GIVEN_UP = 0
_PAIR = struct.Struct("<QQ")


@dataclass(frozen=True)
class Origins:
    """Of a pipeline's replays, by `ledger.payload_hash`."""

    of: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """What was sent, to what it was sent for."""
    given_up: Mapping[int, datetime] = field(default_factory=dict)
    """What was given up on purpose, and when that replay began."""


def append(path: Path, written: Iterable[tuple[int, int]]) -> None:
    """Write down pairs of another payload for one that was set aside. Raises UsageError where that fails."""
    data = b"".join(_PAIR.pack(origin, sent) for origin, sent in written)
    if not data:
        return
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
            file.write(data)
    except OSError as error:
        raise UsageError(
            f"Could not write {path}: {error.strerror or error}.", "Make room or give the folder write permission."
        ) from error


def pairs(path: Path) -> list[tuple[int, int]]:
    """What one replay wrote down; nothing where it had no reason to."""
    data = path.read_bytes() if path.exists() else b""
    return list(_PAIR.iter_unpack(data[: len(data) // _PAIR.size * _PAIR.size]))


def read(folder: Path) -> Origins:
    """Of every replay of the pipeline with this folder."""
    sent: defaultdict[int, set[int]] = defaultdict(set)
    given_up: dict[int, datetime] = {}
    for path in sorted((folder / REPLAYS).glob(f"runs/[0-9]*T*-*/{ORIGINS_FILE}")):
        began = _began(path.parent.name)
        for origin, replacement in pairs(path):
            if replacement == GIVEN_UP:
                given_up[origin] = began
            else:
                sent[replacement].add(origin)
    return Origins({replacement: frozenset(origins) for replacement, origins in sent.items()}, given_up)


def _began(run_id: str) -> datetime:
    return datetime.strptime(run_id[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)

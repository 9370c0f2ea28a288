"""Messages that a replay which was cut off left behind: one more about a record that is set aside already.

A replay that comes to its end keeps one message a record. Cut off, it may have sent a record that is set aside once
more afterwards; without this, each such replay would double what it had in hand.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from streamctl import ledger, origins
from streamctl.ledger import hash_of_sha256
from streamctl.replay.kept import Kept, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from streamctl.ledger import Run


def needless(messages: Iterable[Kept], replays: Path) -> list[Kept]:
    """The messages for which another one stands, by what earlier replays have written down in the folder `replays`.

    Of a payload sent as it was the newer message stays, for the stream keeps its record longer; of one that was
    repaired in vain the older, for the repair can be mended.
    """
    left: defaultdict[int, list[tuple[float, Kept]]] = defaultdict(list)
    for each in messages:
        if isinstance(each.content, Rejected):
            left[hash_of_sha256(each.content.sha256)].append((each.content.record.arrived_at_ms, each))
    for found in left.values():
        found.sort(key=lambda entry: entry[0])
    dropped = []
    for run in reversed(ledger.runs(replays)):
        since_ms = run.info.arrivals_from.timestamp() * 1000
        for origin, sent in _pairs(run):
            old, new = left.get(origin, []), left.get(sent, [])
            if old and new and old[0][0] < since_ms <= new[-1][0]:
                dropped.append((old.pop(0) if origin == sent else new.pop())[1])
    return dropped


def _pairs(run: Run) -> list[tuple[int, int]]:
    """What was set aside and what was sent for it, by `payload_hash`."""
    altered = list(origins.pairs(run.folder / origins.ORIGINS_FILE))
    known = {sent for _, sent in altered}
    return altered + [(sent, sent) for sent in run.read().payloads if sent not in known]

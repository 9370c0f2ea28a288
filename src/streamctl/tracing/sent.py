"""What the ledgers of this machine know of an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamctl import ledger
from streamctl.ledger import Outcome
from streamctl.origins import REPLAYS
from streamctl.tracing.way import Step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from streamctl.ledger import Run

WORDS = {
    Outcome.ACCEPTED: "accepted by the stream",
    Outcome.UNSENT: "never taken by the stream",
    Outcome.UNCONFIRMED: "killed before an answer",
}


@dataclass(frozen=True)
class Sent:
    """An event as one run sent it."""

    run: Run
    number: int
    """Its place in the run, from 0."""
    outcome: Outcome
    payload_hash: int

    def step(self) -> Step:
        """No event has a time of its own in the ledger: it was sent while its run was going."""
        info, until = self.run.info, self.run.last_sent_at
        between = f"between {info.started_at:%Y-%m-%d %H:%M:%S} and {until:%H:%M:%S} UTC"
        what = f"run {info.run_id}, number {self.number:,} of {info.source}, {between}: {WORDS[self.outcome]}"
        facts = {
            "run_id": info.run_id,
            "number": self.number,
            "source": info.source,
            "from": info.started_at,
            "until": until,
            "outcome": self.outcome.name.lower(),
        }
        return Step("sent", None, what, facts)


def find(folder: Path, event_id: str) -> list[Sent]:
    """Every time the event was sent by a run or a replay of the pipeline with this folder, the newest first.

    An id that a run made names its run; any other is looked for in all of them. Of a run that sent the id several times
    the first is told. Raises UsageError where a ledger is damaged.
    """
    return list(_found(folder, event_id))


def _found(folder: Path, event_id: str) -> Iterator[Sent]:
    hashed = ledger.id_hash(event_id)
    runs = ledger.runs(folder)
    runs = [run for run in runs if event_id.startswith(f"{run.run_id}-")] or runs
    for run in [*ledger.runs(folder / REPLAYS), *runs]:  # a replay comes after the run that it is about
        entries = run.read()
        if hashed in entries.ids:
            number = entries.ids.index(hashed)
            yield Sent(run, number, Outcome(entries.outcomes[number]), entries.payloads[number])

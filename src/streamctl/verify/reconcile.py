"""Every event of some runs accounted for: stored once, set aside, dead-lettered, still in flight, or lost.

Looks until nothing is missing or the time is up. A few events whose ids are known are asked for one by one, otherwise
the table is scanned. Nothing is called lost before one look at everything.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from streamctl.ledger import Outcome
from streamctl.verify.book import Found
from streamctl.verify.reconciliation import Reconciliation
from streamctl.verify.search import Places, Search

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamctl.aws import Aws
    from streamctl.ledger import Run

__all__ = ["Places", "Reconciliation", "reconcile"]

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 5.0
LETTERS_NAMED = 10


def reconcile(
    runs: Sequence[Run],
    aws: Aws,
    places: Places,
    *,
    timeout_seconds: float = 60.0,
    compare_metrics: bool = True,
    examples: int = 10,
    observe: Callable[[Reconciliation], None] = lambda reconciliation: None,  # noqa: ARG005  nobody watches
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Reconciliation:
    """Look for every event of the runs until all are accounted for, `timeout_seconds` at most. Raises AwsError.

    `compare_metrics` is for the recipe's own mapping; a processor of the user's makes other metrics. The observer
    hears the counts after each look. What is missing in the end is lost, unless events were still coming in.
    """
    search = Search(runs, aws, places, compare_metrics=compare_metrics, clock=clock)
    deadline, pause = clock() + timeout_seconds, FIRST_PAUSE_SECONDS
    before = missing = None
    while True:
        began, before = clock(), missing
        search.look()
        missing = search.book.missing
        observe(_result(search))
        if not missing or clock() >= deadline:
            return _conclude(search, before or missing, examples)
        # A look at a large table takes long and costs money: rest as long as it took.
        sleep(min(max(pause, clock() - began), deadline - clock()))
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)


def _conclude(search: Search, missing_before: int, examples: int) -> Reconciliation:
    if not search.book.missing:
        return _result(search)
    search.look_everywhere()
    if search.book.missing < missing_before or not search.whole:
        return _result(search)
    search.book.supersede()
    return _result(search, lost=search.book.missing, examples=examples)


def _result(search: Search, lost: int = 0, examples: int = 0) -> Reconciliation:
    book = search.book
    tally = book.tally()

    def found(*states: Found) -> int:
        return sum(tally[outcome, state] for outcome in Outcome for state in states)

    unsent = tally[Outcome.UNSENT, Found.NOWHERE]
    return Reconciliation(
        runs=tuple(run.run_id for run in book.runs),
        sent=len(book) - unsent,
        unsent=unsent,
        stored=found(Found.STORED, Found.DUPLICATE),
        duplicates=found(Found.DUPLICATE),
        changed=found(Found.CHANGED),
        set_aside=found(Found.SET_ASIDE),
        dead_lettered=found(Found.DEAD_LETTERED),
        superseded=found(Found.SUPERSEDED),
        in_flight=book.missing - lost,
        unconfirmed=tally[Outcome.UNCONFIRMED, Found.NOWHERE],
        lost=lost,
        lost_examples=tuple(map(book.describe, book.lost(examples))),
        reasons=dict(search.reasons),
        dead_letters=tuple(map(str, search.letters[:LETTERS_NAMED])),
        latency=search.latencies.summary(),
    )

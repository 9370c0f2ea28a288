"""Every event of some runs accounted for: stored once, expired, set aside, dead-lettered, still in flight, or lost.

A few events whose ids are known are asked for one by one, otherwise the table is scanned. An event is lost when it is
missing although its run has been over for longer than the pipeline takes and its function is not behind, and two
complete looks agree on it.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from streamctl.ledger import Fault, Outcome
from streamctl.verify.book import NO_ORIGINS, Found
from streamctl.verify.expiry import is_over, remarks
from streamctl.verify.reconciliation import Reconciliation
from streamctl.verify.search import Places, Search
from streamctl.verify.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamctl.aws import Aws
    from streamctl.ledger import Run
    from streamctl.origins import Origins
    from streamctl.verify.expiry import Expiry

__all__ = ["Places", "Reconciliation", "reconcile"]

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 5.0
LETTERS_NAMED = 10


def reconcile(
    runs: Sequence[Run],
    aws: Aws,
    places: Places,
    *,
    settle_seconds: float,
    timeout_seconds: float = 60.0,
    origins: Origins = NO_ORIGINS,
    compare_metrics: bool = True,
    examples: int = 10,
    observe: Callable[[Reconciliation], None] = lambda reconciliation: None,  # noqa: ARG005  nobody watches
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Reconciliation:
    """Look for every event of the runs until what became of each is known, or `timeout_seconds` are over.

    `settle_seconds` is how long the pipeline may take with an event: what is missing before is in flight. At the end
    of the time a last look may take 90 s more, where other readers hide messages. `origins` tells what was replayed
    with another payload. `compare_metrics` is for the
    recipe's own mapping; a processor of the user's makes other metrics. The observer hears the counts after each
    look. Raises AwsError.
    """
    search = Search(
        runs, aws, places, origins=origins, compare_metrics=compare_metrics, now=now, clock=clock, sleep=sleep
    )
    deadline, pause = clock() + timeout_seconds, FIRST_PAUSE_SECONDS
    while True:
        began, began_at = clock(), now()
        search.look()
        observe(_result(search))
        over = not search.book.missing or clock() >= deadline
        sent_before = search.settled(began_at, settle_seconds)
        overdue = sum(1 for _ in search.book.overdue(sent_before))
        if overdue and (over or overdue == search.book.missing) and search.confirm(sent_before):
            search.book.conclude(sent_before, {run.run_id for run in runs if is_over(run, began_at)})
            over = True
        if over:
            return replace(_result(search, examples), remarks=_remarks(search, began_at, places.expiry))
        # A look at a large table takes long and costs money: rest as long as it took.
        sleep(max(0.0, min(max(pause, clock() - began), deadline - clock())))
        pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)


def _remarks(search: Search, now: datetime, expiry: Expiry) -> tuple[str, ...]:
    """Only where something is gone: otherwise nothing is uncertain."""
    found = Tally(search.book.tally())
    return tuple(remarks(search.book.runs, now, expiry)) if found.count(Found.LOST, Found.EXPIRED) else ()


def _result(search: Search, examples: int = 0) -> Reconciliation:
    book, poisoned = search.book, Fault.POISONED
    tally = Tally(book.tally())
    unsent = tally.count(Found.NOWHERE, outcome=Outcome.UNSENT)
    return Reconciliation(
        runs=tuple(run.run_id for run in book.runs),
        sent=len(book) - unsent,
        unsent=unsent,
        stored=tally.count(Found.STORED, Found.DUPLICATE, lacking=poisoned),
        duplicates=tally.count(Found.DUPLICATE, lacking=poisoned),
        repaired=tally.count(Found.REPAIRED),
        changed=tally.count(Found.CHANGED, lacking=poisoned),
        compared_by_checksum=search.compared_by_checksum,
        set_aside=tally.count(Found.SET_ASIDE, Found.SORTED_OUT),
        sorted_out=tally.count(Found.SORTED_OUT),
        sound_set_aside=tally.count(Found.SET_ASIDE, having=Fault.SOUND),
        poisoned_stored=tally.count(Found.STORED, Found.DUPLICATE, Found.CHANGED, having=poisoned),
        given_up=tally.count(Found.GIVEN_UP),
        dead_lettered=tally.count(Found.DEAD_LETTERED),
        superseded=tally.count(Found.SUPERSEDED),
        expired=tally.count(Found.EXPIRED),
        in_flight=book.missing,
        unconfirmed=tally.count(Found.NOWHERE, outcome=Outcome.UNCONFIRMED),
        lost=tally.count(Found.LOST),
        lost_examples=tuple(map(book.describe, book.lost(examples))),
        reasons=dict(search.reasons),
        faults=tally.faults() if any(run.info.faults for run in book.runs) else {},
        dead_letters=tuple(islice(search.letters.values(), LETTERS_NAMED)),
        metrics_compared=search.compares_metrics,
        latency=search.latencies.summary(),
    )

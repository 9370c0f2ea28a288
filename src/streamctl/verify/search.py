"""One look after another at every place an event can be: the table, the queue of rejected records, the dead letters."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from streamctl.aws import failures
from streamctl.ledger import hash_of_sha256, id_hash, payload_hash
from streamctl.verify import dead_letters, items, table
from streamctl.verify.book import CLOCK_SKEW_MS, Book, Found
from streamctl.verify.latency import Latencies
from streamctl.verify.queues import QueueLook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from streamctl.aws import Aws
    from streamctl.ledger import Run
    from streamctl.verify.dead_letters import DeadLetter

CANARY = "canary-"
"""How the ids of the events begin that `up` sends to see the pipeline work; they belong to no run."""
DIRECT_LOOKUPS = 100
"""So many events are asked for one by one, rather than by reading the whole table."""
LAST_WAIT_SECONDS = 1
"""How long an empty queue is listened to before it is believed."""


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where events can be. A queue that the pipeline does not have is None."""

    table: str
    rejected_queue_url: str | None = None
    failures_queue_url: str | None = None


class Search:
    """Enters into `book` what it finds."""

    def __init__(
        self, runs: Sequence[Run], aws: Aws, places: Places, *, compare_metrics: bool, clock: Callable[[], float]
    ) -> None:
        self.book = Book(runs)
        self.latencies = Latencies()
        self.reasons: Counter[str] = Counter()
        self.letters: list[DeadLetter] = []
        self.whole = False
        """The latest look went through everything there is."""
        self._aws = aws
        self._places = places
        self._compare_metrics = compare_metrics
        self._clock = clock
        self._scanned = False

    def look(self) -> None:
        """Look where it is cheap and likely."""
        direct = self._direct_ids()
        self._look_into_table(direct)
        self._scanned = direct is None
        self._look_into_queues(wait_seconds=0)

    def look_everywhere(self) -> None:
        """What is not found now is not there."""
        if not self._scanned:
            self._look_into_table(None)
        self._look_into_queues(wait_seconds=LAST_WAIT_SECONDS)

    def _direct_ids(self) -> list[str] | None:
        """The ids of the events not found yet, or None where they are too many, or only known by their hashes."""
        absent = self.book.absent(DIRECT_LOOKUPS + 1)
        ids = [name for name in map(self.book.made_id, absent) if name]
        return ids if len(ids) == len(absent) <= DIRECT_LOOKUPS else None

    def _look_into_table(self, ids: Iterable[str] | None) -> None:
        dynamodb, name = self._aws.client("dynamodb"), self._places.table
        self.book.new_scan()
        with failures.explained(f"read the table {name}"):
            if ids is None:
                for item in table.scan(dynamodb, name):
                    self._enter(item)
                return
            for event_id in ids:
                for item in table.rows(dynamodb, name, event_id):
                    self._enter(item)

    def _enter(self, item: items.Item) -> None:
        event_id = str(item["eventId"]["S"])
        names = id_hash(event_id), payload_hash(items.payload(item))
        if event_id.startswith(CANARY) or not self.book.knows(*names):
            return
        faithful = items.is_faithful(item, compare_metrics=self._compare_metrics)
        news = self.book.row(*names, items.arrived_at_ms(item), faithful=faithful)
        latency_ms = items.latency_ms(item)
        if news and latency_ms is not None:
            self.latencies.add(latency_ms)

    def _look_into_queues(self, wait_seconds: int) -> None:
        self.whole = True
        if self.book.absent(1):
            self._look_into(self._places.rejected_queue_url, self._enter_rejected, wait_seconds)
        if self.book.absent(1):
            self._look_into(self._places.failures_queue_url, self._enter_dead_letter, wait_seconds)

    def _look_into(self, url: str | None, enter: Callable[[str], None], wait_seconds: int) -> None:
        if url is None:
            return
        look = QueueLook(self._aws.client("sqs"), url, clock=self._clock)
        with failures.explained(f"look into the queue {url.rpartition('/')[2]}"):
            for body in look.bodies(wait_seconds=wait_seconds):
                enter(body)
        self.whole &= look.whole

    def _enter_rejected(self, body: str) -> None:
        try:
            message: Any = json.loads(body)
            reason, found = str(message["reason"]), hash_of_sha256(message["sha256"])
        except (ValueError, KeyError, TypeError):
            return  # not one of the processor's
        news = self.book.aside(found, Found.SET_ASIDE)
        if news:
            self.reasons[reason] += news

    def _enter_dead_letter(self, body: str) -> None:
        letter = dead_letters.parse(body)
        if letter is None or letter in self.letters or self._is_older(letter):
            return
        self.letters.append(letter)
        for payload in dead_letters.payloads(self._aws.client("kinesis"), letter):
            self.book.aside(payload_hash(payload), Found.DEAD_LETTERED)

    def _is_older(self, letter: DeadLetter) -> bool:
        began = min((run.info.started_at for run in self.book.runs), default=None)
        if began is None or letter.last_arrived_at is None:
            return False
        return letter.last_arrived_at < began - timedelta(milliseconds=CLOCK_SKEW_MS)

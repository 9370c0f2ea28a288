"""One look after another at every place an event can be: the table, the queue of rejected records, the dead letters."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from streamctl.aws import failures
from streamctl.functions.processor.outcomes import OWN_RULES
from streamctl.ledger import hash_of_sha256, payload_hash
from streamctl.pipeline.names import CANARY_ID_PREFIX, NO_EVENT_PREFIXES
from streamctl.verify import backlog, bucket, dead_letters, items, queues, stream, table
from streamctl.verify.book import NO_ORIGINS, Book, Found
from streamctl.verify.expiry import NEVER, Expiry
from streamctl.verify.latency import Latencies
from streamctl.verify.scan import scan
from streamctl.verify.usual import is_evident

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from streamctl.aws import Aws
    from streamctl.ledger import Run
    from streamctl.origins import Origins
    from streamctl.verify.dead_letters import DeadLetter

DIRECT_LOOKUPS = 100
"""So many events are asked for one by one, rather than by reading the whole table."""
LISTEN_SECONDS = 1
"""How long an empty queue is listened to before it is believed."""

PERMISSIONS = {
    "table": ("dynamodb:Query", "dynamodb:Scan"),
    "rejected": queues.ACTIONS,
    "failures": queues.ACTIONS,
    "failures_bucket": bucket.ACTIONS,
    "stream": stream.ACTIONS,
}


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where events can be, and the function that carries them there. What the pipeline does not have is None."""

    table: str
    function: str | None = None
    rejected_queue_url: str | None = None
    failures_queue_url: str | None = None
    failures_bucket: str | None = None
    expiry: Expiry = NEVER
    """How items leave the table."""


class Search:
    """Enters into `book` what it finds."""

    def __init__(
        self,
        runs: Sequence[Run],
        aws: Aws,
        places: Places,
        *,
        origins: Origins = NO_ORIGINS,
        compare_metrics: bool,
        now: Callable[[], datetime],
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self.book = Book(runs, origins)
        self.latencies = Latencies()
        self.reasons: Counter[str] = Counter()
        self.compared_by_checksum = 0
        """Rows that showed an event stored by the checksum of its payload."""
        self.letters: dict[DeadLetter, str] = {}
        """Those since the runs began, each in words."""
        self._accounted: set[DeadLetter] = set()
        self._objects: set[str] = set()
        self._aws = aws
        self._places = places
        self.compares_metrics = compare_metrics
        self._now = now
        self._clock = clock
        self._sleep = sleep
        self._retention = cache(lambda name: stream.retention(aws.client("kinesis"), name))

    def look(self) -> None:
        """Look everywhere, as cheaply as it can be done."""
        self._look_into_table(self._direct_ids())
        self._look_into_queues(wait_seconds=0)

    def settled(self, now: datetime, settle_seconds: float) -> datetime:
        """What was sent before this must have been dealt with: `settle_seconds` ago, or earlier where the function is
        further behind and an event is missing that it may not have reached yet."""
        usual = now - timedelta(seconds=settle_seconds)
        if self._places.function is None or not any(True for _ in self.book.overdue(usual)):
            return usual
        cloudwatch = self._aws.client("cloudwatch")
        reached = backlog.reached(cloudwatch, self._places.function, now, usual_seconds=settle_seconds)
        return min(usual, reached or usual)

    def confirm(self, sent_before: datetime) -> bool:
        """Look again and thoroughly. True where the table shows nothing new and no message was out of sight.

        What is overdue is asked for by its id last, as far as it is known: a scan does not see what is written behind
        it. The queues are listened to: for a moment, a small one may seem empty.
        """
        missing = self.book.missing
        self._look_into_table(None)
        overdue = islice(self.book.overdue(sent_before), DIRECT_LOOKUPS)
        self._look_into_table(list(filter(None, map(self.book.made_id, overdue))))
        nothing_new = self.book.missing == missing
        return self._look_into_queues(LISTEN_SECONDS) and nothing_new

    def _direct_ids(self) -> list[str] | None:
        """The ids of the events not found yet, or None where they are too many, or only known by their hashes."""
        absent = self.book.absent(DIRECT_LOOKUPS + 1)
        ids = [name for name in map(self.book.made_id, absent) if name]
        if any(map(self.book.may_have_another_id, absent)):
            return None
        return ids if len(ids) == len(absent) <= DIRECT_LOOKUPS else None

    def _look_into_table(self, ids: Iterable[str] | None) -> None:
        name, also = self._places.table, self._places.expiry.attribute
        self.book.new_scan()
        now_seconds = self._now().timestamp()
        with failures.explained(f"read the table {name}"):
            if ids is None:
                rows = scan(self._aws.direct("dynamodb"), name, also=also)
            else:
                dynamodb = self._aws.client("dynamodb")
                rows = chain.from_iterable(table.rows(dynamodb, name, event_id, also) for event_id in ids)
            for item in rows:
                self._enter(item, now_seconds)

    def _enter(self, item: items.Item, now_seconds: float) -> None:
        event_id, sent = str(item["eventId"]["S"]), items.sent_hash(item)
        if event_id.startswith(CANARY_ID_PREFIX) or not self.book.knows(event_id, sent):
            return
        if event_id.startswith(NO_EVENT_PREFIXES) and not items.tells_its_payload(item):
            return
        if self._places.expiry.has_passed(item, now_seconds):
            self.book.expired(event_id, sent, items.arrived_at_ms(item))
            return
        faithful = self._is_faithful(item)
        by_checksum = items.has_checksum(item)
        if by_checksum:  # the id is the one thing of the event that the ledger tells, too
            faithful = faithful and self.book.pairs(event_id, sent)
        stored_at = int(item["timestamp"]["N"])
        news = self.book.row(event_id, sent, items.arrived_at_ms(item), stored_at=stored_at, faithful=faithful)
        self.compared_by_checksum += news and by_checksum
        latency_ms = items.latency_ms(item)
        if news and latency_ms is not None:
            self.latencies.add(latency_ms)

    def _is_faithful(self, item: items.Item) -> bool:
        compared = self.compares_metrics
        return is_evident(item, compare_metrics=compared) or items.is_faithful(item, compare_metrics=compared)

    def _look_into_queues(self, wait_seconds: int) -> bool:
        complete = True
        if self.book.absent(1):
            complete &= self._look_into(self._places.rejected_queue_url, self._enter_rejected, wait_seconds)
        if self.book.absent(1):
            complete &= self._look_into(self._places.failures_queue_url, self._enter_letter, wait_seconds)
            self._enter_given_up()
        if self.book.absent(1):
            self._look_into_bucket(self._places.failures_bucket)
        return complete

    def _look_into(self, url: str | None, enter: Callable[[str], None], wait_seconds: int) -> bool:
        if url is None:
            return True
        look = queues.QueueLook(self._aws.client("sqs"), url, clock=self._clock, sleep=self._sleep)
        with failures.explained(f"look into the queue {url.rpartition('/')[2]}"):
            for body in look.bodies(wait_seconds=wait_seconds):
                enter(body)
        return look.complete

    def _look_into_bucket(self, name: str | None) -> None:
        """An object brings its records, so that nothing has to be guessed from a range."""
        if name is None:
            return
        with failures.explained(f"look into the bucket {name}"):
            for key, body in bucket.objects(self._aws.client("s3"), name, self._objects):
                self._objects.add(key)
                self._enter_object(name, body)

    def _enter_object(self, name: str, body: str) -> None:
        letter, records = dead_letters.parse(body), dead_letters.records(body)
        if letter is None or records is None or self._is_older(letter):
            return
        events = chain.from_iterable(record.expanded() for record in records)
        self._give_up(payload_hash(event.payload) for event in events)
        self.letters[letter] = f"{letter.where()}, kept in the bucket {name}"
        self._accounted.add(letter)

    def _enter_rejected(self, body: str) -> None:
        try:
            message: Any = json.loads(body)
            reason, found = str(message["reason"]), hash_of_sha256(message["sha256"])
        except (ValueError, KeyError, TypeError):
            return  # not one of the processor's
        news = self.book.aside(found, Found.SORTED_OUT if reason in OWN_RULES else Found.SET_ASIDE)
        if news:
            self.reasons[reason] += news

    def _enter_letter(self, body: str) -> None:
        letter = dead_letters.parse(body)
        if letter and letter not in self.letters and not self._is_older(letter):
            self.letters[letter] = letter.describe(self._retention(letter.stream))

    def _enter_given_up(self) -> None:
        """What is missing within a letter's range was given up, unless it is in more records than the batch had.

        Then records of other batches lie in between, which may be on their way or lost: all of them stay missing, but
        where the batches of several such letters make up for it.
        """
        shared: set[frozenset[int]] = set()
        records = 0
        with failures.explained("read again what Lambda gave up on"):
            for letter in [each for each in self.letters if each not in self._accounted]:
                absent = self._absent_in(letter)
                if len(absent) <= letter.records:
                    self._give_up(chain.from_iterable(absent))
                    self._accounted.add(letter)
                else:
                    shared |= absent
                    records += letter.records
        if len(shared) <= records:
            self._give_up(chain.from_iterable(shared))

    def _absent_in(self, letter: DeadLetter) -> set[frozenset[int]]:
        """What is missing of each record in the letter's range, without those of which nothing is."""
        records = dead_letters.payloads(self._aws.client("kinesis"), letter)
        missing = (frozenset(filter(self.book.is_absent, map(payload_hash, events))) for events in records)
        return set(filter(None, missing))

    def _give_up(self, payload_hashes: Iterable[int]) -> None:
        for each in payload_hashes:
            self.book.aside(each, Found.DEAD_LETTERED)

    def _is_older(self, letter: DeadLetter) -> bool:
        began = min((run.info.arrivals_from for run in self.book.runs), default=None)
        return bool(began and letter.last_arrived_at and letter.last_arrived_at < began)

"""Sends a run's events, and accounts for each: accepted by the stream, or kept as unsent.

Every event taken from the source is written to the ledger before it is sent. A refused record is sent again, alone; a
lost answer means the whole request again, which is harmless because an event carries its own id and the table is keyed
on it. An event to be duplicated is sent once more after its chunk, as after a lost answer: two records, one event.
"""

from __future__ import annotations

import random
import time
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

from streamctl.aws import failures
from streamctl.aws.waiting import backoff
from streamctl.errors import StreamctlError, UsageError
from streamctl.ledger import Fault, Ledger, RunInfo, new_run_id
from streamctl.traffic.requests import RECORD_BYTES, REQUEST_BYTES, clock_ahead_seconds, send, split

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from streamctl.aws import Aws
    from streamctl.traffic.events import Event
    from streamctl.traffic.pacing import Pace
    from streamctl.traffic.sources import Source

PATIENCE_SECONDS = 60.0
TYPES_COUNTED = 50
"""Event types told apart in the figures; data must not be able to make them grow without bound."""
TOO_LARGE = "RecordTooLarge"
INTERRUPTED = "Interrupted"
PERMISSIONS = {"stream": ("kinesis:DescribeStreamSummary", "kinesis:PutRecords")}


@dataclass
class Progress:
    """A run so far. The observer is handed the same object again and again: read it, do not keep it."""

    events: int = 0
    accepted: int = 0
    unsent: int = 0
    bytes: int = 0
    """Payloads accepted, each counted once."""
    copies: int = 0
    """Records accepted of events that had been accepted before."""
    requests: int = 0
    """Sent, including those sent again."""
    retried: int = 0
    """Requests sent again."""
    refused: int = 0
    """Records refused, each time it happened."""
    by_type: Counter[str] = field(default_factory=Counter)
    """Events accepted, for each of the first 50 types."""
    by_fault: Counter[Fault] = field(default_factory=Counter)
    """Events accepted to which this was done."""
    by_shard: Counter[str] = field(default_factory=Counter)
    """Records accepted, copies included."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Why events are unsent: AWS's error code, or one of ours, and how many."""


@dataclass(frozen=True, kw_only=True)
class Production:
    """A run that is over."""

    run: RunInfo
    progress: Progress
    unsent_file: Path | None
    interrupted: bool


@dataclass(frozen=True, kw_only=True)
class Producer:
    """Sends runs to one stream.

    `patience_seconds` is how long the stream may take nothing before what is left of a request is given up. After
    that each request gets one try, until something is accepted again.
    """

    aws: Aws
    pipeline: str
    stream: str
    folder: Path
    """The pipeline's; the ledger goes below it."""
    patience_seconds: float = PATIENCE_SECONDS
    keep_unsent: bool = True
    """Keep the events that nobody took in a file."""
    record_bytes: int = RECORD_BYTES
    request_bytes: int = REQUEST_BYTES
    observe: Callable[[Progress], None] = lambda progress: None  # noqa: ARG005  nobody watches
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    rng: random.Random = field(default_factory=random.Random)

    def run(self, source: Source, pace: Pace) -> Production:
        """Send until source or pace end, or Ctrl-C. Raises UsageError and AwsError, once the ledger is closed."""
        info = self._new_run(source)
        with Ledger(self.folder, info) as ledger:
            delivery = _Delivery(self, ledger)
            try:
                interrupted = self._deliver(source, pace, info.run_id, delivery)
            except StreamctlError as error:
                kept = self._unsent_file(ledger, delivery)
                raise _with_figures(error, delivery.progress, kept) from error
            finally:
                info = self._figures(info, delivery.progress)
                ledger.end(info)
        unsent_file = self._unsent_file(ledger, delivery)
        return Production(run=info, progress=delivery.progress, unsent_file=unsent_file, interrupted=interrupted)

    def _unsent_file(self, ledger: Ledger, delivery: _Delivery) -> Path | None:
        return ledger.unsent_file if delivery.progress.unsent and self.keep_unsent else None

    def _deliver(self, source: Source, pace: Pace, run_id: str, delivery: _Delivery) -> bool:
        """Send everything; True where Ctrl-C came first."""
        try:
            for chunk in pace.chunks(lambda most: source.take(run_id, most), self.clock, self.sleep):
                delivery.deliver(chunk)
        except KeyboardInterrupt:
            return True
        return False

    def _new_run(self, source: Source) -> RunInfo:
        started_at = self.now()
        return RunInfo(
            run_id=new_run_id(started_at, self.rng),
            pipeline=self.pipeline,
            stream=self.stream,
            source=source.name,
            seed=source.seed,
            faults=dict(source.faults),
            started_at=started_at,
            clock_ahead_seconds=self._clock_ahead_seconds(),
        )

    def _clock_ahead_seconds(self) -> float:
        with failures.explained(f"look at the stream {self.stream}"):
            ahead = clock_ahead_seconds(self.aws.client("kinesis"), self.stream, self.now)
        if ahead is None:
            raise UsageError(f"There is no stream {self.stream}.", "`streamctl up` makes it.")
        return ahead

    def _figures(self, info: RunInfo, progress: Progress) -> RunInfo:
        return replace(
            info,
            ended_at=self.now(),
            events=progress.events,
            accepted=progress.accepted,
            unsent=progress.unsent,
            bytes=progress.bytes,
            by_type=dict(progress.by_type),
        )


class _Delivery:
    """One run under way."""

    def __init__(self, producer: Producer, ledger: Ledger) -> None:
        self.progress = Progress()
        self._producer = producer
        self._ledger = ledger
        self._kinesis: Any = producer.aws.once("kinesis")  # retries are counted and paced here
        self._patient = True
        self._twice: list[Event] = []

    def deliver(self, events: Sequence[Event]) -> None:
        """Write down, send, and settle what became of each event, even when interrupted half-way."""
        if self._ledger.info.faults:
            self._ledger.add_faults((event.fault, event.carried_seconds) for event in events)
        self._ledger.add((event.id, event.payload) for event in events)
        self.progress.events += len(events)
        requests = deque(split(events, self._producer.request_bytes))
        try:
            while requests:
                self._request(requests.popleft())
        finally:
            for request in requests:
                self._settle(request, range(len(request)), {})
        self._send_copies()

    def _send_copies(self) -> None:
        """Send again what is to be sent twice. A copy that nobody takes is no loss: its event is there."""
        copies, self._twice = self._twice, []
        for request in split(copies, self._producer.request_bytes):
            pending = dict(enumerate(request))
            self._send_until_taken(pending, {})
            self.progress.copies += len(request) - len(pending)

    def _request(self, events: Sequence[Event]) -> None:
        too_large = {number for number, event in enumerate(events) if event.size > self._producer.record_bytes}
        pending = {number: event for number, event in enumerate(events) if number not in too_large}
        reasons = dict.fromkeys(too_large, TOO_LARGE)
        try:
            self._send_until_taken(pending, reasons)
        finally:
            self._settle(events, sorted({*pending, *too_large}), reasons)

    def _send_until_taken(self, pending: dict[int, Event], reasons: dict[int, str]) -> None:
        attempts, since = count(), self._producer.clock()
        while pending:
            before = len(pending)
            self._send(pending, reasons)
            if len(pending) < before:
                self._patient, attempts, since = True, count(), self._producer.clock()
            if pending and not self._wait(next(attempts), since):
                return

    def _wait(self, attempt: int, since: float) -> bool:
        """Pause before the next try, or False where it is time to give up."""
        pause = backoff(attempt, rng=self._producer.rng)
        if not self._patient or self._producer.clock() + pause - since > self._producer.patience_seconds:
            self._patient = False
            return False
        self.progress.retried += 1
        self._producer.observe(self.progress)
        self._producer.sleep(pause)
        return True

    def _send(self, pending: dict[int, Event], reasons: dict[int, str]) -> None:
        """One request; what is accepted leaves `pending`, the others get their reason."""
        numbers = list(pending)
        self.progress.requests += 1
        for number, answer in zip(numbers, self._answers(list(pending.values())), strict=True):
            code = answer.get("ErrorCode")
            if code is None:
                del pending[number]
                reasons.pop(number, None)
                self.progress.by_shard[answer["ShardId"]] += 1
            else:
                reasons[number] = code
                self.progress.refused += 1

    def _answers(self, events: list[Event]) -> list[Mapping[str, str]]:
        try:
            return send(self._kinesis, self._producer.stream, events)
        except Exception as error:
            if not failures.is_sdk_error(error):
                raise
            if failures.classify(error) is failures.Failure.FATAL:
                raise failures.explain(error, f"send events to the stream {self._producer.stream}") from error
            return [{"ErrorCode": failures.code(error) or type(error).__name__}] * len(events)

    def _settle(self, events: Sequence[Event], unsent: Sequence[int], reasons: dict[int, str]) -> None:
        """Keep what became of a request, those before it being settled; `unsent` are places in it."""
        first = self.progress.accepted + self.progress.unsent
        if unsent and self._producer.keep_unsent:
            self._ledger.save_unsent(events[number].line for number in unsent)
        self._ledger.finish(first, len(events), [first + number for number in unsent])
        kept = set(unsent)
        for number, event in enumerate(events):
            if number in kept:
                self.progress.reasons[reasons.get(number, INTERRUPTED)] += 1
            else:
                self._count(event)
        self.progress.unsent += len(unsent)
        self.progress.accepted += len(events) - len(unsent)
        self._producer.observe(self.progress)

    def _count(self, event: Event) -> None:
        """Count an event that was accepted."""
        progress = self.progress
        progress.bytes += len(event.payload)
        if event.type in progress.by_type or len(progress.by_type) < TYPES_COUNTED:
            progress.by_type[event.type] += 1
        if event.fault:
            progress.by_fault.update(event.fault)
            if event.fault & Fault.DUPLICATED:
                self._twice.append(event)


def _with_figures(error: StreamctlError, progress: Progress, unsent_file: Path | None) -> StreamctlError:
    """The same error, with what was sent before it."""
    sent = "1 event" if progress.accepted == 1 else f"{progress.accepted:,} events"
    kept = f"; {progress.unsent:,} kept in {unsent_file}" if unsent_file else ""
    return type(error)(f"{error.message.rstrip('.')}. {sent} had been sent before{kept}.", error.hint)

"""Sends a run's events, and accounts for each: accepted by the stream, or kept as unsent.

Every event taken from the source is written to the ledger before it is sent. A refused record is sent again, alone; a
lost answer means the whole request again, which is harmless because an event carries its own id and the table is keyed
on it. An event to be duplicated is sent once more after its chunk, as after a lost answer: two records, one event.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING

from streamctl.aws import failures
from streamctl.errors import StreamctlError, UsageError
from streamctl.ledger import Ledger, RunInfo, new_run_id
from streamctl.traffic.delivery import Delivery
from streamctl.traffic.endpoint import StreamEndpoint
from streamctl.traffic.requests import RECORD_BYTES, REQUEST_BYTES, Cutter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from streamctl.aws import Aws
    from streamctl.traffic.pacing import Pace
    from streamctl.traffic.progress import Progress
    from streamctl.traffic.sources import Source

PATIENCE_SECONDS = 60.0
PERMISSIONS = {"stream": ("kinesis:DescribeStreamSummary", "kinesis:ListShards", "kinesis:PutRecords")}


def _now() -> datetime:
    return datetime.now(UTC)


def _unwatched(_progress: Progress) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Production:
    """A run that is over, or several that were sent side by side."""

    runs: tuple[RunInfo, ...]
    progress: Progress
    """All together."""
    unsent_files: tuple[Path, ...]
    interrupted: bool

    @property
    def run(self) -> RunInfo:
        """The only one, or the first of those sent side by side, by whose name they are all found."""
        return self.runs[0]


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
    connections: int = 1
    """Requests under way at a time. With one, events are sent in order; with more, the network's delay costs little."""
    share: float = 1.0
    """How much of what the stream takes is ours."""
    aggregates: bool = False
    """Pack events together, as Amazon's producer library does."""
    kept_seconds: int | None = None
    """How long the table keeps an item; None for ever."""
    record_bytes: int = RECORD_BYTES
    request_bytes: int = REQUEST_BYTES
    observe: Callable[[Progress], None] = _unwatched
    run_id: str = ""
    """Drawn anew for each run where it is empty."""
    group: str = ""
    """Of runs that are sent side by side."""
    now: Callable[[], datetime] = _now
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] | None = None
    """For tests, whose time passes as they like."""
    rng: random.Random = field(default_factory=random.Random)

    def run(self, source: Source, pace: Pace) -> Production:
        """Send until source or pace end, or Ctrl-C. Raises UsageError and AwsError, once the ledger is closed."""
        info = self._new_run(source)
        endpoint = StreamEndpoint(self.aws, self.stream, self.clock)
        with Ledger(self.folder, info) as ledger:
            delivery = Delivery(self, ledger, endpoint)
            try:
                interrupted = self._deliver(source, pace, info.run_id, delivery)
            except StreamctlError as error:
                kept = self._unsent_file(ledger, delivery)
                raise _with_figures(error, delivery.progress, kept) from error
            finally:
                info = self._figures(info, delivery.progress)
                ledger.end(info)
        kept = self._unsent_file(ledger, delivery)
        files = () if kept is None else (kept,)
        return Production(runs=(info,), progress=delivery.progress, unsent_files=files, interrupted=interrupted)

    def new_run_ids(self, count: int) -> list[str]:
        """So many, all different, in their order."""
        ids: set[str] = set()
        while len(ids) < count:
            ids.add(new_run_id(self.now(), self.rng))
        return sorted(ids)

    @cached_property
    def cutter(self) -> Cutter:
        return Cutter(self.request_bytes, self.record_bytes, self.aggregates)

    def _unsent_file(self, ledger: Ledger, delivery: Delivery) -> Path | None:
        return ledger.unsent_file if delivery.progress.unsent and self.keep_unsent else None

    def _deliver(self, source: Source, pace: Pace, run_id: str, delivery: Delivery) -> bool:
        """Send everything; True where Ctrl-C came first."""
        most = self.cutter.events_per_request
        try:
            with delivery:
                for chunk in pace.chunks(lambda count: source.take(run_id, count), self.clock, delivery.pause, most):
                    delivery.deliver(chunk)
        except KeyboardInterrupt:
            return True
        return False

    def _new_run(self, source: Source) -> RunInfo:
        started_at = self.now()
        return RunInfo(
            run_id=self.run_id or new_run_id(started_at, self.rng),
            group=self.group,
            pipeline=self.pipeline,
            stream=self.stream,
            source=source.name,
            seed=source.seed,
            faults=dict(source.faults),
            started_at=started_at,
            clock_ahead_seconds=self._clock_ahead_seconds(),
            kept_seconds=self.kept_seconds,
        )

    def _clock_ahead_seconds(self) -> float:
        with failures.explained(f"look at the stream {self.stream}"):
            answer = failures.or_none(self.aws.client("kinesis").describe_stream_summary, StreamName=self.stream)
        if answer is None:
            raise UsageError(f"There is no stream {self.stream}.", "`streamctl up` makes it.")
        told = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        return (parsedate_to_datetime(told) - self.now()).total_seconds() if told else 0.0

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


def _with_figures(error: StreamctlError, progress: Progress, unsent_file: Path | None) -> StreamctlError:
    """The same error, with what was sent before it."""
    sent = "1 event" if progress.accepted == 1 else f"{progress.accepted:,} events"
    kept = f"; {progress.unsent:,} kept in {unsent_file}" if unsent_file else ""
    return type(error)(f"{error.message.rstrip('.')}. {sent} had been sent before{kept}.", error.hint)

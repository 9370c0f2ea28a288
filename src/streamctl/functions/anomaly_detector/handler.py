"""The function's entry: a batch of changes of the results table to the answer Lambda expects.

Every item that is new is counted once in its window, however often its batch is delivered; what cannot be written now
is delivered again.
"""

from __future__ import annotations

import functools
import os
import sys
import time
from typing import TYPE_CHECKING, Any, Protocol

from ..aws.errors import CallError
from ..aws.query import QueryService
from ..aws.retrying import Retry
from ..aws.service import JsonService
from .arrival import arrival
from .change import Changer, Done
from .detector import Detector
from .metrics import counts_line, series_line
from .notices import Topic, notice
from .settings import Settings
from .store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from .arrival import Arrival
    from .notices import Notice

SECONDS_AT_ONCE = 40
"""Seconds of arrival in one change, each an item of its transaction."""
ARRIVALS_AT_ONCE = 1000
"""Each may open a window of its own, and all open windows are one item."""


class Context(Protocol):
    """What is used of Lambda's context."""

    def get_remaining_time_in_millis(self) -> int: ...


class Told(Protocol):
    """Where notices go."""

    def publish(self, notice: Notice) -> None: ...


def handle(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Lambda calls this."""
    return _monitor().handle(event, context)


@functools.cache
def _monitor() -> Monitor:
    """One for the life of the container. STATE_TABLE, RESULTS_TABLE, TOPIC_ARN say where to; see `settings`, too."""
    settings = Settings.from_environment(os.environ)
    store = Store(JsonService("dynamodb"), os.environ["STATE_TABLE"], os.environ["RESULTS_TABLE"])
    topic = Topic(QueryService("sns"), os.environ["TOPIC_ARN"])
    return Monitor(settings, Changer(store, settings, Detector), topic)


def write_line(line: str) -> None:
    """One log event."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Monitor:
    """Takes batches through `changer` and tells `topic`; the clock, the pauses and the log can be handed in."""

    def __init__(
        self,
        settings: Settings,
        changer: Changer,
        topic: Told,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        log: Callable[[str], None] = write_line,
    ) -> None:
        self._settings = settings
        self._changer = changer
        self._topic = topic
        self._clock = clock
        self._sleep = sleep
        self._log = log

    def handle(self, event: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """Take in one batch. The answer names the first record that has to be delivered again, if any."""
        started = self._clock()
        retry = Retry(context.get_remaining_time_in_millis, reserve=1 / 5, most_seconds=20, sleep=self._sleep)
        records = event["Records"]
        arrivals = [found for each in records if (found := arrival(each, self._settings.series))]
        done: list[Done] = []
        try:
            failure = self._take_in(arrivals, retry, done)
        finally:  # whatever stops it, what is done is done
            self._report(len(records), done, started)
        return {"batchItemFailures": [{"itemIdentifier": failure}] if failure else []}

    def _take_in(self, arrivals: Sequence[Arrival], retry: Retry, done: list[Done]) -> str | None:
        """Apply all arrivals, a piece at a time, and close what is over: the first that could not be, if any."""
        for piece in pieces(arrivals):
            if self._applied(piece, retry, done):
                return piece[0].sequence_number
            while done[-1].is_behind and not self._applied([], retry, done):
                pass  # what is still left when the time is over is closed with the next batch
        return None

    def _applied(self, piece: Sequence[Arrival], retry: Retry, done: list[Done]) -> str:
        """Apply a piece, again while another invocation is faster: why it could not be, or nothing."""

        def send(pending: list[Sequence[Arrival]]) -> list[Sequence[Arrival]]:
            done.append(self._changer.apply(pending[0], int(self._clock())))
            return []

        left, why = retry.until_accepted(send, [piece])
        if not left:
            self._tell(done[-1])
            return ""
        self._log(f"to be delivered again: {why}" if piece else f"windows to be closed with the next batch: {why}")
        return why

    def _tell(self, done: Done) -> None:
        """Publish what is new; it is remembered as told already."""
        failed = 0
        for news in done.news:
            said = notice(self._settings.pipeline, news)
            self._log(f"{news.sort}: {said.subject}")
            try:
                self._topic.publish(said)
            except CallError as error:
                failed += 1
                self._log(f"nobody was told: {error.code}: {said.subject}")
        self._log_counts({"AnomalyNoticesFailed": failed} if done.news else {})

    def _report(self, records: int, done: Sequence[Done], started: float) -> None:
        """Metrics, and one line for people."""
        fates = {fate: sum(each.fates.get(fate, 0) for each in done) for fate in ("counted", "late", "ahead")}
        at_ms = int(self._clock() * 1000)
        for each in done:
            for name, (opened, scores) in each.scores.items():
                self._log(series_line(self._settings.pipeline, name, opened, scores, at_ms))
        self._log_counts({"LateRecords": fates["late"], "FutureRecords": fates["ahead"]})
        self._log(
            f"watched records={records} counted={fates['counted']} again={sum(each.again for each in done)}"
            f" late={fates['late']} ahead={fates['ahead']} windows_closed={sum(each.closed for each in done)}"
            f" duration_ms={round((self._clock() - started) * 1000)}"
        )

    def _log_counts(self, counts: Mapping[str, int]) -> None:
        if counts:
            self._log(counts_line(self._settings.pipeline, counts, int(self._clock() * 1000)))


def pieces(arrivals: Sequence[Arrival]) -> Iterator[list[Arrival]]:
    """The arrivals in order, cut into as few changes as their limits allow."""
    piece: list[Arrival] = []
    seconds: set[int] = set()
    for each in arrivals:
        if len(piece) == ARRIVALS_AT_ONCE or (len(seconds) == SECONDS_AT_ONCE and each.arrived_at not in seconds):
            yield piece
            piece, seconds = [], set()
        piece.append(each)
        seconds.add(each.arrived_at)
    if piece:
        yield piece

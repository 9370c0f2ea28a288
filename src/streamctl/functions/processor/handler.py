"""The function's entry: a batch of records from one shard to the answer Lambda expects.

Every record ends in one of three ways: its item is in the table, a message about it is in the queue of rejected
records, or it is delivered again. Payloads are never logged.
"""

from __future__ import annotations

import functools
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol

from ..aws.retrying import Retry
from ..aws.service import JsonService
from . import outcomes
from .decode import decode
from .fields import json_text
from .item import Item, build_item
from .marks import MARK_REJECTED, MarkedRejected
from .metrics import metric_lines
from .outcomes import Failure, RejectedError, Rejection
from .own import Own
from .record import Record
from .redaction import KEEP_ALL, Redaction
from .rejected import Rejected, RejectedQueue
from .stamps import NO_STAMP, NO_STAMPS, Stamp, Stamps
from .table import BatchWriter, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

CALLS_AT_A_TIME = 8
RECIPE = Own()
OWN_PART = 0.5
"""Of an invocation's time, what code of the owner's may use up before the items are written."""
TOO_SLOW = Failure("the owner's code took too long for a batch of this size")

Outcome = Item | Rejection | Failure


class Context(Protocol):
    """What is used of Lambda's context."""

    @property
    def aws_request_id(self) -> str: ...
    def get_remaining_time_in_millis(self) -> int: ...


def handle(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Lambda calls this."""
    return _processor().handle(event, context)


@functools.cache
def _processor() -> Processor:
    """One for the life of the container. DYNAMODB_TABLE and REJECTED_QUEUE_URL say where to; see `redaction`,
    `stamps` and `marks`, too."""
    redaction, stamps = Redaction.from_environment(os.environ), Stamps.from_environment(os.environ)
    pool = ThreadPoolExecutor(CALLS_AT_A_TIME)
    table = BatchWriter(JsonService("dynamodb"), os.environ["DYNAMODB_TABLE"], pool)
    url, shows_payload = os.environ["REJECTED_QUEUE_URL"], redaction.keeps_all
    rejected: Rejected = RejectedQueue(JsonService("sqs"), url, pool, shows_payload=shows_payload)
    if MARK_REJECTED in os.environ:
        rejected = MarkedRejected(rejected, table)
    return Processor(table, rejected, redaction, Own.shipped(redaction), stamps)


def write_line(line: str) -> None:
    """One log event."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Processor:
    """Processes batches into a table and a queue; the clock, the pauses and the log can be handed in."""

    def __init__(
        self,
        table: Table,
        rejected: Rejected,
        redaction: Redaction = KEEP_ALL,
        own: Own = RECIPE,
        stamps: Stamps = NO_STAMPS,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        log: Callable[[str], None] = write_line,
    ) -> None:
        self._table = table
        self._rejected = rejected
        self._redaction = redaction
        self._own = own
        self._stamps = stamps
        self._clock = clock
        self._sleep = sleep
        self._log = log

    def handle(self, event: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """Process one batch. The answer names the first record that has to be delivered again, if any."""
        started_at_ms = self._now_ms()
        remaining_ms = context.get_remaining_time_in_millis
        records = [record for delivered in event["Records"] for record in Record.from_lambda(delivered).expanded()]
        prepared = self._prepared(records, started_at_ms, context)
        # Of the time that preparing has left; the queue comes after the table, so it may use more of it.
        table_retry = Retry(remaining_ms, reserve=1 / 3, most_seconds=30, sleep=self._sleep)
        queue_retry = Retry(remaining_ms, reserve=1 / 10, most_seconds=8, sleep=self._sleep)
        written = self._write(prepared, table_retry)
        ends = self._set_aside(records, written, queue_retry)
        self._report(ends[: _delivered_again_from(records, ends)], len(ends), started_at_ms)
        return self._answer(records, ends)

    def _prepared(self, records: Sequence[Record], started_at_ms: int, context: Context) -> Sequence[Outcome]:
        """What becomes of each record. Where code of the owner's has used up its part of the time, the rest is left to
        the next delivery; what was delivered as one record, and comes first, is not: it would never be done.
        """
        redaction, own, remaining_ms = self._redaction, self._own, context.get_remaining_time_in_millis
        stamp = NO_STAMP if self._stamps == NO_STAMPS else self._stamps.of_batch(context)
        if not own.may_be_slow:
            return [prepare(record, started_at_ms, redaction, own, stamp) for record in records]
        reserve_ms = remaining_ms() * (1 - OWN_PART)
        prepared: list[Outcome] = []
        for record in records:
            if remaining_ms() < reserve_ms and record.sequence_number != records[0].sequence_number:
                prepared.append(TOO_SLOW)
            else:
                prepared.append(prepare(record, started_at_ms, redaction, own, stamp))
        return prepared

    def _write(self, prepared: Sequence[Outcome], retry: Retry) -> list[Outcome]:
        """Write the items. Of several with one key the last is written, and the others end as it does."""
        items = {end.key: end for end in prepared if isinstance(end, Item)}
        unwritten = self._table.write(items.values(), retry)
        return [unwritten.get(end.key, end) if isinstance(end, Item) else end for end in prepared]

    def _set_aside(self, records: Sequence[Record], written: Sequence[Outcome], retry: Retry) -> list[Outcome]:
        """Set aside what is not delivered again for another record's failure: that would be told twice."""
        rejections = {
            position: (records[position], end)
            for position, end in enumerate(written[: _delivered_again_from(records, written)])
            if isinstance(end, Rejection)
        }
        unsent = self._rejected.send(rejections, retry) if rejections else {}
        return [unsent.get(position, end) for position, end in enumerate(written)]

    def _report(self, done: Sequence[Outcome], records: int, started_at_ms: int) -> None:
        """Metrics and one line for people about what is done. What is delivered again is counted then."""
        stored = [end for end in done if isinstance(end, Item)]
        rejected = len(done) - len(stored)
        for line in metric_lines(stored, rejected, started_at_ms, self._own.event_types):
            self._log(line)
        self._log(
            f"processed records={records} stored={len(stored)} rejected={rejected} retried={records - len(done)}"
            f" duration_ms={self._now_ms() - started_at_ms}"
        )

    def _answer(self, records: Sequence[Record], ends: Sequence[Outcome]) -> dict[str, Any]:
        first = _first_failure(ends)
        if first == len(ends):
            return {"batchItemFailures": []}
        failure = ends[first]
        if isinstance(failure, Failure):
            self._log(f"to be delivered again from sequence={records[first].sequence_number}: {failure.why}")
        return {"batchItemFailures": [{"itemIdentifier": records[first].sequence_number}]}

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)


def prepare(
    record: Record,
    processed_at_ms: int,
    redaction: Redaction = KEEP_ALL,
    own: Own = RECIPE,
    stamp: Stamp = NO_STAMP,
) -> Item | Rejection:
    """The record's item, or why there can be none. Never raises: what goes wrong with one record stays with it."""
    event: Mapping[str, Any] = {}
    try:
        text, event = decode(record.payload)
        own.check(event)
        return build_item(record, text, event, processed_at_ms, redaction, own.metrics, stamp)
    except RejectedError as error:
        return Rejection(error.reason, error.detail, _readable_id(event))
    except RecursionError:
        return Rejection(outcomes.NESTED_TOO_DEEP, "The payload is nested too deep to be read.", _readable_id(event))
    except Exception as error:  # a mistake of ours must not stop the shard
        return Rejection(outcomes.PROCESSOR_ERROR, _where(error), _readable_id(event))


def _readable_id(event: Mapping[str, Any]) -> str | None:
    own = event.get("eventId")
    return None if own is None or isinstance(own, list | dict) else json_text(own)


def _where(error: BaseException) -> str:
    """Type and place of an error; its own words might quote the payload."""
    import traceback
    from pathlib import Path

    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(frame.filename).name}, line {frame.lineno}."


def _first_failure(ends: Sequence[Outcome]) -> int:
    """The position of the first record that failed; the number of records where there is none."""
    return next((position for position, end in enumerate(ends) if isinstance(end, Failure)), len(ends))


def _delivered_again_from(records: Sequence[Record], ends: Sequence[Outcome]) -> int:
    """The position of the first record to be delivered again: that of an aggregate is so with all the others in it."""
    first = _first_failure(ends)
    return first if first == len(ends) else first - (records[first].sub or 0)

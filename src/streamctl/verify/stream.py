"""Reading the stream again: a range of a shard, or single records of it, as far as they have not expired."""

from __future__ import annotations

import time
from collections import deque
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from streamctl.aws import failures
from streamctl.aws.waiting import backoff
from streamctl.functions.processor.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ACTIONS = ("kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator")
RECORDS_PER_CALL = 1000
APART_PER_CALL = 100
"""Single records rarely stand side by side; what lies between them is read for nothing."""
THROTTLED_TRIES = 10
"""A shard answers five times a second, and Lambda asks, too."""
_GONE = frozenset({"InvalidArgumentException", "ResourceNotFoundException"})
_EXPIRED = "ExpiredIteratorException"


def retention(kinesis: Any, stream: str) -> timedelta | None:
    """How long a stream keeps its records; None where it is gone."""
    answer = failures.or_none(kinesis.describe_stream_summary, StreamName=stream)
    return answer and timedelta(hours=answer["StreamDescriptionSummary"]["RetentionPeriodHours"])


def between(
    kinesis: Any, stream: str, shard_id: str, first: str, last: str, sleep: Callable[[float], None] = time.sleep
) -> Iterator[Record]:
    """The records from one sequence number to another, both included; none where the stream no longer holds them."""
    for page in _pages(_Shard(kinesis, stream, shard_id, RECORDS_PER_CALL, sleep), first):
        for record in page:
            if int(record.sequence_number) > int(last):
                return
            if int(record.sequence_number) >= int(first):
                yield record


def single(
    kinesis: Any,
    stream: str,
    shard_id: str,
    sequence_numbers: Iterable[str],
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Record]:
    """The records with these sequence numbers, in the shard's order, without those that have expired."""
    shard = _Shard(kinesis, stream, shard_id, APART_PER_CALL, sleep)
    wanted = deque(sorted(set(sequence_numbers), key=int))
    while wanted:
        page = next(_pages(shard, wanted[0]), [])
        found = {record.sequence_number: record for record in page}
        read_to = int(page[-1].sequence_number) if page else int(wanted[0])
        while wanted and int(wanted[0]) <= read_to:
            if record := found.get(wanted.popleft()):
                yield record


class _Shard:
    """A shard that is read from chosen places, at most `limit` records a call."""

    def __init__(self, kinesis: Any, stream: str, shard_id: str, limit: int, sleep: Callable[[float], None]) -> None:
        self._kinesis = kinesis
        self._stream = stream
        self._shard_id = shard_id
        self._limit = limit
        self._sleep = sleep

    def iterator(self, kind: str, sequence_number: str) -> str | None:
        answer = self._patiently(
            self._kinesis.get_shard_iterator,
            StreamName=self._stream,
            ShardId=self._shard_id,
            ShardIteratorType=kind,
            StartingSequenceNumber=sequence_number,
        )
        return str(answer["ShardIterator"]) if answer else None

    def read(self, iterator: str) -> tuple[list[Record], str | None, bool]:
        """Records, where to go on, and whether more are waiting behind them."""
        answer = self._patiently(self._kinesis.get_records, ShardIterator=iterator, Limit=self._limit)
        if answer is None:
            return [], None, False
        records = [self._record(found) for found in answer["Records"]]
        return records, answer.get("NextShardIterator"), bool(answer.get("MillisBehindLatest"))

    def _record(self, found: Any) -> Record:
        return Record(
            stream=self._stream,
            shard_id=self._shard_id,
            sequence_number=found["SequenceNumber"],
            partition_key=found["PartitionKey"],
            arrived_at_ms=round(found["ApproximateArrivalTimestamp"].timestamp() * 1000),
            payload=found["Data"],
        )

    def _patiently(self, call: Callable[..., Any], **arguments: Any) -> Any | None:
        """The answer, waited for where the shard is asked too often; None where there is nothing any more."""
        for attempt in count():
            try:
                return call(**arguments)
            except Exception as error:
                if failures.code(error) in _GONE:
                    return None
                throttled = failures.is_sdk_error(error) and failures.classify(error) is failures.Failure.NO_EFFECT
                if not throttled or attempt + 1 == THROTTLED_TRIES:
                    raise
            self._sleep(backoff(attempt, longest_seconds=1.0))
        return None


def _pages(shard: _Shard, first: str) -> Iterator[list[Record]]:
    """What stands in the shard from a sequence number on, until its end or the present."""
    iterator, kind, behind = None, "AT_SEQUENCE_NUMBER", first
    while iterator := iterator or shard.iterator(kind, behind):
        try:
            records, following, more = shard.read(iterator)
        except Exception as error:
            if failures.code(error) != _EXPIRED:  # after five minutes, and whoever takes the records may be slow
                raise
            iterator = None
            continue
        if records:
            kind, behind = "AFTER_SEQUENCE_NUMBER", records[-1].sequence_number
            yield records
        if following is None or not (records or more):
            return
        iterator = following

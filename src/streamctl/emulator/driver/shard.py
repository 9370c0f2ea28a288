"""One shard of one mapping: a thread that reads, and one per lane that delivers.

ParallelizationFactor is the number of lanes. A partition key always has the same lane, so its order is kept; the
checkpoint moves over what all lanes have finished.
"""

from __future__ import annotations

import logging
import threading
import time
import zlib
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from streamctl.emulator.driver import destinations, ministack
from streamctl.emulator.driver.batching import Batcher
from streamctl.emulator.driver.checkpoints import SHARD_END
from streamctl.emulator.driver.delivery import Discarded, World, deliver
from streamctl.emulator.driver.invocation import invoke
from streamctl.emulator.driver.link import StoppedError
from streamctl.emulator.driver.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamctl.emulator.driver.link import Link
    from streamctl.emulator.driver.records import Record
    from streamctl.emulator.driver.responses import Answer
    from streamctl.emulator.driver.streams import Stream

IDLE_SECONDS = 1.0  # puts wake the reader; this is for what they do not tell, like the end of a shard
FAILURE_PAUSE_SECONDS = 1.0
BUFFERED_BYTES = 20_000_000

logger = logging.getLogger(__name__)


class Shard:
    """Starts reading when made."""

    def __init__(self, link: Link, stream: Stream, shard_id: str) -> None:
        mapping = link.mapping
        self.shard_id = shard_id
        self._link = link
        self._stream = stream
        self._world = World(self._invoke, self._discard, self._finish, time.time, link.pause)
        self._lanes = [Batcher(mapping.batch_size, mapping.window_seconds) for _ in range(mapping.lanes)]
        self._most_outstanding = max(1000, 2 * mapping.batch_size * mapping.lanes)
        self._progress = Progress()
        self._read_up_to = link.checkpoints.get(mapping.uuid, shard_id)
        self._changed = threading.Condition()
        self._read_all = False
        self._threads = [link.thread(shard_id, self._read_forever)]
        self._threads += [link.thread(shard_id, self._deliver_forever, lane) for lane in self._lanes]

    def is_alive(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def notice_stop(self) -> None:
        """Wake the threads, so that they see that the mapping is stopping."""
        with self._changed:
            self._changed.notify_all()

    # Reading

    def _read_forever(self) -> None:
        iterator = None
        while not self._link.stopping.is_set():
            self._wait_for_room()
            seen = self._link.wake.count
            try:
                iterator = iterator or self._stream.open(self.shard_id, self._read_up_to)
                page = self._stream.read(self.shard_id, iterator)
            except (ClientError, BotoCoreError) as error:
                iterator = None
                self._note_unreadable(error)
                continue
            self._take(page.records)
            iterator = page.following
            if iterator is None:
                self._end()
                return
            if not page.records:
                self._link.wake.wait(seen, IDLE_SECONDS)

    def _note_unreadable(self, error: ClientError | BotoCoreError) -> None:
        logger.warning("%s of %s cannot be read: %s", self.shard_id, self._link.mapping.stream_arn, error)
        if isinstance(error, ClientError) and error.response["Error"]["Code"] == "ResourceNotFoundException":
            self._link.stopping.set()  # the stream is gone: start over, in case another one takes its name
        self._link.pause(FAILURE_PAUSE_SECONDS)

    def _take(self, records: Sequence[Record]) -> None:
        passed = [self._link.mapping.filter.passes(record) for record in records]
        with self._changed:
            now = time.monotonic()
            for record, passes in zip(records, passed, strict=True):
                self._progress.read(record)
                self._read_up_to = record.sequence_number
                if passes:
                    self._lanes[zlib.crc32(record.partition_key.encode()) % len(self._lanes)].add(record, now)
            self._changed.notify_all()
        self._finish([record for record, passes in zip(records, passed, strict=True) if not passes])

    def _wait_for_room(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._link.stopping.is_set() or self._has_room())

    def _has_room(self) -> bool:
        return len(self._progress) < self._most_outstanding and sum(lane.bytes for lane in self._lanes) < BUFFERED_BYTES

    def _end(self) -> None:
        """The shard is closed and read: when all is delivered too, its children may start."""
        with self._changed:
            self._read_all = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._link.stopping.is_set() or not self._progress)
            if not self._progress:
                self._link.checkpoints.put(self._link.mapping.uuid, self.shard_id, SHARD_END)

    # Delivering

    def _deliver_forever(self, lane: Batcher) -> None:
        while batch := self._next_batch(lane):
            deliver(batch, self._link.mapping.policy, self._world)

    def _next_batch(self, lane: Batcher) -> list[Record]:
        with self._changed:
            while not self._link.stopping.is_set():
                now = time.monotonic()
                if batch := lane.take(now):
                    return batch
                if self._read_all and not lane:
                    break
                wait = lane.wait_seconds(now)
                self._changed.wait(None if wait == float("inf") else wait)
        return []

    def _invoke(self, records: Sequence[Record]) -> Answer:
        mapping = self._link.mapping
        ministack.note_iterator_age(mapping, max(0.0, time.time() - records[-1].arrived_at) * 1000)
        client = self._link.clients.of_account("lambda", mapping.account, mapping.region)
        answer = invoke(client, mapping.function_arn, records)
        failed = answer.function_error or not answer.invoked
        if failed and self._link.stopping.is_set():
            raise StoppedError  # it may have failed because the emulator ends: that is no failure of the records
        ministack.note_result(mapping, "PROBLEM: Function call failed" if failed else "OK")
        return answer

    def _discard(self, discarded: Discarded) -> bool:
        try:
            destinations.send(self._link.clients, self._link.mapping, self.shard_id, discarded)
        except (ClientError, BotoCoreError) as error:
            logger.warning("The destination %s cannot be written: %s", self._link.mapping.destination_arn, error)
            return False
        return True

    def _finish(self, records: Sequence[Record]) -> None:
        with self._changed:
            checkpoint = self._progress.finish(records)
            if checkpoint is not None:
                self._link.checkpoints.put(self._link.mapping.uuid, self.shard_id, checkpoint)
            self._changed.notify_all()

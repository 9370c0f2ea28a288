"""One run under way: events are written down, requests go out, several at a time, and each event is settled.

The main thread takes, writes down and hands over; the threads of the pool send, and settle what they have sent. So an
answer is written down when it is there, whatever the main thread waits for.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from streamctl.ledger import Fault
from streamctl.traffic.chunk import Chunk
from streamctl.traffic.progress import Progress
from streamctl.traffic.sender import Sender
from streamctl.traffic.shield import shielded
from streamctl.traffic.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamctl.ledger import Ledger
    from streamctl.traffic.endpoint import StreamEndpoint
    from streamctl.traffic.events import Event
    from streamctl.traffic.producer import Producer
    from streamctl.traffic.requests import Request

INTERRUPTED = "Interrupted"
COPIES = -1
"""In place of the number of the first event: they have been settled before."""


class Delivery:
    """A context manager: at its end everything is settled, also after Ctrl-C or a refusal for good. A second Ctrl-C
    settles as unsent what has no answer yet."""

    def __init__(self, producer: Producer, ledger: Ledger, endpoint: StreamEndpoint) -> None:
        self.progress = Progress()
        self._producer = producer
        self._ledger = ledger
        self._endpoint = endpoint
        self._sender = Sender(producer, endpoint, self.progress)
        self._throttle = Throttle(producer.clock, producer.share)
        self._pool = ThreadPoolExecutor(producer.connections)
        self._open: dict[int, Request] = {}
        """What is not settled yet, sent or not."""
        self._under_way: set[Future[None]] = set()
        self._failed = threading.Event()
        self._twice: list[Event] = []

    def __enter__(self) -> Delivery:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._collect(at_most=0)
                self._send_copies()
                self._collect(at_most=0)
        finally:
            self._end()

    def deliver(self, events: Sequence[Event]) -> None:
        """Write down and send; over more than one connection, not all of it may be taken when it returns.

        Raises what has ended an earlier request for good.
        """
        chunk = Chunk.of(events)
        if self._endpoint.look_again():  # places are those in another map now
            self._throttle = Throttle(self._producer.clock, self._producer.share)
        with shielded():
            first = self.progress.events
            self._write_down(chunk)
            self.progress.events += len(chunk)
            requests = self._opened(chunk, first)
        self._send(requests)
        self._send_copies()

    def pause(self, seconds: float) -> None:
        """Wait between chunks; raises what ends a request for good meanwhile."""
        if self._producer.sleep is not None:
            self._producer.sleep(seconds)
        elif self._failed.wait(seconds):
            self._collect(at_most=len(self._under_way))

    def _write_down(self, chunk: Chunk) -> None:
        if self._ledger.info.faults:
            self._ledger.add_faults((event.fault, event.carried_seconds) for event in chunk)
        if chunk.events is None:
            self._ledger.add_made(chunk.payloads)
        else:
            self._ledger.add((event.id, event.payload) for event in chunk.events)

    def _opened(self, chunk: Chunk, first: int) -> list[Request]:
        requests = list(self._producer.cutter.requests(chunk, first, self._endpoint.shards))
        with self._sender.lock:
            self._open |= {id(request): request for request in requests}
            self.progress.in_flight += 0 if first == COPIES else len(chunk)
        return requests

    def _send(self, requests: Sequence[Request]) -> None:
        for request in requests:
            self._pace(request)
            self._collect(at_most=self._producer.connections - 1)
            self._under_way.add(self._pool.submit(self._send_and_settle, request))
        if self._producer.connections == 1:  # in order: the next is made when this one is taken
            self._collect(at_most=0)

    def _pace(self, request: Request) -> None:
        pause = self._throttle.reserve(request.load(self._endpoint.shards))
        if pause > 0:
            self.progress.paced_seconds += pause
            (self._producer.sleep or time.sleep)(pause)

    def _send_and_settle(self, request: Request) -> None:
        """What a thread of the pool does with a request."""
        try:
            self._sender.send(request)
        except BaseException:
            self._failed.set()
            raise
        finally:
            self._settle(request)

    def _collect(self, at_most: int) -> None:
        """Wait until at most so many requests are under way. Raises what ended one of them for good."""
        while True:
            over = {future for future in self._under_way if future.done()}
            self._under_way -= over
            for future in over:
                future.result()
            if len(self._under_way) <= at_most:
                return
            wait(self._under_way, return_when=FIRST_COMPLETED)

    def _end(self) -> None:
        """Nothing is sent again. What is under way may end its try; the rest is settled as it is."""
        try:
            self._sender.stopping.set()
            self._pool.shutdown(cancel_futures=True)
        except KeyboardInterrupt:  # a second one: what has no answer yet is kept as unsent, and may have arrived
            self._pool.shutdown(wait=False, cancel_futures=True)
        finally:
            with shielded():
                for request in list(self._open.values()):
                    self._settle(request)

    def _send_copies(self) -> None:
        """Send again what is to be sent twice. A copy that nobody takes is no loss: its event is there."""
        with shielded():
            with self._sender.lock:
                copies, self._twice = self._twice, []
            requests = self._opened(Chunk.of(copies), COPIES) if copies else []
        self._send(requests)

    def _settle(self, request: Request) -> None:
        """Keep what became of a request, once."""
        with self._sender.lock:
            if id(request) not in self._open:
                return
            if request.is_copy:
                self.progress.copies += len(request.chunk) - len(request.unsent)
            else:
                self._enter(request, request.unsent)
                self.progress.in_flight -= len(request.chunk)
            del self._open[id(request)]
            self._producer.observe(self.progress)

    def _enter(self, request: Request, unsent: list[int]) -> None:
        """Into the ledger and the figures; `unsent` are places in the request's chunk."""
        chunk, progress = request.chunk, self.progress
        if unsent and self._producer.keep_unsent:
            self._ledger.save_unsent(chunk.line(place) for place in unsent)
        self._ledger.finish(request.first, len(chunk), [request.first + place for place in unsent])
        progress.reasons.update(request.reasons.get(place, INTERRUPTED) for place in unsent)
        progress.unsent += len(unsent)
        progress.accepted += len(chunk) - len(unsent)
        accepted = chunk if not unsent else chunk.without(unsent)
        progress.bytes += sum(map(len, accepted.payloads))
        progress.count_types(accepted.types)
        for event in accepted.events or ():
            if event.fault:
                progress.by_fault.update(event.fault)
                if event.fault & Fault.DUPLICATED:
                    self._twice.append(event)

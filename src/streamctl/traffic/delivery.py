"""One run under way: events are written down, requests go out, several at a time, and each event is settled."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from streamctl.ledger import Fault
from streamctl.traffic.chunk import Chunk
from streamctl.traffic.endpoint import THROTTLED
from streamctl.traffic.progress import Progress
from streamctl.traffic.sender import Sender
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
    """A context manager: at its end everything is settled, also after Ctrl-C or a refusal for good."""

    def __init__(self, producer: Producer, ledger: Ledger, endpoint: StreamEndpoint) -> None:
        self.progress = Progress()
        self._producer = producer
        self._ledger = ledger
        self._endpoint = endpoint
        self._sender = Sender(producer, endpoint, self.progress)
        self._throttle = Throttle(producer.clock, producer.share)
        self._pool = ThreadPoolExecutor(producer.connections) if producer.connections > 1 else None
        self._open: dict[int, Request] = {}
        """What is not settled yet, sent or not."""
        self._under_way: dict[Future[None], Request] = {}
        self._twice: list[Event] = []

    def __enter__(self) -> Delivery:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._collect(len(self._under_way))
                self._send_copies()
                self._collect(len(self._under_way))
        finally:
            self._settle_the_rest()

    def deliver(self, events: Sequence[Event]) -> None:
        """Write down and send; over more than one connection, not all of it may be taken when it returns."""
        chunk = Chunk.of(events)
        first = self.progress.events
        self._write_down(chunk)
        self.progress.events += len(chunk)
        self._send(chunk, first)
        self._send_copies()

    def _write_down(self, chunk: Chunk) -> None:
        if self._ledger.info.faults:
            self._ledger.add_faults((event.fault, event.carried_seconds) for event in chunk)
        if chunk.events is None:
            self._ledger.add_made(chunk.payloads)
        else:
            self._ledger.add((event.id, event.payload) for event in chunk.events)

    def _send(self, chunk: Chunk, first: int) -> None:
        requests = list(self._producer.cutter.requests(chunk, first, self._endpoint.shards))
        self._open |= {id(request): request for request in requests}
        self.progress.in_flight += 0 if first < 0 else len(chunk)
        for request in requests:
            self._pace(request)
            if self._pool is None:
                self._send_here(request)
            else:
                self._collect(1 + len(self._under_way) - self._producer.connections)
                self._under_way[self._pool.submit(self._sender.send, request)] = request

    def _pace(self, request: Request) -> None:
        pause = self._throttle.reserve(request.load(self._endpoint.shards))
        if pause > 0:
            self.progress.paced_seconds += pause
            self._producer.sleep(pause)

    def _send_here(self, request: Request) -> None:
        try:
            self._sender.send(request)
        finally:
            self._settle(request)

    def _collect(self, least: int) -> None:
        """Settle requests that are over, at least so many. Raises what ended one of them for good."""
        while least > 0:
            over, _ = wait(self._under_way, return_when=FIRST_COMPLETED)
            for future in over:
                self._settle(self._under_way.pop(future))
            for future in over:
                future.result()
            least -= len(over)

    def _settle_the_rest(self) -> None:
        """Settle everything as it is; what is under way may end its try, and nothing is sent again."""
        self._sender.stopping.set()
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        for request in list(self._open.values()):
            self._settle(request)

    def _send_copies(self) -> None:
        """Send again what is to be sent twice. A copy that nobody takes is no loss: its event is there."""
        copies, self._twice = self._twice, []
        if copies:
            self._send(Chunk.of(copies), COPIES)

    def _settle(self, request: Request) -> None:
        """Keep what became of a request."""
        del self._open[id(request)]
        chunk, unsent = request.chunk, request.unsent
        if any(reason == THROTTLED for reason in request.reasons.values()):
            self._endpoint.look_again()
        with self._sender.lock:
            if request.is_copy:
                self.progress.copies += len(chunk) - len(unsent)
            else:
                self._enter(request, unsent)
                self.progress.in_flight -= len(chunk)
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

"""One request, sent until it is taken or patience is over."""

from __future__ import annotations

import threading
from itertools import count
from typing import TYPE_CHECKING

from streamctl.aws.waiting import backoff

if TYPE_CHECKING:
    from streamctl.traffic.endpoint import StreamEndpoint
    from streamctl.traffic.producer import Producer
    from streamctl.traffic.progress import Progress
    from streamctl.traffic.requests import Request


class Sender:
    """Sends in the thread of whoever calls it; several may at once. Nothing is sent once `stopping` is set."""

    def __init__(self, producer: Producer, endpoint: StreamEndpoint, progress: Progress) -> None:
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        """Held while `progress` changes or is told of."""
        self._producer = producer
        self._endpoint = endpoint
        self._progress = progress
        self._sleep = producer.sleep or self.stopping.wait
        self._patient = True

    def send(self, request: Request) -> None:
        """What nobody took stays in `request.pending`. Raises AwsError where sending it again would not help."""
        attempts, since = count(), self._producer.clock()
        while request.pending and not self.stopping.is_set():
            before = len(request.pending)
            self._try(request)
            if len(request.pending) < before:
                self._patient, attempts, since = True, count(), self._producer.clock()
            if request.pending and not self._wait(next(attempts), since):
                return

    def _try(self, request: Request) -> None:
        """One request; what is accepted leaves `pending`, the others get their reason."""
        payloads, keys, hash_keys = request.left()
        with self.lock:
            self._progress.requests += 1
        answer = self._endpoint.send(payloads, keys, hash_keys)
        request.answered(answer.refused)
        with self.lock:
            self._progress.by_shard.update(answer.by_shard)
            self._progress.refused += len(answer.refused)

    def _wait(self, attempt: int, since: float) -> bool:
        """Pause before the next try, or False where it is time to give up."""
        pause = backoff(attempt, rng=self._producer.rng)
        if not self._patient or self._producer.clock() + pause - since > self._producer.patience_seconds:
            self._patient = False
            return False
        with self.lock:
            self._progress.retried += 1
            self._producer.observe(self._progress)
        self._sleep(pause)
        return True

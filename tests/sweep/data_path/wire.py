"""Carries the requests of one process of the data path, and lets one fault happen to them."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

from botocore.httpsession import URLLib3Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSResponse

    from .faults import DataFault


class DataWire:
    """`attach` it to every client of the process. `reshard` and `note_death` are what its owner does then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._network = URLLib3Session(max_pool_connections=50)
        self.start(None)

    def attach(self, client: Any) -> Any:
        client.meta.events.register("before-send", self._carry)
        return client

    def start(
        self,
        fault: DataFault | None,
        *,
        reshard: Callable[[str], None] = lambda how: None,
        note_death: Callable[[], None] = lambda: None,
    ) -> None:
        with self._lock:
            self._fault = fault
            self._left: float = fault.times if fault else 0
            self._seen: Counter[str] = Counter()
            self.met = 0
            self.reshard, self.note_death = reshard, note_death

    @property
    def what(self) -> str:
        return self._fault.what if self._fault else ""

    def carry(self, request: Any) -> AWSResponse:
        """Send it, and wait until it has taken effect."""
        answer = self._network.send(request)
        assert answer.content is not None
        assert answer.status_code < 300, answer.content
        return answer

    def meets(self, operation: str) -> bool:
        """Whether this request of the operation is one that the fault happens to. Counts it."""
        with self._lock:
            self._seen[operation] += 1
            fault = self._fault
            if not fault or fault.operation != operation:
                return False
            if self._seen[operation] < fault.occurrence or self._left <= 0:
                return False
            self._left -= 1
            self.met += 1
            return True

    def end_invocation(self) -> None:
        """What lasts only as long as one invocation is over with it."""
        with self._lock:
            if self.met and self._fault and self._fault.until_the_invocation_ends:
                self._left = 0

    def answer(self, operation: str, request: Any) -> AWSResponse | None:
        """What the fault makes of a request; None where it goes its way."""
        if not self.meets(operation):
            return None
        assert self._fault
        return self._fault.trouble(self, request)

    def _carry(self, request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        return self.answer(event_name.rpartition(".")[2], request)

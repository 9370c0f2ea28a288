"""News from the streams: readers sleep until something was put, instead of asking ten times a second."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Wake:
    """Counts news. Take the `count` before looking and hand it to `wait`: news in between are not missed."""

    def __init__(self, also: Callable[[], None] = lambda: None) -> None:
        self._condition = threading.Condition()
        self._also = also
        self.count = 0

    def set(self) -> None:
        self._also()
        with self._condition:
            self.count += 1
            self._condition.notify_all()

    def wait(self, seen: int, timeout_seconds: float) -> None:
        with self._condition:
            self._condition.wait_for(lambda: self.count != seen, timeout_seconds)

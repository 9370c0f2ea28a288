"""What Ctrl-C must not come between: it is heard once the block is over."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""SIGTERM ends one of several processes as Ctrl-C would; see `lanes`."""


@contextmanager
def shielded() -> Iterator[None]:
    """Put off KeyboardInterrupt until the end of the block. It only ever comes to the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def remember(number: int, _frame: Any) -> None:
        came.append(number)

    interrupting = [each for each in SIGNALS if signal.getsignal(each) is signal.default_int_handler]
    for each in interrupting:
        signal.signal(each, remember)
    try:
        yield
    finally:
        for each in interrupting:
            signal.signal(each, signal.default_int_handler)
    if came:
        raise KeyboardInterrupt

"""What the threads of one running mapping share, and how they end together."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamctl.emulator.driver.checkpoints import Checkpoints
    from streamctl.emulator.driver.clients import Clients
    from streamctl.emulator.driver.mapping import Mapping
    from streamctl.emulator.driver.wake import Wake

RESTART_SECONDS = 1.0

logger = logging.getLogger(__name__)


class StoppedError(Exception):
    """The mapping was stopped while something waited; what is not finished comes again."""


@dataclass(frozen=True)
class Link:
    """`stopping` ends all threads; the driver starts the mapping again if it is still wanted."""

    mapping: Mapping
    clients: Clients
    checkpoints: Checkpoints
    wake: Wake
    stopping: threading.Event = field(default_factory=threading.Event)

    def client(self, service: str) -> Any:
        """A client under the function's role."""
        return self.clients.of_role(service, self.mapping.account, self.mapping.region, self.mapping.role_arn)

    def pause(self, seconds: float) -> None:
        """Sleep. Raises StoppedError when the mapping is stopped."""
        if self.stopping.wait(seconds):
            raise StoppedError

    def thread(self, name: str, target: Callable[..., None], *arguments: Any) -> threading.Thread:
        """Start a thread; a mistake of ours in it is logged and restarts the whole mapping from its checkpoints."""

        def run() -> None:
            try:
                target(*arguments)
            except StoppedError:
                pass
            except Exception:
                logger.exception("%s of mapping %s failed", name, self.mapping.uuid)
                self.stopping.wait(RESTART_SECONDS)
                self.stopping.set()

        thread = threading.Thread(target=run, name=name, daemon=True)
        thread.start()
        return thread

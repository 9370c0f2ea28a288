"""The emulator's whole state in one file: every service and the driver's checkpoints at one moment.

MiniStack saves each service to a file of its own, and only at a clean end: a kill loses everything, a kill while saving
mixes old and new. Here the checkpoints are read *before* the services, so that what a checkpoint calls done is in the
state beside it: after a kill a record may be delivered again, none is skipped.
"""

from __future__ import annotations

import json
import logging
import time
from typing import TYPE_CHECKING, Any

from ministack.core import persistence

from streamctl.errors import EmulatorError
from streamctl.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

ATTEMPTS = 20  # a thread of a running function may write while its service is copied

logger = logging.getLogger(__name__)


def load(path: Path) -> dict[str, Any]:
    """`{"checkpoints": …, "services": {name: state}}`, or an empty one when nothing was saved yet."""
    try:
        with path.open(encoding="utf-8") as file:
            saved: dict[str, Any] = json.load(file, object_hook=persistence._json_object_hook)
    except FileNotFoundError:
        return {"checkpoints": {}, "services": {}}
    except ValueError as error:
        raise EmulatorError(f"The saved state {path} cannot be read: {error}.", "Move the file away.") from error
    return saved


def capture(checkpoints: Callable[[], Mapping[str, Any]], services: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
    """The state of this moment, copied."""
    first = checkpoints()
    return {"checkpoints": first, "services": {name: _copied(name, copy) for name, copy in services.items()}}


def write(path: Path, state: Mapping[str, Any]) -> None:
    """Replace the file at `path` as a whole."""
    write_atomically(path, json.dumps(state, default=persistence._json_default))


def _copied(name: str, copy: Callable[[], Any]) -> Any:
    for attempt in range(ATTEMPTS):
        try:
            return copy()
        except RuntimeError:  # "dictionary changed size during iteration"
            logger.info("%s changed while it was copied (attempt %d)", name, attempt + 1)
            time.sleep(0.005)
    return copy()

"""The emulator's whole state in one file: every service and the driver's checkpoints.

MiniStack saves each service to a file of its own, and only at a clean end: a kill loses everything, a kill while saving
mixes old and new. Here the checkpoints are read *before* the services, so that what a checkpoint calls done is in the
state beside it: after a kill a record may be delivered again, none is skipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamctl.emulator.encoding import decode, encode
from streamctl.errors import EmulatorError
from streamctl.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PARTS = {"checkpoints", "services"}


def load(path: Path) -> dict[str, Any]:
    """`{"checkpoints": …, "services": {name: state}}`, or an empty one when nothing was saved yet."""
    try:
        saved = decode(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {"checkpoints": {}, "services": {}}
    except Exception as error:  # whatever the file holds, its reader must be told which file it is
        raise _unreadable(path, f"{type(error).__name__}: {error}") from error
    if not isinstance(saved, dict) or not all(isinstance(saved.get(part), dict) for part in PARTS):
        raise _unreadable(path, "it holds no state")
    return saved


def write(path: Path, state: Mapping[str, Any]) -> None:
    """Replace the file at `path` as a whole."""
    write_atomically(path, "".join(encode(dict(state))))


def _unreadable(path: Path, reason: str) -> EmulatorError:
    return EmulatorError(
        f"The saved state {path} cannot be read: {reason}.", "Move the file away to start with nothing in it."
    )

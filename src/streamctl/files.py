"""Files that a kill or a full disk leaves whole, and that tell when they are damaged.

Standard library only, below everything else.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SEAL = "sha256"
"""The key of a document's checksum."""


def write_atomically(path: Path, content: str | bytes) -> None:
    """Replace a file as a whole: a reader sees the old one or the new one. Readable by its owner only."""
    data = content.encode() if isinstance(content, str) else content
    try:
        _replace(path, data)
    except OSError as error:  # a full disk does not say which file
        raise OSError(error.errno, error.strerror, str(path)) from error


def save_document(path: Path, document: Mapping[str, Any], plain: Callable[[Any], Any] | None = None) -> None:
    """Write JSON that tells when somebody else has changed it; `plain` is for what JSON does not know."""
    held = json.loads(json.dumps(document, default=plain))
    write_atomically(path, json.dumps({**held, SEAL: _checksum(held)}, indent=1) + "\n")


def load_document(path: Path) -> dict[str, Any]:
    """What `save_document` wrote. Raises ValueError, in words, for anything else."""
    document = json.loads(path.read_bytes())
    if not isinstance(document, dict):
        raise ValueError("it holds no document")  # noqa: TRY004  every damage is one sort of error
    if document.pop(SEAL, None) != _checksum(document):
        raise ValueError("its content does not match its checksum")
    return document


def _checksum(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # made 0600
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise

"""The zip that Lambda runs: the same bytes for the same sources, on every machine."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from streamctl.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

EARLIEST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
PLAIN_FILE = 0o100644 << 16
SHARED = "aws"
"""The folder that every function gets."""
_NEARER = f"from ..{SHARED}".encode(), f"from .{SHARED}".encode()
UNIX = 3  # the system the modes above belong to, whichever system packs


@dataclass(frozen=True)
class Package:
    """A zip for Lambda."""

    content: bytes
    remarks: tuple[str, ...] = ()
    """What whoever deploys it should know, in sentences."""

    @property
    def code_sha256(self) -> str:
        """Base64 of the SHA-256, as Lambda reports it in CodeSha256."""
        return base64.b64encode(hashlib.sha256(self.content).digest()).decode()


def package(function: str, added: Mapping[str, bytes] | None = None) -> Package:
    """Pack one folder of `streamctl/functions` under its own name, `processor/handler.py` and so on, what all functions
    share within it, `processor/aws/service.py`, and beside it what is added, by its place in the zip.

    Lambda imports the function's folder from the top, and no relative import leads out of that: what is beside the
    folder in the sources is inside it in the zip, one dot nearer.
    """
    folders = files("streamctl.functions")
    own = {place: content.replace(*_NEARER) for place, content in sources(folders / function, function).items()}
    return zipped(own | sources(folders / SHARED, f"{function}/{SHARED}") | dict(added or {}))


def pack(folder: Traversable, place: str) -> Package:
    """The package of a folder's Python files, which Lambda finds as the package `place`. Raises UsageError."""
    return zipped(sources(folder, place))


def zipped(contents: Mapping[str, bytes]) -> Package:
    """The package of these files, by their place in it."""
    buffer = io.BytesIO()
    # Stored, not compressed: compressed bytes differ between versions of zlib, and the code is small.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for place in sorted(contents):
            info = zipfile.ZipInfo(place, EARLIEST_ZIP_DATE)
            info.create_system, info.external_attr = UNIX, PLAIN_FILE
            archive.writestr(info, contents[place])
    return Package(buffer.getvalue())


def sources(folder: Traversable, place: str) -> dict[str, bytes]:
    """The Python files of a folder, and nothing else that may lie there: no `.env`, no keys, nothing hidden.

    Raises ConfigError for a link to a file outside of it, which nobody meant to ship.
    """
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".py") and not entry.name.startswith(".")]
    for entry in found:
        if isinstance(entry, Path) and not entry.resolve().is_relative_to(Path(str(folder)).resolve()):
            raise ConfigError(
                f"{entry} is a link to {entry.resolve()}, outside of the folder that is shipped to Lambda.",
                "Put the file itself there.",
            )
    return {f"{place}/{entry.name}": source(entry) for entry in found if entry.is_file()}


def source(file: Traversable) -> bytes:
    """A Python file, its lines ended the same way on every system."""
    return file.read_bytes().replace(b"\r\n", b"\n")

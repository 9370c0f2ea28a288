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

from streamctl.errors import UsageError

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
    content: bytes

    @property
    def code_sha256(self) -> str:
        """Base64 of the SHA-256, as Lambda reports it in CodeSha256."""
        return base64.b64encode(hashlib.sha256(self.content).digest()).decode()


def package(function: str) -> Package:
    """Pack one folder of `streamctl/functions` under its own name, `processor/handler.py` and so on, and what all
    functions share within it: `processor/aws/service.py`.

    Lambda imports the function's folder from the top, and no relative import leads out of that: what is beside the
    folder in the sources is inside it in the zip, one dot nearer.
    """
    folders = files("streamctl.functions")
    return pack({function: folders / function, f"{function}/{SHARED}": folders / SHARED})


def pack(folders: Mapping[str, Traversable]) -> Package:
    """Pack the Python files of folders, each under its name in the zip, and nothing else that may lie there: no `.env`,
    no keys, nothing hidden.

    Raises UsageError for a link to a file outside of its folder, which nobody meant to ship.
    """
    buffer = io.BytesIO()
    # Stored, not compressed: compressed bytes differ between versions of zlib, and the code is small.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, source in sorted(_named(folders).items()):
            info = zipfile.ZipInfo(name, EARLIEST_ZIP_DATE)
            info.create_system, info.external_attr = UNIX, PLAIN_FILE
            archive.writestr(info, source.read_bytes().replace(b"\r\n", b"\n").replace(*_NEARER))
    return Package(buffer.getvalue())


def _named(folders: Mapping[str, Traversable]) -> dict[str, Traversable]:
    return {f"{name}/{source.name}": source for name, folder in folders.items() for source in _sources(folder)}


def _sources(folder: Traversable) -> list[Traversable]:
    sources = [entry for entry in folder.iterdir() if entry.name.endswith(".py") and not entry.name.startswith(".")]
    for entry in sources:
        if isinstance(entry, Path) and not entry.resolve().is_relative_to(Path(str(folder)).resolve()):
            raise UsageError(
                f"{entry} is a link to {entry.resolve()}, outside of the folder that is shipped to Lambda.",
                "Put the file itself there.",
            )
    return [entry for entry in sources if entry.is_file()]

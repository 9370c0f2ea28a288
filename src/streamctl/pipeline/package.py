"""The zip that Lambda runs: the same bytes for the same sources, on every machine."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

EARLIEST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
PLAIN_FILE = 0o100644 << 16
UNIX = 3  # the system the modes above belong to, whichever system packs


@dataclass(frozen=True)
class Package:
    content: bytes

    @property
    def code_sha256(self) -> str:
        """Base64 of the SHA-256, as Lambda reports it in CodeSha256."""
        return base64.b64encode(hashlib.sha256(self.content).digest()).decode()


def package(function: str) -> Package:
    """Pack one folder of `streamctl/functions`, under its own name: `processor/handler.py` and so on."""
    folder = files("streamctl.functions") / function
    buffer = io.BytesIO()
    # Stored, not compressed: compressed bytes differ between versions of zlib, and the code is small.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for source in sorted(_sources(folder), key=lambda entry: entry.name):
            info = zipfile.ZipInfo(f"{function}/{source.name}", EARLIEST_ZIP_DATE)
            info.create_system, info.external_attr = UNIX, PLAIN_FILE
            archive.writestr(info, source.read_bytes().replace(b"\r\n", b"\n"))
    return Package(buffer.getvalue())


def _sources(folder: Traversable) -> list[Traversable]:
    return [entry for entry in folder.iterdir() if entry.is_file() and entry.name.endswith(".py")]

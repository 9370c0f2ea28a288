"""The folder of an export: written as a whole, and written anew without losing what somebody changed in it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from streamctl.errors import UsageError
from streamctl.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SUMS = "SHA256SUMS"
"""Names every file of the export with its hash, in the form that `sha256sum -c` reads."""
READABLE, RUNNABLE = 0o644, 0o755


def write(folder: Path, files: Mapping[str, str | bytes], *, force: bool = False) -> list[str]:
    """Put the files there, and take away those of an earlier export that are no more; returns their places, sorted.

    Raises UsageError, unless forced, where something there is not as an export left it.
    """
    contents = {place: content.encode() if isinstance(content, str) else content for place, content in files.items()}
    sums = {place: _digest(content) for place, content in sorted(contents.items())}
    earlier = _earlier(folder)
    places = sorted({*contents, *earlier})
    changed = [place for place in places if _is_changed(folder / place, earlier.get(place), sums.get(place))]
    if changed and not force:
        named = ", ".join(changed[:5]) + ("…" if changed[5:] else "")
        raise UsageError(
            f"{folder} holds files that no export left like that: {named}.",
            "Choose another folder with --output, or overwrite them with --force.",
        )
    listing = "".join(f"{digest}  {place}\n" for place, digest in sums.items())
    for place, content in {**contents, SUMS: listing.encode()}.items():
        write_atomically(folder / place, content)
        (folder / place).chmod(RUNNABLE if content.startswith(b"#!") else READABLE)
    for place in earlier.keys() - contents.keys():
        (folder / place).unlink(missing_ok=True)
    return sorted([*contents, SUMS])


def _earlier(folder: Path) -> dict[str, str]:
    """Place to hash of what an earlier export put there."""
    file = folder / SUMS
    if not file.is_file():
        return {}
    lines = (line.split("  ", 1) for line in file.read_text(encoding="utf-8").splitlines())
    return {place: digest for digest, place in lines if (folder / place).resolve().is_relative_to(folder.resolve())}


def _is_changed(file: Path, was: str | None, becomes: str | None) -> bool:
    """Writing it would lose something that is not an export's."""
    if not file.exists():
        return False
    return not file.is_file() or _digest(file.read_bytes()) not in {was, becomes}


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()

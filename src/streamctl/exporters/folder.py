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
MARKER = ".streamctl-export"
"""Names them all, and that list too: what we wrote, and so may take away. Lists of hashes are anybody's."""
READABLE, RUNNABLE = 0o644, 0o755


def write(folder: Path, files: Mapping[str, str | bytes], *, force: bool = False) -> list[str]:
    """Put the files there, and take away those of an earlier export that are no more; returns their places, sorted.

    Raises UsageError, unless forced, where something there is not as an export left it.
    """
    contents = {place: content.encode() if isinstance(content, str) else content for place, content in files.items()}
    contents[SUMS] = _listing(contents)
    sums = {place: _digest(content) for place, content in contents.items()}
    earlier = _earlier(folder)
    places = sorted({*contents, *earlier})
    changed = [place for place in places if _is_changed(folder / place, earlier.get(place), sums.get(place))]
    if changed and not force:
        named = ", ".join(changed[:5]) + ("…" if changed[5:] else "")
        raise UsageError(
            f"{folder} holds files that no export left like that: {named}.",
            "Choose another folder with --output, or overwrite them with --force.",
        )
    for place, content in {**contents, MARKER: _listing(contents)}.items():
        write_atomically(folder / place, content)
        (folder / place).chmod(RUNNABLE if content.startswith(b"#!") else READABLE)
    for place in earlier.keys() - contents.keys():
        (folder / place).unlink(missing_ok=True)
    return sorted([*contents, MARKER])


def _listing(contents: Mapping[str, bytes]) -> bytes:
    return "".join(f"{_digest(content)}  {place}\n" for place, content in sorted(contents.items())).encode()


def _earlier(folder: Path) -> dict[str, str]:
    """Place to hash of what an earlier export put there."""
    file = folder / MARKER
    if not file.is_file():
        return {}
    listed = [line.partition("  ") for line in file.read_text(encoding="utf-8").splitlines()]
    inside = folder.resolve()
    return {place: digest for digest, _, place in listed if place and (inside / place).resolve().is_relative_to(inside)}


def _is_changed(file: Path, was: str | None, becomes: str | None) -> bool:
    """Writing it would lose something that is not an export's."""
    if not file.exists():
        return False
    return not file.is_file() or _digest(file.read_bytes()) not in {was, becomes}


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()

"""The folder of an export: written as a whole, and written anew without losing what somebody changed in it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from streamctl.errors import UsageError
from streamctl.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SUMS = "SHA256SUMS"
"""Names every file of the export with its hash, in the form that `sha256sum -c` reads."""
MARKER = ".streamctl-export"
"""The format, then all files, that list too: what we wrote, and so may take away. Lists of hashes are anybody's."""
READABLE, RUNNABLE = 0o644, 0o755


class Written(NamedTuple):
    places: list[str]
    """Of all files of the export, sorted."""
    removed: list[str]
    """What an earlier one had and this one has not."""


def write(folder: Path, form: str, files: Mapping[str, str | bytes], *, force: bool = False) -> Written:
    """Put the files there, and take away those of an earlier export that are no more.

    Raises UsageError where the folder cannot be one, and, unless forced, where something there is not as an export left
    it or is the export of another format.
    """
    contents = {place: content.encode() if isinstance(content, str) else content for place, content in files.items()}
    contents[SUMS] = _listing(contents)
    _refuse_what_is_no_folder(folder, contents)
    sums = {place: _digest(content) for place, content in contents.items()}
    earlier_form, earlier = _earlier(folder)
    if earlier_form not in {None, form} and not force:
        raise UsageError(
            f"{folder} holds an export for {earlier_form}.",
            "Choose another folder with --output, or replace it with --force.",
        )
    changed = [
        place
        for place in sorted({*contents, *earlier})
        if _is_changed(folder / place, earlier.get(place), sums.get(place))
    ]
    if changed and not force:
        named = ", ".join(changed[:5]) + ("…" if changed[5:] else "")
        raise UsageError(
            f"{folder} holds files that no export left like that: {named}.",
            "Choose another folder with --output, or overwrite them with --force.",
        )
    marker = f"{form}\n".encode() + _listing(contents)
    for place, content in {**contents, MARKER: marker}.items():
        write_atomically(folder / place, content)
        (folder / place).chmod(RUNNABLE if content.startswith(b"#!") else READABLE)
    removed = sorted(earlier.keys() - contents.keys())
    for place in removed:
        (folder / place).unlink(missing_ok=True)
    return Written(sorted([*contents, MARKER]), removed)


def _refuse_what_is_no_folder(folder: Path, contents: Mapping[str, bytes]) -> None:
    ways = {parent for place in contents for parent in (folder / place).parents}
    in_the_way = [path for path in sorted(ways) if path.is_symlink() or path.exists() if not path.is_dir()]
    in_the_way += [folder / place for place in contents if (folder / place).is_dir()]
    if in_the_way:
        raise UsageError(f"{in_the_way[0]} is in the way of the export.", "Choose another folder with --output.")


def _listing(contents: Mapping[str, bytes]) -> bytes:
    return "".join(f"{_digest(content)}  {place}\n" for place, content in sorted(contents.items())).encode()


def _earlier(folder: Path) -> tuple[str | None, dict[str, str]]:
    """The format of an earlier export, and place to hash of what it put there."""
    file = folder / MARKER
    if not file.is_file():
        return None, {}
    form, *lines = file.read_text(encoding="utf-8").splitlines() or [""]
    listed, inside = [line.partition("  ") for line in lines], folder.resolve()
    return form, {
        place: digest for digest, _, place in listed if place and (inside / place).resolve().is_relative_to(inside)
    }


def _is_changed(file: Path, was: str | None, becomes: str | None) -> bool:
    """Writing it would lose something that is not an export's."""
    return file.exists() and _digest(file.read_bytes()) not in {was, becomes}


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()

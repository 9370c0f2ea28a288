"""Wheels made by hand, as an index would have them."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def wheel(folder: Path, name: str, version: str, files: dict[str, str], *, tag: str = "py3-none-any") -> Path:
    """Write a wheel with these files, and what pip wants to see beside them."""
    folder.mkdir(exist_ok=True)
    path, info = folder / f"{name}-{version}-{tag}.whl", f"{name}-{version}.dist-info"
    described = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    everything = files | described
    everything[f"{info}/RECORD"] = "".join(f"{place},,\n" for place in [*everything, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as archive:
        for place, text in everything.items():
            archive.writestr(place, text)
    return path


def offline(folder: Path, *lines: str) -> Path:
    """A file of requirements that pip finds in `wheels` beside it, and nowhere else."""
    path = folder / "requirements.txt"
    path.write_text("\n".join(["--no-index", "--find-links wheels", *lines, ""]), encoding="utf-8")
    return path

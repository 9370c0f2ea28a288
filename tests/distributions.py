"""Distributions with plugins as pip would install them, in a folder of a test's own."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Site:
    """A folder to import from. Module names must be a test's own: Python imports each only once."""

    folder: Path

    def install(self, distribution: str, entries: Mapping[str, str], *, version: str = "1.0", **modules: str) -> None:
        """`entries`: `group:name` to `module:object`; `modules`: their code by name."""
        metadata = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        metadata.mkdir(parents=True)
        lines = [f"[{key.partition(':')[0]}]\n{key.partition(':')[2]} = {value}\n" for key, value in entries.items()]
        (metadata / "entry_points.txt").write_text("".join(lines))
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        for name, code in modules.items():
            self.write(name, code)

    def write(self, module: str, code: str) -> None:
        (self.folder / f"{module}.py").write_text(textwrap.dedent(code))

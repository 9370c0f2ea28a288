from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .conftest import Project


@pytest.fixture
def generous() -> Iterator[None]:
    """A user whose new files are open to everybody."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no owner bits")
def test_what_is_kept_of_a_project_is_closed_to_everybody_else(project: Project, generous: None) -> None:
    home = project.shell.folder / ".streamctl"
    home.mkdir(mode=0o777, exist_ok=True)
    project.shell.run("provision", anew=True)  # a fork would not take over the umask
    project.shell.run("produce", "--batches", "1", "--batch-size", "1", anew=True)

    assert mode(home) == 0o700
    files = [path for path in home.rglob("*") if path.is_file() and path.name not in {"lock", ".gitignore"}]
    assert {path.name for path in files} >= {"state.json", "run.json", "entries.bin"}
    assert {path.name: oct(mode(path)) for path in files if mode(path) & 0o077} == {}

"""A function of the user's file, loaded; most of it is seen where it is used: repairs and generators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamctl import own_code
from streamctl.errors import PluginError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any


def loaded(file: Path) -> Callable[..., Any]:
    return own_code.load(file, "event", signature="def event()", named_by="generator.path")


def test_a_missing_file_is_told_with_the_setting_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no file") as refused:
        loaded(tmp_path / "none.py")

    assert refused.value.hint == "generator.path takes a Python file. It needs: def event()"


def test_two_files_of_one_name_are_two_modules(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}").mkdir()
        (tmp_path / f"{number}" / "mine.py").write_text(f"def event(): return {number}")

    assert [loaded(tmp_path / f"{number}" / "mine.py")() for number in (1, 2)] == [1, 2]


def test_a_module_that_ends_the_program_ends_only_itself(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("raise SystemExit(3)")

    with pytest.raises(PluginError, match=r"cannot be loaded: SystemExit: 3 \(mine.py:1\)"):
        loaded(tmp_path / "mine.py")

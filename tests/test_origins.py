"""What replay sent in place of what, written down and read again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from streamctl.errors import UsageError
from streamctl.origins import GIVEN_UP, ORIGINS_FILE, Origins, append, pairs, read

if TYPE_CHECKING:
    from pathlib import Path


def file(folder: Path, run_id: str = "20261124T101500-abcd") -> Path:
    path = folder / "replays" / "runs" / run_id / ORIGINS_FILE
    path.parent.mkdir(parents=True)
    return path


def test_what_is_written_down_is_read_again_of_every_replay(tmp_path: Path) -> None:
    append(file(tmp_path), [(1, 11), (2, GIVEN_UP)])
    append(file(tmp_path, "20261125T101500-abcd"), [(3, 11), (2**64 - 1, 12)])

    assert read(tmp_path) == Origins(
        {11: frozenset({1, 3}), 12: frozenset({2**64 - 1})}, {2: datetime(2026, 11, 24, 10, 15, tzinfo=UTC)}
    )


def test_a_torn_end_is_ignored(tmp_path: Path) -> None:
    path = file(tmp_path)
    append(path, [(1, 11), (2, 12)])
    path.write_bytes(path.read_bytes()[:-1])

    assert pairs(path) == [(1, 11)]


def test_nothing_to_write_makes_no_file(tmp_path: Path) -> None:
    append(file(tmp_path), [])

    assert read(tmp_path) == Origins()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Could not write"):
        append(tmp_path / "nowhere" / ORIGINS_FILE, [(1, 2)])

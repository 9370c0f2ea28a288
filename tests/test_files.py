from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from streamctl.files import load_document, save_document, write_atomically

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_replaced_as_a_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a" / "state.json", "old")
    write_atomically(tmp_path / "a" / "state.json", "new")

    assert [path.read_text() for path in (tmp_path / "a").iterdir()] == ["new"]


def test_the_old_file_stays_where_the_new_one_cannot_be_written(tmp_path: Path) -> None:
    write_atomically(tmp_path / "state.json", "old")

    with pytest.raises(TypeError):
        write_atomically(tmp_path / "state.json", 1)  # type: ignore[arg-type]

    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no owner bits")
def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    write_atomically(tmp_path / "state.json", "")

    assert stat.S_IMODE((tmp_path / "state.json").stat().st_mode) == 0o600


def test_a_document_reads_back_as_it_was_saved(tmp_path: Path) -> None:
    save_document(tmp_path / "state.json", {"name": "shop", "tags": ("a", "b")}, list)

    assert load_document(tmp_path / "state.json") == {"name": "shop", "tags": ["a", "b"]}


@pytest.mark.parametrize("damage", [("shop", "shed"), ('"shop"', "null"), ("}", ""), ("sha256", "sha")])
def test_a_document_that_was_changed_is_not_believed(tmp_path: Path, damage: tuple[str, str]) -> None:
    path = tmp_path / "state.json"
    save_document(path, {"name": "shop"})
    path.write_text(path.read_text().replace(*damage))

    with pytest.raises(ValueError, match=r"checksum|Expecting"):
        load_document(path)

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from streamctl.engine.state import Record, StateFile, Target
from streamctl.errors import UsageError
from streamctl.files import load_document, save_document

if TYPE_CHECKING:
    from pathlib import Path


def begun(path: Path, name: str, target: Target) -> StateFile:
    state = StateFile.new(path, name, target)
    state.save()
    return state


TARGET = Target("000000000000", "eu-central-1", None, "work")


def test_a_saved_state_reads_back_equal(tmp_path: Path) -> None:
    written = begun(tmp_path / "state.json", "demo01", TARGET)
    written.intend("table", Record("dynamodb_table", {"name": "t", "hash_key": ("eventId", "S")}))

    read = StateFile.load(tmp_path / "state.json")

    assert read.state.name == "demo01"
    assert read.state.target == TARGET
    assert read.state.resources["table"].fields["hash_key"] == ["eventId", "S"]


def test_an_intent_is_claimed_until_it_was_seen_to_be_there(tmp_path: Path) -> None:
    state = begun(tmp_path / "state.json", "demo01", TARGET)

    state.intend("table", Record("dynamodb_table", {}))
    claimed = StateFile.load(state.path).is_claimed("table")
    state.made("table")

    assert claimed
    assert not StateFile.load(state.path).is_claimed("table")


def test_what_is_forgotten_is_gone_from_disk(tmp_path: Path) -> None:
    state = begun(tmp_path / "state.json", "demo01", TARGET)
    state.intend("table", Record("dynamodb_table", {}))
    state.forget("table")

    assert StateFile.load(state.path).state.resources == {}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no owner bits")
def test_nobody_else_can_read_the_state(tmp_path: Path) -> None:
    state = begun(tmp_path / "state.json", "demo01", TARGET)

    assert stat.S_IMODE(state.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": 1}', '{"name": "x", "target": {}, "resources": {}}'])
def test_a_damaged_state_is_named_with_the_way_out(tmp_path: Path, text: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(text)

    with pytest.raises(UsageError, match=r"state.json is damaged") as refusal:
        StateFile.load(path)
    assert "--name" in (refusal.value.hint or "")


def test_the_state_of_a_later_version_is_refused(tmp_path: Path) -> None:
    state = begun(tmp_path / "state.json", "demo01", TARGET)
    save_document(state.path, load_document(state.path) | {"version": 2})

    with pytest.raises(UsageError, match="version 2"):
        StateFile.load(state.path)


def test_no_half_written_file_is_left_behind(tmp_path: Path) -> None:
    state = begun(tmp_path / "state.json", "demo01", TARGET)
    state.intend("table", Record("dynamodb_table", {}))

    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]

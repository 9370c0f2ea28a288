from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamctl.emulator import snapshot
from streamctl.errors import EmulatorError

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_written_is_loaded(tmp_path: Path) -> None:
    state = {"checkpoints": {"m": {"shard": "7"}}, "services": {"sqs": {"body": b"\x00\xff"}}}
    snapshot.write(tmp_path / "snapshot.json", state)
    assert snapshot.load(tmp_path / "snapshot.json") == state


def test_nothing_saved_yet_is_an_empty_state(tmp_path: Path) -> None:
    assert snapshot.load(tmp_path / "snapshot.json") == {"checkpoints": {}, "services": {}}


def test_a_state_that_cannot_be_written_leaves_the_last_one(tmp_path: Path) -> None:
    path = tmp_path / "snapshot.json"
    snapshot.write(path, {"checkpoints": {}, "services": {}})
    with pytest.raises(TypeError):
        snapshot.write(path, {"services": {"x": object()}})
    assert snapshot.load(path) == {"checkpoints": {}, "services": {}}


@pytest.mark.parametrize(
    "content",
    ["{", "[]", "{}", '{"checkpoints": 1, "services": {}}', '{"__bytes__": 7}', '{"__scoped__": 1}', "[" * 100_000],
)
def test_a_broken_file_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "snapshot.json"
    path.write_text(content)
    with pytest.raises(EmulatorError, match=r"snapshot\.json cannot be read"):
        snapshot.load(path)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "snapshot.json").write_bytes(b"\xff\xfe")
    with pytest.raises(EmulatorError, match=r"snapshot\.json cannot be read"):
        snapshot.load(tmp_path / "snapshot.json")

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "snapshot.json").write_text("{")
    with pytest.raises(EmulatorError, match="cannot be read"):
        snapshot.load(tmp_path / "snapshot.json")


def test_checkpoints_are_read_before_the_services() -> None:
    order: list[str] = []

    def note(what: str) -> dict[str, Any]:
        order.append(what)
        return {}

    snapshot.capture(lambda: note("checkpoints"), {"kinesis": lambda: note("kinesis"), "sqs": lambda: note("sqs")})
    assert order == ["checkpoints", "kinesis", "sqs"]


def test_a_service_that_changes_while_it_is_copied_is_copied_again() -> None:
    answers = iter([RuntimeError("dictionary changed size during iteration"), {"a": 1}])

    def copy() -> Any:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert snapshot.capture(dict, {"logs": copy})["services"] == {"logs": {"a": 1}}

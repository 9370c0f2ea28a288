"""The user's repair: how it is loaded, and what it may answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamctl.errors import PluginError, UsageError
from streamctl.replay.repair import Repair, RepairError

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, text: str) -> Path:
    path = folder / "repair.py"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("answer", "sent"),
    [
        ("payload", b"raw"),
        ("b'bytes'", b"bytes"),
        ("'t\u00e9xt'", "t\u00e9xt".encode()),
        ("{'a': 1.5}", b'{"a":1.5}'),
        ("None", None),
    ],
)
def test_bytes_text_and_dictionaries_can_be_sent_and_none_gives_up(
    tmp_path: Path, answer: str, sent: bytes | None
) -> None:
    assert Repair(written(tmp_path, f"def repair(payload): return {answer}"))(b"raw") == sent


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return 1", "repair answered int, not bytes, str, dict or None"),
        ("return {'a': {1}}", "repair answered what cannot be sent: Object of type set is not JSON serializable"),
        ("return {'a': float('nan')}", "repair answered what cannot be sent: Out of range float values"),
        ("return payload['x']", "TypeError: byte indices must be integers or slices, not str (repair.py:2)"),
        ("raise SystemExit(3)", "SystemExit: 3 (repair.py:2)"),
        (
            "import json; json.loads(payload)",
            "JSONDecodeError: Expecting value: line 1 column 1 (char 0) (repair.py:2)",
        ),
    ],
)
def test_what_goes_wrong_is_told_with_the_line_of_the_file(tmp_path: Path, body: str, told: str) -> None:
    repair = Repair(written(tmp_path, f"def repair(payload):\n    {body}\n"))

    with pytest.raises(RepairError) as failed:
        repair(b"raw")

    assert str(failed.value).startswith(told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def repair(payload:\n", "SyntaxError: '(' was never closed (repair.py:1)"),
        ("\nimport nowhere_to_be_found", "No module named 'nowhere_to_be_found' (repair.py:2)"),
        ("def mend(payload): return payload", "has no function `repair`"),
        ("repair = 1", "has no function `repair`"),
    ],
)
def test_a_file_that_is_no_repair_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(PluginError) as refused:
        Repair(written(tmp_path, text))

    assert told in refused.value.message


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no file"):
        Repair(tmp_path / "repair.py")


def test_what_it_prints_does_not_get_into_the_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repair = Repair(written(tmp_path, "print('loading')\ndef repair(payload): print('hello')"))
    repair(b"raw")

    assert capsys.readouterr() == ("", "loading\nhello\n")


def test_nothing_is_left_beside_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "def repair(payload): return payload")
    Repair(path)(b"raw")

    assert list(tmp_path.iterdir()) == [path]

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from streamctl.emulator.server import clear_temporary_files, listen, settings


def test_the_port_of_last_time_is_taken_again(tmp_path: Path) -> None:
    with listen(tmp_path / "port") as first:
        port = first.getsockname()[1]
    with listen(tmp_path / "port") as second:
        assert second.getsockname() == ("127.0.0.1", port)


def test_a_port_that_somebody_else_has_is_left_to_them(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        (tmp_path / "port").write_text(str(other.getsockname()[1]))
        with listen(tmp_path / "port") as listener:
            assert listener.getsockname()[1] != other.getsockname()[1]


@pytest.mark.parametrize("written", ["", "no number", "0x50", "-1", "65536", "\udcff"])
def test_a_port_that_was_never_written_or_is_none_is_any(tmp_path: Path, written: str) -> None:
    (tmp_path / "port").write_bytes(written.encode(errors="surrogateescape"))
    with listen(tmp_path / "port") as listener:
        port = listener.getsockname()[1]
        assert port > 0
    assert (tmp_path / "port").read_text() == str(port)


def test_the_users_own_aws_settings_are_out_of_sight(tmp_path: Path) -> None:
    made = settings(tmp_path, 4000)
    assert made["AWS_CONFIG_FILE"] == made["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert made["AWS_ACCESS_KEY_ID"] == "test"


def test_everything_it_writes_is_in_its_folder(tmp_path: Path) -> None:
    made = settings(tmp_path, 4000)
    assert all(Path(made[each]).is_relative_to(tmp_path) for each in ("STATE_DIR", "S3_DATA_DIR"))


def test_what_a_killed_emulator_left_is_cleared(tmp_path: Path) -> None:
    (tmp_path / "tmp" / "unpacked").mkdir(parents=True)
    clear_temporary_files(tmp_path)
    assert list((tmp_path / "tmp").iterdir()) == []

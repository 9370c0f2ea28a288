from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from streamctl.errors import UsageError
from streamctl.exporters.folder import write

if TYPE_CHECKING:
    from pathlib import Path


def test_every_file_is_listed_with_its_hash_and_scripts_can_be_run(tmp_path: Path) -> None:
    written = write(tmp_path, "bash", {"deploy.sh": "#!/bin/sh\n", "code/a.zip": b"zip"})

    assert written.places == [".streamctl-export", "SHA256SUMS", "code/a.zip", "deploy.sh"]
    digests = [hashlib.sha256(content).hexdigest() for content in (b"zip", b"#!/bin/sh\n")]
    assert (tmp_path / "SHA256SUMS").read_text() == f"{digests[0]}  code/a.zip\n{digests[1]}  deploy.sh\n"
    assert (tmp_path / "deploy.sh").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "code" / "a.zip").stat().st_mode & 0o777 == 0o644


def test_another_export_replaces_the_earlier_one_and_takes_away_what_is_no_more(tmp_path: Path) -> None:
    write(tmp_path, "bash", {"main": "1", "old": "x"})

    written = write(tmp_path, "bash", {"main": "2"})

    assert written.removed == ["old"]
    assert (tmp_path / "main").read_text() == "2"
    assert not (tmp_path / "old").exists()


def test_what_somebody_changed_is_not_overwritten_unless_forced(tmp_path: Path) -> None:
    write(tmp_path, "bash", {"main": "1", "old": "x"})
    (tmp_path / "main").write_text("mine")

    with pytest.raises(UsageError, match="holds files that no export left like that: main"):
        write(tmp_path, "bash", {"main": "2"})

    assert (tmp_path / "main").read_text() == "mine"
    assert (tmp_path / "old").exists()
    write(tmp_path, "bash", {"main": "2"}, force=True)
    assert (tmp_path / "main").read_text() == "2"


def test_a_file_of_somebody_else_is_in_the_way_and_one_beside_is_let_be(tmp_path: Path) -> None:
    (tmp_path / "main").write_text("theirs")
    (tmp_path / "notes").write_text("theirs")

    with pytest.raises(UsageError, match="main"):
        write(tmp_path, "bash", {"main": "1"})

    write(tmp_path, "bash", {"other": "1"})
    assert (tmp_path / "notes").read_text() == "theirs"


def test_a_list_that_names_files_outside_of_the_folder_takes_none_of_them_away(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("x")
    digest = hashlib.sha256(b"x").hexdigest()
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / ".streamctl-export").write_text(f"bash\n{digest}  ../outside\n{digest}  {outside}\n")

    write(tmp_path / "export", "bash", {"main": "1"})

    assert outside.exists()


@pytest.mark.parametrize("sums", ["{digest}  notes\n", "{digest} *notes\n", "notes: {digest}\n"])
def test_a_list_of_hashes_that_is_somebody_elses_is_in_the_way_and_what_it_names_is_let_be(
    sums: str, tmp_path: Path
) -> None:
    (tmp_path / "notes").write_text("x")
    (tmp_path / "SHA256SUMS").write_text(sums.format(digest=hashlib.sha256(b"x").hexdigest()))

    with pytest.raises(UsageError, match="no export left like that: SHA256SUMS"):
        write(tmp_path, "bash", {"main": "1"})
    write(tmp_path, "bash", {"main": "1"}, force=True)

    assert (tmp_path / "notes").read_text() == "x"


def test_the_export_of_another_format_is_not_replaced_unless_forced(tmp_path: Path) -> None:
    write(tmp_path, "terraform", {"main.tf": "1"})

    with pytest.raises(UsageError, match="holds an export for terraform"):
        write(tmp_path, "bash", {"deploy.sh": "1"})
    assert write(tmp_path, "bash", {"deploy.sh": "1"}, force=True).removed == ["main.tf"]


@pytest.mark.parametrize("place", ["file", "file/below", "link", "."])
def test_what_can_be_no_folder_of_an_export_is_named_and_left_as_it_is(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("theirs")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "main").mkdir()

    with pytest.raises(UsageError, match=r"(file|link|main) is in the way of the export"):
        write(tmp_path / place, "bash", {"main": "1"}, force=True)

    assert (tmp_path / "file").read_text() == "theirs"

"""What the owner's processor imports, from wheels made here; pip is asked only where it matters, and asks no index."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from streamctl.errors import ConfigError
from streamctl.pipeline.requirements import Requirements, pip, requirements
from tests.wheels import offline, wheel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def unpacked(file: Path, runtime: str, into: Path) -> None:
    """In pip's place: the first version of every wheel."""
    first = {path.name.partition("-")[0]: path for path in sorted((file.parent / "wheels").iterdir(), reverse=True)}
    for path in first.values():
        with zipfile.ZipFile(path) as archive:
            archive.extractall(into)


def found(folder: Path, runtime: str = "python3.11", install: Callable[..., None] = unpacked) -> Requirements:
    file, cache = folder / "requirements.txt", folder / ".streamctl" / "requirements"
    return requirements(file, runtime, cache, frozenset({"own"}), install)


def kept(folder: Path) -> list[Path]:
    return [each for each in (folder / ".streamctl" / "requirements").iterdir() if each.is_dir()]


def test_files_and_metadata_are_shipped_and_nothing_of_this_machine(tmp_path: Path) -> None:
    files = {"scales/__init__.py": "ZERO = 273", "scales/names.json": "{}", "scales-1.0.data/scripts/s": "#!python\n"}
    wheel(tmp_path / "wheels", "scales", "1.0", files)
    offline(tmp_path, "scales==1.0")

    got = found(tmp_path, install=pip)

    assert sorted(got.files) == [
        "scales-1.0.dist-info/METADATA",
        "scales-1.0.dist-info/WHEEL",
        "scales/__init__.py",
        "scales/names.json",
    ]
    assert got.remark == "Shipped with the processor: scales 1.0."


def test_what_lies_on_this_machine_is_looked_at_again(tmp_path: Path) -> None:
    offline(tmp_path, "./wheels/scales-1.0-py3-none-any.whl")
    for text in ("ZERO = 273", "ZERO = 273.15"):
        wheel(tmp_path / "wheels", "scales", "1.0", {"scales.py": text})

        assert found(tmp_path, install=pip).files["scales.py"] == text.encode()
    assert len(kept(tmp_path)) == 1


def test_what_was_resolved_once_stays_and_what_is_not_pinned_is_named(tmp_path: Path) -> None:
    offline(tmp_path, "scales")
    for version in ("1.1", "1.0"):
        wheel(tmp_path / "wheels", "scales", version, {"scales.py": f"VERSION = '{version}'"})
        got = found(tmp_path)
        assert (got.resolved, got.unpinned) == ({"scales": "1.1"}, ("scales",))

    assert got.remark.endswith("Not pinned, and perhaps of another version elsewhere: scales.")
    assert found(tmp_path, "python3.12").resolved == {"scales": "1.0"}  # asked anew for another Python
    assert len(kept(tmp_path)) == 2


def test_another_text_is_asked_for_anew_also_in_a_file_that_it_names(tmp_path: Path) -> None:
    wheel(tmp_path / "wheels", "scales", "1.0", {"scales.py": ""})
    offline(tmp_path, "-r more.txt")
    (tmp_path / "more.txt").write_text("scales\n")
    first = found(tmp_path)
    (tmp_path / "more.txt").write_text("Scales [fast] == 1.0 ; python_version > '3'\n-c requirements.txt")

    second = found(tmp_path)

    assert (first.unpinned, second.unpinned) == (("scales",), ())
    assert len(kept(tmp_path)) == 2


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("fast/core.so", "fast has compiled code or a link in it, fast/core.so"),
        ("json.py", "it brings a module called json, which would hide another one"),
        ("own/__init__.py", "it brings a module called own, which would hide another one"),
    ],
)
def test_what_cannot_be_shipped_is_refused_by_name(tmp_path: Path, file: str, told: str) -> None:
    wheel(tmp_path / "wheels", "fast", "2.0", {file: ""})
    offline(tmp_path, "fast")

    with pytest.raises(ConfigError, match=told):
        found(tmp_path)


def test_what_is_compiled_is_not_found_and_leaves_nothing_that_could_be_taken_for_whole(tmp_path: Path) -> None:
    wheel(tmp_path / "wheels", "fast", "2.0", {"fast.py": ""}, tag="cp311-cp311-manylinux_2_17_x86_64")
    offline(tmp_path, "fast")

    with pytest.raises(ConfigError, match=r"pip finds no pure-Python wheel of fast for python3\.11"):
        found(tmp_path, install=pip)

    assert kept(tmp_path) == []


def test_a_file_that_is_missing_or_no_list_of_requirements_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"requirements\.txt cannot be read"):
        found(tmp_path)

    offline(tmp_path, "a b c")
    with pytest.raises(ConfigError, match="pip failed: Invalid requirement"):
        found(tmp_path, install=pip)

"""What `[processor]` adds to the zip, and what cannot be packed."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.config import Config
from streamctl.errors import ConfigError
from streamctl.pipeline.own_processor import processor
from streamctl.pipeline.package import Package, package
from tests.wheels import offline, wheel

if TYPE_CHECKING:
    from pathlib import Path


def packed(root: Path, **settings: Any) -> Package:
    return processor(Config.model_validate({"processor": settings}), root)


def added(root: Path, **settings: Any) -> dict[str, str]:
    """Without what every processor has."""
    with zipfile.ZipFile(io.BytesIO(packed(root, **settings).content)) as archive:
        names = [name for name in archive.namelist() if not name.startswith("processor/")]
        return {name: archive.read(name).decode() for name in names}


def test_without_settings_it_is_the_recipes_processor(tmp_path: Path) -> None:
    assert packed(tmp_path) == package("processor")


def test_a_file_is_shipped_alone_and_its_line_ends_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_bytes(b"def process(event):\r\n    pass\r\n")
    (tmp_path / "secret.py").write_text("KEY = 1")

    found = added(tmp_path, path="mine.py")

    assert sorted(found) == ["own_processor/__init__.py", "own_processor/mine.py"]
    assert found["own_processor/mine.py"] == "def process(event):\n    pass\n"
    assert "PROCESSOR = 'mine'\nSCHEMA = None\n" in found["own_processor/__init__.py"]
    assert "EVENT_TYPES = ('click', 'page_view', 'purchase', 'user_signup')" in found["own_processor/__init__.py"]


def test_a_folder_is_shipped_as_a_package(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    for name in ("__init__.py", "scales.py", ".env", "notes.txt"):
        (tmp_path / "mine" / name).write_text("")

    assert [name for name in added(tmp_path, path="mine") if "mine" in name] == [
        "own_processor/mine/__init__.py",
        "own_processor/mine/scales.py",
    ]


def test_requirements_lie_at_the_top_and_the_bytes_are_the_same_every_time(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def process(event): pass")
    wheel(tmp_path / "wheels", "scales", "1.0", {"scales.py": "ZERO = 273"})
    offline(tmp_path, "scales==1.0")
    settings = {"path": "mine.py", "requirements": "requirements.txt"}

    assert added(tmp_path, **settings)["scales.py"] == "ZERO = 273"
    assert packed(tmp_path, **settings) == packed(tmp_path, **settings)
    assert packed(tmp_path, **settings).remarks == ("Shipped with the processor: scales 1.0.",)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"path": "none.py"}, r"processor\.path: there is no file .*none\.py"),
        ({"path": "my-processor.py"}, r"processor\.path: my-processor\.py cannot be imported by that name"),
        ({"path": "__init__.py"}, "cannot be imported by that name"),
        ({"path": "notes.txt"}, "is no Python file"),
        ({"path": "folder"}, "is a folder without an __init__"),
        ({"event_schema": "none.json"}, r"processor\.event_schema: .*none\.json cannot be read: No such file"),
        ({"event_schema": "notes.txt"}, "is no JSON Schema that can be applied: at #: it is not JSON"),
        ({"event_schema": "wrong.json"}, "at #/properties/a/type: it must be of null"),
    ],
)
def test_what_cannot_be_packed_is_told_with_its_setting(tmp_path: Path, settings: dict[str, str], told: str) -> None:
    for name in ("my-processor.py", "__init__.py", "notes.txt"):
        (tmp_path / name).write_text("x")
    (tmp_path / "wrong.json").write_text('{"properties": {"a": {"type": "float"}}}')
    (tmp_path / "folder").mkdir()

    with pytest.raises(ConfigError, match=told):
        packed(tmp_path, **settings)


def test_more_than_lambda_takes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("#" * (50 * 1024 * 1024))

    with pytest.raises(ConfigError, match="Lambda takes 52,428,800"):
        packed(tmp_path, path="mine.py")

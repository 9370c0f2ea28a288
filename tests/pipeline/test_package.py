from __future__ import annotations

import ast
import io
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from streamctl.errors import ConfigError
from streamctl.pipeline.package import package, sources, zipped

if TYPE_CHECKING:
    from pathlib import Path

RUNTIME = {"boto3", "botocore", "urllib3"}


def archive() -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(package("processor").content))


def test_the_zip_is_the_same_every_time() -> None:
    assert package("processor").content == package("processor").content
    assert {info.date_time for info in archive().infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert {info.external_attr >> 16 for info in archive().infolist()} == {0o100644}
    assert archive().namelist() == sorted(archive().namelist())


def test_the_zip_holds_the_processor_and_nothing_else() -> None:
    names = archive().namelist()

    assert "processor/handler.py" in names
    assert "processor/aws/service.py" in names
    assert all(name.startswith("processor/") and name.endswith(".py") for name in names)


def test_no_import_leads_out_of_the_functions_folder() -> None:
    imports = [
        (len(name.split("/")) - 1, node.level)
        for name in archive().namelist()
        for node in ast.walk(ast.parse(archive().read(name)))
        if isinstance(node, ast.ImportFrom)
    ]

    assert (1, 1) in imports
    assert [each for each in imports if each[1] > each[0]] == []


def test_shipped_code_needs_only_what_the_runtime_has() -> None:
    for name in archive().namelist():
        for node in ast.walk(ast.parse(archive().read(name))):
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules = [node.module or ""]
            for module in modules:
                assert module.partition(".")[0] in RUNTIME | sys.stdlib_module_names, (name, module)


def test_the_checksum_is_the_one_lambda_reports() -> None:
    assert len(package("processor").code_sha256) == 44


def test_secrets_and_hidden_files_beside_the_code_stay_at_home(tmp_path: Path) -> None:
    for name in ("handler.py", ".env", ".secret.py", "server.pem", "id.key", "notes.txt"):
        (tmp_path / name).write_text("PASSWORD = 1", encoding="utf-8")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "handler.py").write_text("", encoding="utf-8")

    with zipfile.ZipFile(io.BytesIO(zipped(sources(tmp_path, "mine")).content)) as packed:
        assert packed.namelist() == ["mine/handler.py"]


def test_a_link_out_of_the_folder_is_refused_and_one_within_is_followed(tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "handler.py").write_text("one = 1", encoding="utf-8")
    (code / "same.py").symlink_to(code / "handler.py")
    assert zipped(sources(code, "mine")).content.count(b"one = 1") == 2

    (tmp_path / "secret.py").write_text("KEY = 1", encoding="utf-8")
    (code / "key.py").symlink_to(tmp_path / "secret.py")
    with pytest.raises(ConfigError, match=r"key\.py is a link to .*secret\.py"):
        sources(code, "mine")

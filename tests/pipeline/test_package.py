from __future__ import annotations

import ast
import io
import sys
import zipfile

from streamctl.pipeline.package import package

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
    assert all(name.startswith("processor/") and name.endswith(".py") for name in names)


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

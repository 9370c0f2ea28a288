"""What the documents tell a reader to type is typed here, line by line, in an empty folder or the example's own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from streamctl.cli.commands import COMMANDS

from .shell import Shell, console_lines, sections

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
SECTIONS = sections(README)
EXAMPLES = sorted(path for path in (ROOT / "examples").iterdir() if path.is_dir())
DISTRIBUTIONS = [path for path in EXAMPLES if (path / "pyproject.toml").exists()]


@pytest.mark.parametrize("lines", SECTIONS.values(), ids=SECTIONS)
def test_the_commands_of_a_section_of_the_readme_work_in_an_empty_folder(lines: list[str], tmp_path: Path) -> None:
    shell, pipelines = Shell(tmp_path), tmp_path / ".streamctl" / "pipelines"

    for line in lines:
        shell.type(line)

    assert not pipelines.exists() or not list(pipelines.iterdir())


def test_every_command_that_the_readme_shows_stands_in_a_section() -> None:
    typed = [line for lines in SECTIONS.values() for line in lines]

    assert typed == [line[2:] for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("$ ")]
    assert "streamctl up --local" in SECTIONS["A first session"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_the_commands_of_an_example_work_in_its_folder(example: Path, tmp_path: Path) -> None:
    folder = tmp_path / example.name
    shutil.copytree(example, folder)
    lines = console_lines((folder / "README.md").read_text(encoding="utf-8"))
    shell = Shell(folder, {"PYTHONPATH": str(installed(folder))} if example in DISTRIBUTIONS else {})

    for line in lines:
        shell.type(line)

    assert lines[-1] == "streamctl down --yes"


def installed(distribution: Path) -> Path:
    """A folder to import a distribution from: what pip does with one, without a network."""
    run(distribution, "hatchling", "build", "--target", "wheel")
    (wheel,) = (distribution / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(distribution / "site")
    return distribution / "site"


def run(folder: Path, module: str, *arguments: str, **variables: str) -> None:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, cwd=folder, env=Shell(folder, variables).variables(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("example", DISTRIBUTIONS, ids=lambda path: path.name)
def test_the_tests_of_an_example_hold_for_what_is_installed(example: Path, tmp_path: Path) -> None:
    folder = tmp_path / example.name
    shutil.copytree(example, folder)
    site = installed(folder)
    for source in folder.rglob("streamctl_*"):
        if not source.is_relative_to(site):  # what is tested is what was packed
            shutil.rmtree(source) if source.is_dir() else source.unlink()

    run(folder, "pytest", "-q", "--ignore=site", PYTHONPATH=str(site))


def test_the_readme_names_every_command() -> None:
    described = README.read_text(encoding="utf-8").partition("## Commands")[2]

    for name in COMMANDS:
        assert re.search(rf"`{name}\b", described), name


def test_the_readme_shows_exactly_two_set_up_commands() -> None:
    lines = [line for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("python3 -m venv")]

    assert [line.rpartition("&& ")[2] for line in lines] == [".venv/bin/streamctl demo", ".venv/bin/pytest"]


def test_nothing_speaks_of_a_development_machine() -> None:
    for path in [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").iterdir(),
        *(ROOT / "src").rglob("*.py"),
        *(ROOT / "examples").rglob("*.*"),
    ]:
        if path.is_file():
            assert not re.search(r"/root/|/work/|/home/", path.read_text(encoding="utf-8")), path

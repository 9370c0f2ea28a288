"""What the documents tell a reader to type is typed here, line by line, in an empty folder or the example's own."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from streamctl.cli.commands import COMMANDS

from .shell import Shell, console_lines, sections

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
SECTIONS = sections(README)
EXAMPLES = sorted(path for path in (ROOT / "examples").iterdir() if path.is_dir())


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

    for line in lines:
        Shell(folder).type(line)

    assert lines[-1] == "streamctl down --yes"


def test_the_readme_names_every_command() -> None:
    described = README.read_text(encoding="utf-8").partition("## Commands")[2]

    for name in COMMANDS:
        assert re.search(rf"`{name}\b", described), name


def test_the_readme_shows_exactly_two_set_up_commands() -> None:
    lines = [line for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("python3 -m venv")]

    assert [line.rpartition("&& ")[2] for line in lines] == [".venv/bin/streamctl demo", ".venv/bin/pytest"]


def test_nothing_speaks_of_a_development_machine() -> None:
    for path in [*ROOT.glob("*.md"), *(ROOT / "src").rglob("*.py"), *(ROOT / "examples").rglob("*.*")]:
        if path.is_file():
            assert not re.search(r"/root/|/work/|/home/", path.read_text(encoding="utf-8")), path

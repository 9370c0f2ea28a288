"""The list of commands says what the commands themselves say, and imports them one at a time."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from streamctl import __version__
from streamctl.cli.app import run
from streamctl.cli.commands import COMMANDS, load

from ..shell import Shell

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_lists_a_command_by_its_own_first_sentence(name: str) -> None:
    command = load(name)

    assert command.name == name
    assert COMMANDS[name].summary == " ".join((command.help or "").partition("\n\n")[0].split())


def test_the_help_names_every_command_in_the_order_of_the_list(tmp_path: Path) -> None:
    listed = Shell(tmp_path).run("--help").out.partition("Commands:")[2]

    assert [line.split()[0] for line in listed.splitlines() if line.startswith("  ")][: len(COMMANDS)] == [*COMMANDS]


def test_a_mistyped_command_is_suggested(tmp_path: Path) -> None:
    said = Shell(tmp_path).run("produse", check=False)

    assert said.code == 2
    assert "Did you mean 'produce'?" in said.err


def test_a_lone_version_is_answered_as_the_option_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The program answers `--version` before the command line is imported; elsewhere the command line does."""
    assert run(["--version"]) == 0

    assert capsys.readouterr().out == Shell(tmp_path).run("--version", anew=True).out == f"streamctl {__version__}\n"


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("streamctl pro", ["provision", "produce"]),
        ("streamctl produce --batch", ["--batches", "--batch-size"]),
        ("streamctl alarms te", ["test"]),
        ("streamctl policy op", ["operator"]),
    ],
)
def test_the_shell_completes_commands_and_their_options(tmp_path: Path, typed: str, completed: list[str]) -> None:
    bash = {
        "_STREAMCTL_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split()) - 1),
    }

    assert Shell(tmp_path, bash).run(anew=True).out.split() == completed


@pytest.mark.skipif(os.name == "nt", reason="zsh is not there")
def test_zsh_is_told_what_each_command_does(tmp_path: Path) -> None:
    zsh = {"_STREAMCTL_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "streamctl stat"}

    assert "Show every resource of the pipeline" in Shell(tmp_path, zsh).run(anew=True).out

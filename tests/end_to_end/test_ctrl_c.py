"""Ctrl-C at any moment: one line that says how it goes on, exit code 130, and the next command continues."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from ..sweep.choice import thoroughly
from . import moments
from .moments import Moment, importing, sending

if TYPE_CHECKING:
    from .conftest import Project

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")

IMPORTS = ["streamctl.cli.app", "streamctl.cli.options", "typer", "pydantic", "boto3", "rich.console"]


def interrupted(project: Project, moment: Moment, *arguments: str) -> str:
    """The last line of a command that meets Ctrl-C."""
    said = moments.run(project.shell, "Ctrl-C", moment, *arguments)
    last = said.err.splitlines()[-1]
    assert said.code == 130, (moment, said)
    assert last.startswith("Interrupted."), (moment, said)
    assert said.err.count("Interrupted.") == 1
    return last


def test_while_it_is_still_starting(project: Project) -> None:
    for module in IMPORTS:
        interrupted(project, importing(module), "up")


def test_anywhere_between_up_and_down(project: Project) -> None:
    for number in thoroughly([55, 75], range(1, 76, 6)):
        interrupted(project, sending(number), "up")
    last = interrupted(project, importing("streamctl.traffic.canary"), "up")
    assert last == "Interrupted. Run `streamctl up` again: it continues."

    project.shell.run("up")
    assert project.shell.run("plan", "--json").document["changes"] == []

    for number in thoroughly([6], range(1, 12)):
        last = interrupted(project, sending(number), "produce", "--batches", "3", "--interval", "0.1")
    assert last == "Interrupted. `streamctl verify` accounts for what was sent."

    project.shell.run("produce", "--batches", "1")
    for number in thoroughly([6], range(1, 12)):
        interrupted(project, sending(number), "verify", "--all")
    account = project.shell.run("verify", "--all", "--json").document
    assert (account["lost"], account["holds"]) == (0, True)

    for number in thoroughly([50], range(1, 51, 7)):
        last = interrupted(project, sending(number), "down", "--yes")
    assert last == "Interrupted. Run `streamctl down` again: it continues."

    project.shell.run("down", "--yes")
    assert project.everything_named_so() == []


def test_a_second_one_ends_it_without_a_word(project: Project) -> None:
    process = project.shell.start("up")
    assert process.stderr
    for line in process.stderr:
        if line.startswith("✓"):
            break
    process.send_signal(signal.SIGINT)
    rest = ""
    for line in process.stderr:
        rest += line
        if line.startswith("Interrupted."):
            break
    process.send_signal(signal.SIGINT)
    rest += process.stderr.read()
    process.communicate(timeout=10)

    assert process.returncode in {130, -signal.SIGINT}
    assert "Traceback" not in rest

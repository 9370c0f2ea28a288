"""A disk without room, from any moment on: the command says which file and what to do, and nothing is orphaned."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ..sweep.choice import thoroughly
from . import moments
from .moments import sending

if TYPE_CHECKING:
    from .conftest import Project

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows cannot limit the size of files")


def refused(project: Project, number: int, *arguments: str) -> None:
    """A command for which no file can grow any more from the `number`-th thing on that it sends."""
    said = moments.run(project.shell, "full disk", sending(number), *arguments)
    assert said.code == 2, (number, said)
    assert str(project.shell.folder / ".streamctl") in said.err  # which file
    assert "Make room" in said.err


def test_an_up_without_room_can_be_taken_down_or_continued(project: Project) -> None:
    made = []
    for number in thoroughly([75], range(61, 120, 7)):
        refused(project, number, "up")
        made.append(len(project.everything_named_so()))
        project.shell.run("down", "--yes", check=False)
        assert project.everything_named_so() == []
    assert max(made) > 1  # it ran out of room in the middle

    for number in thoroughly([1], range(1, 120, 7)):
        refused(project, number, "up")
    project.shell.run("up")

    assert project.shell.run("status", "--json").document["ready"]


def test_without_room_nothing_is_sent_or_deleted_that_is_not_written_down(project: Project) -> None:
    project.shell.run("up")
    for number in thoroughly([6], range(1, 9)):
        refused(project, number, "produce", "--batches", "4", "--interval", "0")
    project.shell.run("produce", "--batches", "1")
    account = project.shell.run("verify", "--all", "--json").document
    assert (account["lost"], account["holds"]) == (0, True)

    for number in thoroughly([60], range(1, 61, 7)):
        refused(project, number, "down", "--yes")
    project.shell.run("down", "--yes")
    assert project.everything_named_so() == []

"""The recipe typed by hand, and then taken over: everything works on it as on a pipeline of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..recipe_by_hand import make_by_hand

if TYPE_CHECKING:
    from .conftest import Project

MADE = {"table", "role", "stream", "function", "mapping", "errors_alarm", "throttling_alarm"}


def test_the_recipe_made_by_hand_is_taken_over_mended_used_and_taken_down(project: Project) -> None:
    make_by_hand(project.client, project.names.suffix)
    refused = project.shell.run("up", check=False)

    imported = project.shell.run("import", project.names.table, "--yes", "--json").document
    again = project.shell.run("import", project.names.suffix, "--json").document
    changes = project.shell.run("up", "--json").document["changes"]
    project.shell.run("produce", "--batches", "1")
    account = project.shell.run("verify", "--json").document
    project.shell.run("down", "--yes")

    assert refused.code == 3
    assert set(imported["taken_over"]) == MADE
    assert again["taken_over"] == []
    assert {each["id"] for each in changes if each["result"] == "updated"} <= set(imported["taken_over"])
    assert (account["stored"], account["lost"]) == (10, 0)
    assert project.everything_named_so() == []

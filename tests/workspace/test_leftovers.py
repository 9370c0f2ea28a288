"""What the state remembers and no configuration wants any more."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from streamctl.aws import Aws
from streamctl.config import Config, Project
from streamctl.engine.state import Record, StateFile, Target
from streamctl.plugins import Catalogue
from streamctl.resources.log_group import LogGroup
from streamctl.workspace import Home, Workspace

if TYPE_CHECKING:
    from pathlib import Path


def remembering(folder: Path, *groups: LogGroup) -> Workspace:
    """A workspace whose state has these log groups, made in this order."""
    home = Home(folder)
    state = StateFile.new(home.state_file("shop"), "shop", Target("123456789012", "eu-west-1"))
    for group in groups:
        state.intend(group.id, Record(group.kind, asdict(group)))
    aws = Aws(region="eu-west-1", credentials=("testing", "testing"))
    return Workspace(Project(folder, Config(name="shop")), home, aws, state, Catalogue())


def group(name: str, *after: str) -> LogGroup:
    return LogGroup(id=name, name=name, after=after)


def test_they_go_before_what_they_needed(tmp_path: Path) -> None:
    workspace = remembering(tmp_path, group("first"), group("second", "first"), group("third", "second", "table"))

    assert {each.id: each.after for each in workspace.leftovers()} == {
        "first": (),
        "second": ("first",),
        "third": ("second",),
    }
    assert workspace.everything().needs["second"] == {"first"}


def test_several_configurations_never_leave_a_circle(tmp_path: Path) -> None:
    workspace = remembering(tmp_path, group("first", "second"), group("second", "first"))

    assert {"first", "second"} <= workspace.everything().resources.keys()
    assert workspace.everything().needs["first"] == frozenset()

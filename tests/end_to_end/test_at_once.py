"""Two at once on one machine and on two; an account or a region that changes underneath."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..account import Account, Thing
from ..shell import Shell
from ..sweep.choice import skip_unless_asked_for, thoroughly

if TYPE_CHECKING:
    from collections import Counter
    from pathlib import Path

    import pytest

    from .conftest import Project


COMMANDS = [["up"], ["provision"], ["deploy"], ["plan"], ["produce"], ["verify"], ["status"], ["down", "--yes"]]


def test_of_two_ups_in_one_folder_one_works_and_the_other_waits_or_says_so(project: Project) -> None:
    first, second = project.shell.start("up"), project.shell.start("up")
    errors = [process.communicate(timeout=60)[1] for process in (first, second)]
    codes = sorted([first.returncode, second.returncode])

    assert codes in ([0, 0], [0, 2]), errors
    assert codes == [0, 0] or any("Another streamctl is changing the pipeline" in error for error in errors)
    assert project.shell.run("plan", "--json").document["changes"] == []


def test_two_machines_that_make_one_pipeline_at_once_make_everything_once(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = elsewhere(project, tmp_path_factory.mktemp("other"))
    processes = [shell.start("up") for shell in (project.shell, other)]
    errors = [process.communicate(timeout=90)[1] for process in processes]
    codes = {process.returncode for process in processes}

    assert codes <= {0, 3, 4}, errors
    assert not any("Traceback" in error for error in errors)
    project.shell.run("up")
    other.run("up")
    assert project.shell.run("plan", "--json").document["changes"] == []
    assert other.run("plan", "--json").document["changes"] == []
    made = [str(thing) for thing in things(project).elements()]
    assert len(made) == len(set(made))  # there is one mapping, too
    other.run("down", "--yes")
    project.shell.run("down", "--yes", check=False)
    assert project.everything_named_so() == []


@skip_unless_asked_for
def test_an_up_and_a_down_on_two_machines_leave_nothing_that_one_more_down_does_not_find(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = elsewhere(project, tmp_path_factory.mktemp("other"))
    other.run("up")
    processes = [project.shell.start("up"), other.start("down", "--yes")]
    errors = [process.communicate(timeout=90)[1] for process in processes]

    assert not any("Traceback" in error for error in errors)
    for shell in (project.shell, other):
        shell.run("down", "--yes", check=False)
    assert project.everything_named_so() == []


def test_another_account_underneath_is_refused_before_anything_is_done(project: Project) -> None:
    project.shell.run("provision")
    state = project.shell.folder / ".streamctl" / "pipelines" / project.names.suffix / "state.json"
    before, remembered = things(project), state.read_bytes()
    stranger = replace(project.shell, environment={**project.shell.environment, "AWS_ACCESS_KEY_ID": "111111111111"})

    for command in thoroughly([["up"], ["down", "--yes"]], COMMANDS):
        said = stranger.run(*command, check=False)
        assert (said.code, "lives in account 000000000000" in said.err) == (3, True), said

    assert state.read_bytes() == remembered
    assert things(project) == before


def test_another_place_underneath_is_refused_before_anything_is_done(project: Project) -> None:
    project.shell.run("provision")
    before = things(project)
    here = {key: value for key, value in project.shell.environment.items() if key != "STREAMCTL_ENDPOINT_URL"}
    shell = replace(project.shell, environment=here)

    for place in (["--region", "eu-west-1"], ["--endpoint-url", "http://127.0.0.1:9"], ["--local"]):
        for command in thoroughly([["up"]], COMMANDS):
            said = shell.run(*command, *place, check=False)
            assert (said.code, "lives at" in said.err) == (3, True), said

    assert things(project) == before


def test_the_endpoint_that_the_environment_tells_to_all_tools_is_remembered_as_any_other(project: Project) -> None:
    elsewhere = {key: value for key, value in project.shell.environment.items() if key != "STREAMCTL_ENDPOINT_URL"}
    replace(project.shell, environment={**elsewhere, "AWS_ENDPOINT_URL": project.endpoint_url}).run("provision")

    target = replace(project.shell, environment=elsewhere).run("status", "--json").document["target"]

    assert target["endpoint_url"] == project.endpoint_url


def test_a_region_that_changes_in_the_environment_changes_nothing(project: Project) -> None:
    project.shell.run("up")
    moved = replace(project.shell, environment={**project.shell.environment, "AWS_REGION": "eu-west-1"})

    assert moved.run("plan", "--json").document["changes"] == []
    moved.run("down", "--yes")
    assert project.everything_named_so() == []


def elsewhere(project: Project, folder: Path) -> Shell:
    """Somebody who means the same pipeline, on another machine."""
    (folder / "streamctl.toml").write_bytes((project.shell.folder / "streamctl.toml").read_bytes())
    return Shell(folder, project.shell.environment)


def things(project: Project) -> Counter[Thing]:
    """What of the pipeline is there, with every setting."""
    return Account(project.client, lambda name: project.names.suffix in name).things()

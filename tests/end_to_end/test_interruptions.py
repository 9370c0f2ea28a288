"""Killed, cut short, run twice: whatever happened, the next command continues."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Project

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")


def killed_after(project: Project, lines: int, *command: str) -> None:
    """Start a command and kill it once it has said so many things were done."""
    process = project.shell.start(*command)
    assert process.stderr
    seen = 0
    for line in process.stderr:
        seen += line.startswith("✓")
        if seen >= lines:
            break
    process.kill()
    process.communicate()


def await_rows(project: Project, count: int) -> None:
    """Until so many events have arrived in the table."""
    deadline = time.monotonic() + 60
    while (found := len(project.rows())) < count:
        assert time.monotonic() < deadline, f"only {found} arrived"
        time.sleep(0.1)


@pytest.mark.parametrize("steps", [1, 6, 12, 13, 14])
def test_an_up_that_was_killed_is_continued_and_down_leaves_nothing(project: Project, steps: int) -> None:
    killed_after(project, steps, "up")

    project.shell.run("up")
    status = project.shell.run("status", "--json").document
    project.shell.run("down", "--yes")

    assert status["ready"]
    assert project.everything_named_so() == []


@pytest.mark.parametrize("delay_seconds", [0.6, 0.9, 1.2])
def test_an_up_killed_at_any_moment_can_be_taken_down_at_once(project: Project, delay_seconds: float) -> None:
    process = project.shell.start("up")
    time.sleep(delay_seconds)
    process.kill()
    process.communicate()

    project.shell.run("down", "--yes", check=False)

    assert project.everything_named_so() == []


@pytest.mark.parametrize("steps", [1, 7, 13])
def test_a_down_that_was_killed_is_continued(project: Project, steps: int) -> None:
    project.shell.run("up")
    killed_after(project, steps, "down", "--yes")

    project.shell.run("down", "--yes")

    assert project.everything_named_so() == []


def test_an_up_killed_before_its_canary_came_through_proves_it_the_next_time(project: Project) -> None:
    killed_after(project, 14, "up")

    assert project.shell.run("up", "--json").document["canary_seconds"] is not None


def test_ctrl_c_stops_soon_and_says_how_to_continue(project: Project) -> None:
    process = project.shell.start("up")
    assert process.stderr
    for line in process.stderr:
        if line.startswith("Waiting for a canary"):
            break
    process.send_signal(signal.SIGINT)
    rest = process.stderr.read()
    process.communicate()

    assert process.wait(timeout=10) == 130
    assert "Run `streamctl up` again" in rest
    project.shell.run("up")


def test_a_produce_that_was_killed_is_accounted_for(project: Project) -> None:
    project.shell.run("up")
    process = project.shell.start("produce", "--rate", "200", "--duration", "30")
    await_rows(project, 100)
    process.kill()
    process.communicate()

    account = project.shell.run("verify", "--json").document

    assert account["stored"] >= 100
    assert (account["lost"], account["holds"]) == (0, True)


def test_ctrl_c_ends_a_run_with_its_figures(project: Project) -> None:
    project.shell.run("up")
    process = project.shell.start("produce", "--rate", "100", "--duration", "60")
    await_rows(project, 1)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=10)

    assert process.returncode == 130
    assert "events sent" in out
    assert project.shell.run("verify", "--json").document["holds"]


def test_a_reader_that_goes_away_is_no_error(project: Project) -> None:
    command = subprocess.Popen(
        project.shell.command(["config", "schema"]),
        cwd=project.shell.folder,
        env=project.shell.variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert command.stdout
    command.stdout.close()
    assert command.stderr
    assert command.stderr.read() == b""
    assert command.wait() in {0, 1}
    command.stderr.close()

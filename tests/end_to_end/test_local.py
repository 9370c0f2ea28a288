"""The emulator as a user meets it: started by the first command that needs it, stopped, started again, gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest

from streamctl.emulator import process

from ..shell import Shell
from .conftest import AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    (tmp_path / "streamctl.toml").write_text(AT_ONCE, encoding="utf-8")
    yield Shell(tmp_path)
    process.stop(tmp_path / ".streamctl" / "emulator")


def test_the_demo_proves_itself_and_leaves_nothing_in_the_folder(tmp_path: Path) -> None:
    document = Shell(tmp_path).run("demo", "--json", anew=True).document

    assert {key: document[key] for key in ("sent", "stored", "lost", "left")} == {
        "sent": 30,
        "stored": 30,
        "lost": 0,
        "left": 0,
    }
    assert 0 < document["latency_p50_ms"] <= document["latency_p99_ms"] < 10_000
    assert list(tmp_path.iterdir()) == []


def test_what_was_verified_still_holds_after_the_emulator_was_stopped_and_started(shell: Shell) -> None:
    shell.run("up", "--local")
    shell.run("produce", "--batches", "1")
    shell.run("verify")

    shell.run("local", "stop")
    stopped = shell.run("verify", check=False)
    shell.run("local", "start")
    account = shell.run("verify", "--json").document
    shell.run("produce", "--batches", "1")
    later = shell.run("verify", "--all", "--json").document

    assert (stopped.code, "streamctl local start" in stopped.err) == (3, True)
    assert (account["stored"], account["lost"]) == (10, 0)
    assert (later["stored"], later["lost"]) == (20, 0)


def test_records_sent_just_before_a_stop_are_processed_after_the_start(shell: Shell) -> None:
    shell.run("up", "--local")
    shell.run("produce", "--batches", "1", "--batch-size", "200")
    shell.run("local", "stop")
    shell.run("local", "start")

    account = shell.run("verify", "--json").document

    assert (account["stored"], account["lost"]) == (200, 0)


def test_the_last_pipeline_takes_its_emulator_along_unless_it_was_started_by_hand(shell: Shell) -> None:
    shell.run("up", "--local")
    first = shell.run("down", "--yes", "--json").document
    shell.run("local", "start")
    shell.run("up", "--local")
    second = shell.run("down", "--yes", "--json").document

    assert (first["emulator_stopped"], second["emulator_stopped"]) == (True, False)
    assert shell.run("local", "status", "--json").document["running"]


def test_a_pipeline_of_an_export_keeps_the_emulator_and_is_listed(shell: Shell) -> None:
    shell.run("up", "--local", "--name", "mine")
    emulator = shell.run("local", "status", "--json").document
    environment = {name.lower(): value for name, value in emulator["environment"].items()}
    sqs = boto3.client(
        "sqs",
        endpoint_url=environment["aws_endpoint_url"],
        region_name=environment["aws_region"],
        aws_access_key_id=environment["aws_access_key_id"],
        aws_secret_access_key=environment["aws_secret_access_key"],
    )
    sqs.create_queue(QueueName="analytics-rejected-theirs", tags={"streamctl:export": "theirs"})

    listed = shell.run("ls", "--json").document
    down = shell.run("down", "--yes", "--json").document

    assert [(each["name"], each["exported"]) for each in listed] == [("mine", False), ("theirs", True)]
    assert down["emulator_stopped"] is False


def test_where_there_never_was_an_emulator_nobody_speaks_of_what_was_in_it(shell: Shell) -> None:
    said = shell.run("ls", "--local", check=False)

    assert (said.code, "There is no local emulator here yet" in said.err) == (3, True)


def test_the_folder_keeps_itself_out_of_git(shell: Shell) -> None:
    shell.run("plan", "--local")

    assert (shell.folder / ".streamctl" / ".gitignore").read_text() == "*\n"


def test_status_tells_where_the_emulator_differs_from_aws(shell: Shell) -> None:
    document = shell.run("local", "status", "--json").document

    assert not document["running"]
    assert any("throttled" in line for line in document["differences"])


def test_several_pipelines_live_side_by_side_and_must_be_named(shell: Shell) -> None:
    shell.run("up", "--local", "--name", "one")
    shell.run("up", "--local", "--name", "two")

    unclear = shell.run("status", check=False)
    shell.run("down", "--yes", "--name", "one")

    assert (unclear.code, "one, two" in unclear.err) == (2, True)
    assert shell.run("status", "--json").document["name"] == "two"

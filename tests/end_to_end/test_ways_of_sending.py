"""Packed together, by several processes, spread over the shards: every event arrives once all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .conftest import LARGE_BATCHES

if TYPE_CHECKING:
    from .conftest import Project

BATCH = ("--batches", "1", "--batch-size", "400", "--seed", "7")


def test_every_event_is_accounted_for_however_it_is_sent(project: Project) -> None:
    project.configure(LARGE_BATCHES)
    project.shell.run("up")

    packed = project.shell.run("produce", *BATCH, "--aggregate", "--poison", "5%", "--duplicate", "5%", "--json")
    account = project.shell.run("verify", "--json").document
    assert packed.document["accepted"] == 400
    assert packed.document["records"] < 20
    assert (account["sent"], account["stored"], account["set_aside"], account["holds"]) == (400, 380, 20, True)
    assert account["faults"]["duplicate"] == {"sent": 20, "as_expected": 20, "open": 0, "wrong": 0}

    shared = project.shell.run("produce", *BATCH, "--processes", "2", "--json").document
    account = project.shell.run("verify", "--json").document
    assert len(shared["runs"]) == 2
    assert account["runs"] == shared["runs"]
    assert (account["sent"], account["stored"], account["holds"]) == (400, 400, True)

    spread = project.shell.run("produce", *BATCH, "--keys", "spread", "--connections", "1", "--json").document
    assert sorted(spread["by_shard"].values())[0] > 150
    assert project.shell.run("verify", "--json").document["holds"]

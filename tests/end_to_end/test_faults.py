"""Faults on purpose through the whole pipeline: each is accounted for, and one that ends otherwise is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .conftest import LARGE_BATCHES

if TYPE_CHECKING:
    from .conftest import Project

FAULTS = ("--poison", "6%", "--duplicate", "4%", "--late", "10%", "--hot-key", "--seed", "7")
BATCHES = ("--batches", "2", "--batch-size", "100", "--interval", "0.2")


def test_every_fault_is_accounted_for_and_one_that_ends_otherwise_is_told(project: Project) -> None:
    project.configure(LARGE_BATCHES)
    project.shell.run("up")

    sent = project.shell.run("produce", *BATCHES, *FAULTS, "--json").document
    account = project.shell.run("verify", "--json").document

    events = {kind: fault["events"] for kind, fault in sent["faults"].items()}
    assert events == {"poison": 12, "duplicate": 8, "late": 20, "hot_key": 200}
    assert (sent["accepted"], sent["records"], list(sent["by_shard"].values())) == (200, 208, [208])
    assert (account["sent"], account["stored"], account["set_aside"], account["holds"]) == (200, 188, 12, True)
    assert account["faults"] == {
        kind: {"sent": count, "as_expected": count, "open": 0, "wrong": 0} for kind, count in events.items()
    }
    rows = project.rows()
    assert sum(int(row["arrivedAtMs"]["N"]) // 1000 - int(row["timestamp"]["N"]) >= 59 for row in rows) == 20

    poisoned = {f"{sent['run']}-{number:09d}" for number in range(200)} - {row["eventId"]["S"] for row in rows}
    row = rows[0] | {"eventId": {"S": min(poisoned)}, "rawData": {"S": "{}"}}
    project.client("dynamodb").put_item(TableName=project.names.table, Item=row)
    told = project.shell.run("verify", check=False)

    assert told.code == 5
    assert "Of 200 events sent: 1 poisoned and yet stored." in told.err
    assert "11 set aside with a reason, 1 not" in told.out

"""What must not be stored, on a pipeline that runs: switched on, proved, and switched off again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .conftest import AT_ONCE

if TYPE_CHECKING:
    from .conftest import Project

REPAIR = """
import json

def repair(payload):
    return {**json.loads(payload), "eventId": "short"}
"""


def test_redaction_is_switched_on_and_off_on_a_running_pipeline(project: Project) -> None:
    shell = project.shell
    project.configure(AT_ONCE + '[table]\nredacted_fields = ["userId", "location.city"]\n')
    shell.run("up")
    shell.run("produce", "--batches", "1", "--seed", "1")
    redacted = shell.run("verify", "--json").document
    rows = project.items()
    project.configure(AT_ONCE + '[table]\nraw_data = "omit"\n')
    shell.run("up")
    shell.run("produce", "--batches", "1", "--seed", "2")
    omitted = shell.run("verify", "--json").document
    without = [row for row in project.items() if "rawData" not in row]
    project.configure(AT_ONCE)
    shell.run("up")
    shell.run("produce", "--batches", "1", "--seed", "3")
    kept = shell.run("verify", "--json").document
    everything = shell.run("verify", "--all", "--json").document

    sent = redacted["sent"]
    assert [row["userId"] for row in rows] == [row["location"]["city"] for row in rows] == ["[redacted]"] * sent
    assert "user_" not in json.dumps(rows, default=str)
    assert len(without) == omitted["sent"]
    assert all(row["userId"].startswith("user_") for row in without)
    assert [account["holds"] for account in (redacted, omitted, kept, everything)] == [True] * 4
    assert (redacted["compared_by_checksum"], omitted["compared_by_checksum"]) == (sent, omitted["sent"])
    assert (kept["compared_by_checksum"], everything["compared_by_checksum"]) == (0, sent + omitted["sent"])


def test_a_rejected_record_that_its_message_does_not_show_is_repaired_from_the_stream(project: Project) -> None:
    shell = project.shell
    project.configure(AT_ONCE + '[table]\nredacted_fields = ["userId"]\n')
    shell.run("up")
    shell.run("produce", "--file", "-", stdin=json.dumps({"eventId": "x" * 3000, "userId": "user_1"}))
    shell.run("verify")
    (shell.folder / "repair.py").write_text(REPAIR, encoding="utf-8")

    (shown,) = shell.run("replay", "--show", "--json").document["bad"]
    sent = shell.run("replay", "--with", "repair.py", "--json").document
    account = shell.run("verify", "--json").document

    assert json.loads(shown["payload"])["userId"] == shown["partition_key"] == "user_1"
    assert sent["stored"] == 1
    assert [item["userId"] for item in project.items()] == ["[redacted]"]
    assert (account["repaired"], account["holds"]) == (1, True)

"""What failed, sent again, as a user does it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from .conftest import AT_ONCE

if TYPE_CHECKING:
    from .conftest import Project

REPAIR = """
import json

def repair(payload):
    if payload.startswith(b"{"):
        event = json.loads(payload.rstrip(b",") + b"}") if not payload.endswith(b"}") else json.loads(payload)
        return {**event, "eventId": str(event["eventId"])[:100]}
    if payload == b"junk":
        return None
    raise ValueError("what is this?")
"""


def listed(project: Project, records: int) -> list[dict[str, Any]]:
    """What `replay` lists, once it is so many records."""
    deadline = time.monotonic() + 60
    while True:
        document = project.shell.run("replay", "--json").document
        if document["records"] >= records or time.monotonic() > deadline:
            assert document["records"] == records
            return list(document["messages"])


def test_poisoned_records_are_listed_shown_repaired_and_accounted_for(project: Project) -> None:
    shell = project.shell
    shell.run("up")
    assert shell.run("replay", "--send").out == "Nothing is set aside or given up.\n"
    long_id = json.dumps({"eventId": "x" * 3000})
    shell.run("produce", "--file", "-", stdin=f'{long_id}\n{{"eventId": "good"}}\n')
    kinesis = project.client("kinesis")
    for payload in (b'{"eventId": "cut", "eventType": "click",', b"junk", b"\xff\x00"):
        kinesis.put_record(StreamName=project.names.stream, Data=payload, PartitionKey="key")
    (shell.folder / "repair.py").write_text(REPAIR, encoding="utf-8")

    found = listed(project, 4)
    account = shell.run("verify", "--json").document
    shown = {
        each.get("payload", each.get("payload_base64")): each
        for each in shell.run("replay", "--show", "--with", "repair.py", "--json").document["bad"]
    }
    sent = shell.run("replay", "--with", "repair.py", "--json", check=False)
    repaired = shell.run("verify", "--json").document

    assert {message["reason"] for message in found} == {"unusable_key", "not_json", "not_utf8"}
    assert (account["stored"], account["set_aside"]) == (1, 1)
    assert shown['{"eventId": "cut", "eventType": "click",']["repaired"].startswith('{"eventId":"cut"')
    assert shown["/wA="]["repair"] == "ValueError: what is this? (repair.py:10)"
    assert shown[long_id]["partition_key"]
    assert sent.code == 5
    document = sent.document
    assert (document["stored"], document["given_up_on_purpose"], document["not_repaired"]) == (2, 1, 1)
    assert {item["eventId"] for item in project.items()} == {"good", "cut", "x" * 100}
    assert (repaired["stored"], repaired["repaired"], repaired["holds"]) == (1, 1, True)
    assert len(listed(project, 1)) == 1


def test_batches_given_up_are_sent_again_once_the_table_is_back(project: Project) -> None:
    shell = project.shell
    project.configure(AT_ONCE + "event_source.maximum_retry_attempts = 0\n")
    shell.run("up")
    dynamodb = project.client("dynamodb")
    dynamodb.delete_table(TableName=project.names.table)
    shell.run("produce", "--batches", "1", "--batch-size", "4")

    found = listed(project, 4)
    shell.run("up")
    before = shell.run("verify", "--deadline", "5", "--json", check=False)
    done = shell.run("replay", "--send", "--json").document
    after = shell.run("verify", "--json").document

    assert {message["where"] for message in found} == {project.names.failures_queue}
    assert (before.code, before.document["dead_lettered"]) == (5, 4)
    assert "`streamctl replay`" in before.err
    assert (done["stored"], done["settled"], done["removed"]) == (4, True, done["messages"])
    assert (after["stored"], after["holds"]) == (4, True)
    assert listed(project, 0) == []
    assert shell.run("replay", "--send", "--json").document["messages"] == 0


def test_a_bucket_takes_the_queues_place_and_gives_it_back_when_it_is_empty(project: Project) -> None:
    shell = project.shell
    settings = AT_ONCE + "event_source.maximum_retry_attempts = 0\nevent_source.on_failure = "
    project.configure(settings + '"sqs"\n')
    shell.run("up")
    project.configure(settings + '"s3"\n')
    shell.run("up")
    project.client("dynamodb").delete_table(TableName=project.names.table)
    shell.run("produce", "--batches", "1", "--batch-size", "4")

    found = listed(project, 4)
    shell.run("up")
    failed = shell.run("status", "--json").document["failed"]
    project.configure(settings + '"sqs"\n')
    refused = shell.run("up", check=False)
    project.configure(settings + '"s3"\n')
    done = shell.run("replay", "--send", "--json").document
    project.configure(settings + '"sqs"\n')
    shell.run("up")
    after = shell.run("verify", "--json").document

    bucket = f"analytics-failed-{project.names.suffix}-000000000000"
    assert {message["where"] for message in found} == {bucket}
    assert [depth["messages"] for depth in failed if depth["where"] == bucket] == [len(found)]
    assert (refused.code, f"s3_bucket {bucket}" in refused.err) == (2, True)
    assert (done["stored"], done["settled"]) == (4, True)
    assert (after["stored"], after["holds"]) == (4, True)
    assert project.client("s3").list_buckets(Prefix=bucket).get("Buckets", []) == []


def test_down_empties_the_bucket_and_leaves_none(project: Project) -> None:
    project.configure(AT_ONCE + 'event_source.on_failure = "s3"\n')
    project.shell.run("up")
    bucket = f"analytics-failed-{project.names.suffix}-000000000000"
    project.client("s3").put_object(Bucket=bucket, Key="aws/lambda/x", Body=b"x")

    assert bucket in project.shell.run("ls", "--json").out
    project.shell.run("down", "--yes")

    assert project.everything_named_so() == []

"""Payloads nobody should send, sent through the whole pipeline: each is stored or set aside with a reason."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from ..functions.awkward_payloads import AWKWARD

if TYPE_CHECKING:
    from .conftest import Project


def rejected(project: Project) -> list[dict[str, Any]]:
    """Every message of the rejected queue."""
    sqs = project.client("sqs")
    url = sqs.get_queue_url(QueueName=project.names.rejected_queue)["QueueUrl"]
    found: list[dict[str, Any]] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        found += [json.loads(message["Body"]) for message in messages]
    return found


def test_every_awkward_record_is_stored_or_set_aside_with_the_expected_reason(project: Project) -> None:
    project.shell.run("up")
    kinesis = project.client("kinesis")
    for number, awkward in enumerate(AWKWARD):
        kinesis.put_record(StreamName=project.names.stream, Data=awkward.payload, PartitionKey=f"key-{number}")

    expected = Counter(awkward.outcome for awkward in AWKWARD)
    stored, aside = [], []
    deadline = time.monotonic() + 60
    while len(stored) + len(aside) < len(AWKWARD) and time.monotonic() < deadline:
        time.sleep(0.5)
        stored = project.rows()
        aside += rejected(project)

    reasons = {message["sha256"]: message["reason"] for message in aside}
    missing = [
        a.name for a in AWKWARD if a.outcome != "stored" and hashlib.sha256(a.payload).hexdigest() not in reasons
    ]
    assert missing == []
    assert Counter(message["reason"] for message in aside) + Counter(stored=len(stored)) == expected
    assert project.client("sqs").get_queue_attributes(
        QueueUrl=project.client("sqs").get_queue_url(QueueName=project.names.failures_queue)["QueueUrl"],
        AttributeNames=["ApproximateNumberOfMessages"],
    )["Attributes"] == {"ApproximateNumberOfMessages": "0"}


def test_verify_counts_a_rejected_event_of_a_run_as_set_aside(project: Project) -> None:
    project.shell.run("up")
    too_deep = '{"eventId": "deep", "location": ' + "[" * 600 + "]" * 600 + "}"
    unusable = json.dumps({"eventId": "x" * 3000})
    good = json.dumps({"eventId": "good"})
    project.shell.run("produce", "--file", "-", stdin=f"{unusable}\n{good}\n{too_deep}\n")

    account = project.shell.run("verify", "--json").document

    assert account["holds"]
    assert (account["sent"], account["lost"]) == (3, 0)
    assert account["stored"] + account["set_aside"] == 3
    assert account["reasons"]["unusable_key"] == 1

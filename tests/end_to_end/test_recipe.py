"""The recipe as a user runs it, step by step, on the emulator."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import AT_ONCE, LARGE_BATCHES

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Project

PURCHASE = {"eventId": "p-1", "eventType": "purchase", "userId": "u", "amount": 19.99, "itemsCount": 2}
PAGE_VIEW = {"eventId": "v-1", "eventType": "page_view", "userId": "u", "loadTime": 812.5, "sessionLength": 20,
             "pagesViewed": 1}  # fmt: skip
CHANGED = "[event_source]\nbatch_size = 9\nbatching_window_seconds = 0\n[function]\nmemory_mb = 256\n"


def test_every_event_sent_is_stored_and_nothing_is_left_in_the_end(project: Project) -> None:
    project.configure(LARGE_BATCHES)
    shell = project.shell
    built = shell.run("up", "--json").document
    sent = shell.run("produce", "--seed", "7", "--interval", "0.2", "--json").document
    account = shell.run("verify", "--event-type", "purchase", "--json").document
    removed = shell.run("down", "--yes", "--json").document

    assert {change["result"] for change in built["changes"]} == {"created"}
    assert built["canary_seconds"] > 0
    assert (sent["events"], sent["accepted"], sent["unsent"]) == (30, 30, 0)
    assert (account["sent"], account["stored"], account["lost"]) == (30, 30, 0)
    assert account["holds"]
    assert [check["passed"] for check in account["checks"]] == [True] * 5
    assert removed["left"] == 0
    assert project.everything_named_so() == []


def test_numbers_are_stored_exactly_and_a_row_that_was_changed_is_reported(project: Project) -> None:
    project.shell.run("up")
    lines = "\n".join(json.dumps(event) for event in (PURCHASE, PAGE_VIEW))
    project.shell.run("produce", "--file", "-", stdin=lines)
    project.shell.run("verify", "--event-type", "purchase", "--event-type", "page_view")

    stored = {item["eventId"]: item for item in project.items()}

    assert stored["p-1"]["metrics"] == {"amount": Decimal("19.99"), "currency": "USD", "items_count": 2}
    assert stored["v-1"]["metrics"]["load_time"] == Decimal("812.5")
    assert stored["v-1"]["metrics"]["bounce_rate"] == 1
    assert json.loads(stored["p-1"]["rawData"]) == PURCHASE

    project.client("dynamodb").update_item(
        TableName=project.names.table,
        Key={"eventId": {"S": "p-1"}, "timestamp": {"N": str(stored["p-1"]["timestamp"])}},
        UpdateExpression="SET #metrics.amount = :wrong",
        ExpressionAttributeNames={"#metrics": "metrics"},
        ExpressionAttributeValues={":wrong": {"N": "20"}},
    )

    said = project.shell.run("verify", check=False)

    assert (said.code, "1 stored with other values" in said.err) == (5, True)


def test_a_second_up_changes_nothing_and_no_canary_left_a_trace_in_the_table(project: Project) -> None:
    project.shell.run("up")

    assert project.items() == []
    assert project.shell.run("plan", "--json").document["changes"] == []
    again = project.shell.run("up", "--json").document
    assert (again["changes"], again["canary_seconds"]) == ([], None)


def test_what_was_changed_in_the_file_or_by_hand_is_shown_and_made_by_up(project: Project) -> None:
    project.shell.run("up")
    project.configure(CHANGED)

    planned = project.shell.run("plan", "--json").document["changes"]
    project.shell.run("up")

    assert {(change["id"], *change["settings"]) for change in planned} == {
        ("mapping", "batch_size"),
        ("function", "memory_mb"),
    }
    assert project.shell.run("plan", "--json").document["changes"] == []

    project.client("logs").put_retention_policy(logGroupName=project.names.log_group, retentionInDays=1)

    status = project.shell.run("status", "--json").document
    project.shell.run("up")

    assert {row["id"]: row["drift"] for row in status["resources"] if row["drift"]} == {"log_group": ["retention_days"]}
    assert not any(row["drift"] for row in project.shell.run("status", "--json").document["resources"])

    project.configure(CHANGED + "[features.alarms]\nenabled = false\n")
    assert [name for name in project.everything_named_so() if name.startswith(("Kinesis", "DynamoDB"))]

    project.shell.run("up")

    assert not [name for name in project.everything_named_so() if name.startswith(("Kinesis", "DynamoDB"))]


def test_provision_and_deploy_are_the_two_halves_of_up(project: Project) -> None:
    too_early = project.shell.run("deploy", check=False)
    project.shell.run("provision")
    halfway = project.everything_named_so()
    project.shell.run("deploy")

    assert (too_early.code, "streamctl provision" in too_early.err) == (2, True)
    assert project.names.stream in halfway
    assert project.names.function not in halfway
    assert project.shell.run("plan", "--json").document["changes"] == []


def test_metrics_show_what_the_pipeline_did(project: Project) -> None:
    project.shell.run("up")
    project.shell.run("produce", "--batches", "1", "--seed", "1")
    project.shell.run("verify")

    shown = project.shell.run("metrics", "--since", "10m", "--period", "1m", "--json").document["series"]

    overall = {(series["namespace"], series["metric"]): series["overall"] for series in shown}
    assert overall["RealTimeAnalytics", "EventsProcessed"] >= 11
    assert overall["AWS/Kinesis", "IncomingRecords"] == 11
    assert overall["AWS/Lambda", "Invocations"] >= 2
    assert overall["AWS/Lambda", "Errors"] == 0
    assert overall["AWS/DynamoDB", "ConsumedWriteCapacityUnits"] >= 11


def test_a_row_that_disappears_is_reported_as_lost(project: Project) -> None:
    project.configure(AT_ONCE + "[function]\ntimeout_seconds = 3\n")  # what is lost may be on its way so long
    project.shell.run("up")
    project.shell.run("produce", "--batches", "1")
    project.shell.run("verify")
    item = project.items()[0]
    project.client("dynamodb").delete_item(
        TableName=project.names.table,
        Key={"eventId": {"S": item["eventId"]}, "timestamp": {"N": str(item["timestamp"])}},
    )

    at_once = project.shell.run("verify", "--deadline", "0", "--json", check=False)
    settled = project.shell.run("verify", "--deadline", "30", "--json", check=False)

    assert (at_once.code, at_once.document["lost"], at_once.document["in_flight"]) == (5, 0, 1)
    assert (settled.code, settled.document["lost"], settled.document["in_flight"]) == (5, 1, 0)
    assert settled.document["lost_examples"] == [item["eventId"]]


def test_an_event_sent_again_is_not_proved_by_what_was_stored_before(project: Project) -> None:
    timed = PURCHASE | {"eventId": "p-2", "timestamp": "2026-11-23T12:00:00Z"}
    lines = f"{json.dumps(PURCHASE)}\n{json.dumps(timed)}\n"
    project.configure("[event_source]\nbatching_window_seconds = 4\n")
    project.shell.run("up")
    project.shell.run("produce", "--file", "-", stdin=lines)
    project.shell.run("verify")
    time.sleep(2.1)  # AWS tells its time to the second
    project.shell.run("produce", "--file", "-", stdin=lines)

    at_once = project.shell.run("verify", "--deadline", "0", "--json", check=False).document
    later = project.shell.run("verify", "--all", "--json").document

    assert (at_once["stored"], at_once["in_flight"]) == (0, 2)
    assert (later["sent"], later["stored"], later["duplicates"]) == (4, 4, 0)
    # An event without a time of its own is another row when it comes again.
    assert sorted(row["eventId"]["S"] for row in project.rows()) == ["p-1", "p-1", "p-2"]


def test_a_pipeline_is_found_and_taken_down_without_any_local_file(project: Project, tmp_path: Path) -> None:
    project.shell.run("up")
    (tmp_path / "elsewhere").mkdir()
    elsewhere = type(project.shell)(tmp_path / "elsewhere", project.shell.environment)
    (tmp_path / "elsewhere" / "streamctl.toml").touch()

    listed = elsewhere.run("ls", "--json").document
    elsewhere.run("down", "--yes")

    assert [pipeline["name"] for pipeline in listed] == [project.names.suffix]
    assert project.everything_named_so() == []


@pytest.mark.parametrize("kind", ["dynamodb_table", "kinesis_stream", "iam_role", "log_group", "sqs_queue"])
def test_a_name_taken_by_a_stranger_is_refused_and_the_stranger_untouched(project: Project, kind: str) -> None:
    make, look, remove = strangers(project)[kind]
    make()
    before = look()

    said = project.shell.run("up", check=False)
    after, made = look(), project.everything_named_so()
    remove()

    assert (said.code, "not ours" in said.err) == (3, True)
    assert after == before
    assert len(made) == 1


def strangers(project: Project) -> dict[str, tuple[Any, Any, Any]]:
    """For each kind: make one under our name, look at it, remove it."""
    names = project.names
    dynamodb, kinesis, iam = project.client("dynamodb"), project.client("kinesis"), project.client("iam")
    logs, sqs = project.client("logs"), project.client("sqs")
    key = [{"AttributeName": "id", "KeyType": "HASH"}]
    typed = [{"AttributeName": "id", "AttributeType": "S"}]

    def queue_url() -> str:
        return str(sqs.get_queue_url(QueueName=names.rejected_queue)["QueueUrl"])

    return {
        "dynamodb_table": (
            lambda: dynamodb.create_table(
                TableName=names.table, KeySchema=key, AttributeDefinitions=typed, BillingMode="PAY_PER_REQUEST"
            ),
            lambda: dynamodb.describe_table(TableName=names.table)["Table"],
            lambda: dynamodb.delete_table(TableName=names.table),
        ),
        "kinesis_stream": (
            lambda: kinesis.create_stream(StreamName=names.stream, ShardCount=1),
            lambda: kinesis.describe_stream_summary(StreamName=names.stream)["StreamDescriptionSummary"],
            lambda: kinesis.delete_stream(StreamName=names.stream),
        ),
        "iam_role": (
            lambda: iam.create_role(RoleName=names.role, AssumeRolePolicyDocument="{}"),
            lambda: iam.get_role(RoleName=names.role)["Role"],
            lambda: iam.delete_role(RoleName=names.role),
        ),
        "log_group": (
            lambda: logs.create_log_group(logGroupName=names.log_group),
            lambda: logs.describe_log_groups(logGroupNamePrefix=names.log_group)["logGroups"],
            lambda: logs.delete_log_group(logGroupName=names.log_group),
        ),
        "sqs_queue": (
            lambda: sqs.create_queue(QueueName=names.rejected_queue),
            lambda: sqs.get_queue_attributes(QueueUrl=queue_url(), AttributeNames=["All"])["Attributes"],
            lambda: sqs.delete_queue(QueueUrl=queue_url()),
        ),
    }

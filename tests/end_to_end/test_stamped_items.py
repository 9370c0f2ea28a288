"""Retention and tracing as a user meets them: turned on and off on a pipeline that runs, and one event followed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .conftest import Project

# A function that may run no longer than this is soon known to be done with an event.
BARE = "[event_source]\nbatching_window_seconds = 0\nbatch_size = 10\n[function]\ntimeout_seconds = 3\n"
ON = BARE + "[features.tracing]\n[features.retention]\ndays = {days}\n"
SHORT_SECONDS = 2
STAMPS = {"traceId", "traceSampled", "requestId", "streamPlace", "expiresAt"}


def test_items_expire_and_are_traced_while_the_features_are_on(project: Project) -> None:
    project.configure(BARE)
    project.shell.run("up")
    bare = send(project, events=3)
    project.configure(ON.format(days=30))
    differences = changes(project.shell.run("plan", "--json").document)
    project.shell.run("up")
    stamped = send(project, events=5)

    seen = verified(project)
    items = {item["eventId"]: item for item in project.items()}

    assert {("table", "ttl_attribute"), ("function", "tracing"), ("role", "policies")} <= differences
    assert (seen["stored"], seen["expired"]) == (5, 0)
    assert [check["passed"] for check in seen["checks"][-4:]] == [True] * 4
    assert all(items[event_id].keys() & STAMPS == set() for event_id in bare)
    for event_id in stamped:
        item = items[event_id]
        assert item["expiresAt"] == item["arrivedAtMs"] // 1000 + 30 * 86_400
        assert item["traceId"].startswith("1-")
    follow(project, stamped[0], items[stamped[0]])
    expire(project)
    turn_off(project)


def follow(project: Project, event_id: str, item: dict[str, Any]) -> None:
    """One event, step by step."""
    told = project.shell.run("trace", event_id, "--json").document
    steps = {step["name"]: step for step in told["steps"]}

    assert told["outcome"] == "stored"
    assert list(steps) == ["made", "sent", "arrived", "batch", "processed", "stored", "traced", "expires"]
    assert steps["sent"]["facts"]["outcome"] == "accepted"
    assert ":".join(steps["arrived"]["facts"].values()) == item["streamPlace"]
    assert steps["batch"]["facts"]["request_id"] == item["requestId"]
    assert steps["batch"]["facts"]["stored"] == steps["batch"]["facts"]["records"] >= 1
    assert steps["stored"]["facts"]["item"]["eventId"] == event_id
    assert steps["traced"]["facts"] == {"trace_id": item["traceId"], "sampled": True, "link": None}
    unknown = project.shell.run("trace", "nobody", check=False)
    assert (unknown.code, unknown.out) == (5, "nobody: unknown\n")


def expire(project: Project) -> None:
    """What was sent is gone in time, and not lost: while its items can still be read, and when they are deleted."""
    project.configure(ON.format(days=SHORT_SECONDS / 86_400))
    project.shell.run("up")
    sent = send(project, events=4)
    time.sleep(SHORT_SECONDS + 3)

    readable = verified(project)
    dynamodb, table = project.client("dynamodb"), project.names.table
    for row in project.rows():
        if row["eventId"]["S"] in sent:  # as DynamoDB does it, in its own time
            dynamodb.delete_item(TableName=table, Key={name: row[name] for name in ("eventId", "timestamp")})
    deleted = verified(project)

    assert (readable["expired"], readable["stored"], readable["lost"]) == (4, 0, 0)
    assert (deleted["expired"], deleted["stored"], deleted["lost"]) == (4, 0, 0)
    assert project.shell.run("trace", sent[0], "--json").document["outcome"] == "expired"


def turn_off(project: Project) -> None:
    """Without the features everything is as before, and in the end nothing is left."""
    project.configure(BARE)
    project.shell.run("up")
    sent = send(project, events=3)
    assert verified(project)["stored"] == 3

    found = project.client("dynamodb").describe_time_to_live(TableName=project.names.table)["TimeToLiveDescription"]
    assert found["TimeToLiveStatus"] == "DISABLED"
    function = project.client("lambda").get_function_configuration(FunctionName=project.names.function)
    assert function["TracingConfig"]["Mode"] == "PassThrough"
    assert all(item.keys() & STAMPS == set() for item in project.items() if item["eventId"] in sent)
    project.shell.run("down", "--yes")
    assert project.everything_named_so() == []


def send(project: Project, *, events: int) -> list[str]:
    """The ids of a run's events."""
    sent = project.shell.run("produce", "--batches", "1", "--batch-size", str(events), "--json").document
    return [f"{sent['run']}-{number:09d}" for number in range(events)]


def verified(project: Project) -> Any:
    return project.shell.run("verify", "--json").document


def changes(plan: Any) -> set[tuple[str, str]]:
    """Resource and setting of each difference."""
    return {(step["id"], name) for step in plan["changes"] for name in step["settings"]}

"""A stream scaled while a run is on, and the dashboard that shows it: turned on, used, and turned off by `up`."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from .conftest import REGION

if TYPE_CHECKING:
    from .conftest import Project

FAST = "[event_source]\nbatching_window_seconds = 1\n"
ON = f"{FAST}[features.dashboard]\n[features.stream_scaling]\n"
ON_DEMAND = f'[stream]\nmode = "on_demand"\n{ON}'
RATE, SECONDS = 250, 8
SILENT_HERE = {
    "AWS/DynamoDB WriteThrottleEvents": "the emulator throttles nothing",
    "AWS/Kinesis ReadProvisionedThroughputExceeded": "the emulator throttles nothing",
    "AWS/Logs IncomingBytes": "the emulator does not measure logs",
    "RealTimeAnalytics RecordsRejected": "nothing is rejected",
}
"""What a dashboard shows that has no data in this run."""


def test_a_stream_is_scaled_while_a_run_is_on_and_nothing_is_lost(project: Project) -> None:
    project.configure(ON)
    project.shell.run("up")

    run = project.shell.start("produce", "--rate", str(RATE), "--duration", str(SECONDS), "--json")
    wait_until(lambda: has_data(project, "AWS/Kinesis", "IncomingRecords", {"StreamName": project.names.stream}))
    scaled = [project.shell.run("scale", "--shards", str(wanted), "--json").document for wanted in (4, 2)]
    was_still_on = run.poll() is None
    scaled.append(project.shell.run("scale", "--shards", "3", "--json").document)
    said, _ = run.communicate()
    verified = project.shell.run("verify", "--json").document
    capacity = project.shell.run("scale", "--json").document

    assert (was_still_on, run.returncode, json.loads(said)["refused"]) == (True, 0, 0)
    assert [(each["before"], each["shards"]) for each in scaled] == [(2, 4), (4, 2), (2, 3)]
    assert all(each["kept_by_up"] for each in scaled)
    assert len(shards(project)) > len(open_shards(project)) == 3
    assert {key: verified[key] for key in ("sent", "stored", "lost", "duplicates", "changed")} == {
        **dict.fromkeys(("sent", "stored"), RATE * SECONDS),
        **dict.fromkeys(("lost", "duplicates", "changed"), 0),
    }
    assert {each["name"]: each["passed"] for each in verified["checks"]}["stream capacity"] is True
    assert (capacity["open"], capacity["needed"]) == (3, 1)
    assert capacity["load"]["busiest_records"] > 0
    assert project.shell.run("plan", "--json").document["changes"] == []
    assert without_data(project) == set()

    project.configure(ON_DEMAND)
    project.shell.run("up")
    refused = project.shell.run("scale", "--shards", "4", check=False)
    mode_between = mode(project)
    project.configure(FAST)
    project.shell.run("up")

    assert (mode_between, refused.code, "is on demand" in refused.err) == ("ON_DEMAND", 2, True)
    assert (mode(project), len(open_shards(project))) == ("PROVISIONED", 2)
    assert [name for name in project.everything_named_so() if "dashboard" in name] == []
    project.shell.run("down", "--yes")
    assert project.everything_named_so() == []


def dashboard(project: Project) -> str:
    return f"analytics-dashboard-{project.names.suffix}-{REGION}"


def without_data(project: Project) -> set[str]:
    """What the dashboard shows, and CloudWatch has no value of."""
    body = project.client("cloudwatch").get_dashboard(DashboardName=dashboard(project))["DashboardBody"]
    graphs = [each["properties"] for each in json.loads(body)["widgets"] if each["type"] == "metric"]
    metrics = [metric for graph in graphs for metric in graph["metrics"] if isinstance(metric[0], str)]
    assert {graph["region"] for graph in graphs} == {REGION}
    found = {
        f"{namespace} {name}"
        for namespace, name, *dimensions, _ in metrics
        if not has_data(project, namespace, name, dict(zip(dimensions[::2], dimensions[1::2], strict=True)))
    }
    return found - SILENT_HERE.keys()


def has_data(project: Project, namespace: str, metric: str, dimensions: dict[str, str]) -> bool:
    now = datetime.now(UTC)
    answer = project.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )
    return bool(answer["Datapoints"])


def summary(project: Project) -> dict[str, Any]:
    answer = project.client("kinesis").describe_stream_summary(StreamName=project.names.stream)
    return dict(answer["StreamDescriptionSummary"])


def mode(project: Project) -> str:
    return str(summary(project)["StreamModeDetails"]["StreamMode"])


def shards(project: Project) -> list[dict[str, Any]]:
    return list(project.client("kinesis").list_shards(StreamName=project.names.stream)["Shards"])


def open_shards(project: Project) -> list[dict[str, Any]]:
    return [each for each in shards(project) if "EndingSequenceNumber" not in each["SequenceNumberRange"]]


def wait_until(holds: Any) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)

"""`streamctl status`: resources, their states, where they are and how old the pipeline is."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from streamctl.cli.options import Session, command

if TYPE_CHECKING:
    from streamctl.engine.graph import Graph
    from streamctl.engine.state import Target
    from streamctl.observe.failures import Depth
    from streamctl.observe.status import ResourceStatus
    from streamctl.workspace import Workspace


def register(app: typer.Typer) -> None:
    command(app, "status")(status)


def status(session: Session) -> None:
    """Show every resource of the pipeline and its state."""
    from streamctl.errors import UsageError
    from streamctl.observe.status import ABSENT

    workspace = session.open()
    rows = _rows(session, workspace)
    if all(row.state == ABSENT for row in rows):
        raise UsageError(
            f"There is no pipeline {workspace.name} in account {workspace.target.account}, {workspace.target.region}.",
            "Make one with `streamctl up`; `streamctl ls` lists those that are there.",
        )
    depths = _depths(workspace)
    document = {
        "name": workspace.name,
        "target": workspace.target,
        "created_at": workspace.created_at,
        "ready": all(row.ready for row in rows),
        "resources": [asdict(row) for row in rows],
        "failed": [asdict(depth) for depth in depths],
    }
    session.terminal.result(document, lambda: _show(session, workspace, rows, depths))


def _rows(session: Session, workspace: "Workspace") -> "list[ResourceStatus]":
    """Of everything that is expected, then what is remembered and nobody can look at."""
    from streamctl.observe.status import status as look
    from streamctl.observe.status import unknown

    expected = _expected(session, workspace)
    unwanted = {leftover.id for leftover in workspace.leftovers()} if workspace.is_whole else set()
    rows = look(expected, workspace.aws, unwanted)
    return rows + [unknown(each.id, each.kind, each.name, each.reason) for each in workspace.stranded()]


def _expected(session: Session, workspace: "Workspace") -> "Graph":
    """With the code as it would be deployed, where that can be packed: a file that is missing hides nothing else."""
    from streamctl.errors import ConfigError

    try:
        return workspace.expected()
    except ConfigError as error:
        session.terminal.say(f"The code is not compared: {error.message}", "yellow")
        return workspace.everything()


def _depths(workspace: "Workspace") -> "list[Depth]":
    """About how much is set aside and given up; all three are looked at at once."""
    from concurrent.futures import ThreadPoolExecutor

    from streamctl.observe.failures import bucket_depth, queue_depth

    def in_bucket() -> "Depth | None":
        bucket = workspace.failures_bucket()
        return bucket_depth(workspace.aws, bucket, "batches given up") if bucket else None

    names, aws = workspace.names, workspace.aws
    with ThreadPoolExecutor(3) as pool:
        looks = [
            pool.submit(queue_depth, aws, names.rejected_queue, "records set aside"),
            pool.submit(queue_depth, aws, names.failures_queue, "batches given up"),
            pool.submit(in_bucket),
        ]
    return [depth for look in looks if (depth := look.result())]


def _show(session: Session, workspace: "Workspace", rows: "list[ResourceStatus]", depths: "list[Depth]") -> None:
    from streamctl.observe.failures import failure_handling

    terminal, target = session.terminal, workspace.target
    age = f", {_age(workspace.created_at)} old" if workspace.created_at else ""
    terminal.show(f"Pipeline {workspace.name}{age}")
    terminal.show(f"Account {target.account}, region {target.region}, {target.endpoint_url or 'AWS'}")
    columns = _columns(rows)
    terminal.table(list(columns), list(zip(*columns.values(), strict=True)))
    terminal.show("")
    mappings = [row for row in rows if row.kind == "event_source_mapping" and row.settings]
    for row in mappings:
        terminal.show(f"{row.name}: " * (len(mappings) > 1) + failure_handling(row.settings))
    for link in console_links(target, rows):
        terminal.show(f"Dashboard: {link}")
    for depth in depths:
        hidden = f", {depth.hidden:,} of them in another reader's hands" if depth.hidden else ""
        terminal.show(f"About {depth.messages:,} {depth.what} in {depth.where}{hidden}.")
    for row in rows:
        if row.failure:
            terminal.say(f"{row.kind} {row.name}: {row.failure}", "yellow")
    if any(not row.is_ours for row in rows):
        terminal.next(f"streamctl import {workspace.name}")
    elif workspace.is_whole and any(row.drift or not row.ready for row in rows):
        terminal.next("streamctl up")
    elif any(depth.messages for depth in depths):
        terminal.next("streamctl replay")


def _columns(rows: "list[ResourceStatus]") -> dict[str, list[str]]:
    """By heading; whose a resource is, and what is not as configured, only where there is something to say."""
    columns = {
        "kind": [row.kind for row in rows],
        "name": [row.name for row in rows],
        "state": [row.state for row in rows],
    }
    if any(not row.is_ours for row in rows):
        columns["whose"] = ["ours" if row.is_ours else "not ours" for row in rows]
    if any(row.drift for row in rows):
        columns["not as configured"] = [", ".join(row.drift) for row in rows]
    return columns


def console_links(target: "Target", rows: "list[ResourceStatus]") -> list[str]:
    """Where dashboards are shown: by AWS itself only, whose other partitions have consoles of other names."""
    from streamctl.aws import partition_of
    from streamctl.observe.status import ABSENT
    from streamctl.resources.cloudwatch_dashboard import console_url

    if target.endpoint_url is not None or partition_of(target.region) != "aws":
        return []
    boards = [row for row in rows if row.kind == "cloudwatch_dashboard" and row.state != ABSENT]
    return [console_url(target.region, board.name) for board in boards]


def _age(created_at: str) -> str:
    from datetime import UTC, datetime

    age = int((datetime.now(UTC) - datetime.fromisoformat(created_at)).total_seconds())
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if age >= length:
            return f"{age // length} {unit}"
    return f"{age} s"

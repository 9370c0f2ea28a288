"""`streamctl demo`: the whole pipeline on this machine, from `up` to `down`, in under a minute."""

import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streamctl.cli.options import Session, command
from streamctl.cli.terminal import milliseconds, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamctl.observe.metrics import Reading
    from streamctl.pipeline.checks import Check
    from streamctl.verify.reconciliation import Reconciliation
    from streamctl.workspace import Workspace

BATCHES, BATCH_SIZE, INTERVAL_SECONDS = 3, 10, 2.0  # the recipe's own
DEADLINE_SECONDS = 60.0


def register(app: typer.Typer) -> None:
    command(app, "demo")(demo)


def demo(
    session: Session,
    seed: Annotated[int | None, typer.Option(min=0, help="The same seed makes the same events.")] = None,
) -> None:
    """Run the recipe for real on the local emulator: up, produce, verify, metrics, down.

    Needs no AWS account and takes no target: it runs in a folder of its own and leaves nothing.
    """
    from streamctl.cli import changes, down, verify

    began = time.monotonic()
    session.terminal.after_interruption = "Nothing of the demo is left."
    with _workspace(session) as workspace:
        _title(session, 1, "up: table, role, queues, stream, function, mapping, alarms")
        built = changes.build(session, workspace, command="demo")
        _title(session, 2, f"produce: {BATCHES} batches of {BATCH_SIZE} events")
        sent = _produce(session, workspace, seed)
        _title(session, 3, "verify: every event accounted for")
        account, checks = _verify(session, workspace)
        _title(session, 4, "metrics")
        readings = _metrics(session, workspace)
        _title(session, 5, "down: and nothing left")
        with workspace.locked():
            down.remove(session, workspace)
    document = {
        "sent": sent,
        "stored": account.stored,
        "lost": account.lost,
        "left": 0,  # or `remove` had raised
        "seconds": round(time.monotonic() - began, 1),
        "canary_seconds": built.canary_seconds,
        "latency_p50_ms": account.latency and account.latency.p50_ms,
        "latency_p99_ms": account.latency and account.latency.p99_ms,
        "metrics": {reading.series.metric: reading.overall for reading in readings},
    }
    session.terminal.result(document, lambda: _show(session, document))
    verify.raise_unless_proved(checks, account, "To look closer, run the same with `streamctl up --local` in a folder.")
    session.terminal.next("streamctl up --local", "streamctl --help")


@contextmanager
def _workspace(session: Session) -> "Iterator[Workspace]":
    """A project of the demo's own, so that no other is touched; gone afterwards, whatever happens."""
    from streamctl.config import FILE_NAME
    from streamctl.emulator import process
    from streamctl.workspace import Home, Request, open_workspace

    with tempfile.TemporaryDirectory(prefix="streamctl-demo-") as path:
        folder = Path(path)
        (folder / FILE_NAME).touch()
        try:
            with session.terminal.waiting("Starting the local emulator"):
                process.start(Home(folder).emulator, tied=True)
                workspace = open_workspace(folder, Request(local=True), create=True, wake=True)
            yield workspace
        finally:
            process.stop(Home(folder).emulator)


def _title(session: Session, number: int, text: str) -> None:
    session.terminal.say(f"\n{number}/5 {text}", "bold cyan")


def _produce(session: Session, workspace: "Workspace", seed: int | None) -> int:
    from streamctl.cli import produce
    from streamctl.cli.sending import Way, send
    from streamctl.traffic.order import Order
    from streamctl.traffic.pacing import Batches

    source = produce.generated(workspace, Order(produce.drawn_seed() if seed is None else seed))
    pace = Batches(BATCHES, BATCH_SIZE, INTERVAL_SECONDS)
    produced = send(session, workspace, source, pace, Way(), expected=BATCHES * BATCH_SIZE)
    if produced.interrupted:
        raise KeyboardInterrupt
    kinds = ", ".join(f"{count} {kind}" for kind, count in produced.progress.by_type.most_common())
    session.terminal.done(f"{produced.progress.accepted} events sent: {kinds}")
    return produced.progress.accepted


def _verify(session: Session, workspace: "Workspace") -> "tuple[Reconciliation, list[Check]]":
    from streamctl import ledger
    from streamctl.cli import verify

    runs = [ledger.load(workspace.folder)]
    account = verify.reconcile(session, workspace, runs, DEADLINE_SECONDS)
    checks = verify.look(session, workspace, runs, account, ["purchase", "page_view"])
    for check in checks:
        session.terminal.say(f"{verify.MARKS[check.passed]} {check.name}: {check.detail}")
    return account, checks


def _metrics(session: Session, workspace: "Workspace") -> "list[Reading]":
    from streamctl.cli import metrics
    from streamctl.observe.metrics import Span

    span = Span.until(datetime.now(UTC), timedelta(minutes=5), 60)
    readings = metrics.read(workspace, span)
    if not session.terminal.as_json and not session.terminal.quiet:
        metrics.show(session, readings, span)
    return readings


def _show(session: Session, document: dict[str, Any]) -> None:
    from streamctl.emulator import DIFFERENCES

    session.terminal.show("")
    session.terminal.table(
        ["the demo", ""],
        [
            ["events sent", str(document["sent"])],
            ["events stored", str(document["stored"])],
            ["events lost", str(document["lost"])],
            ["resources left", str(document["left"])],
            ["arrival to stored, p50", milliseconds(document["latency_p50_ms"])],
            ["arrival to stored, p99", milliseconds(document["latency_p99_ms"])],
            ["took", seconds(document["seconds"])],
        ],
        right=[""],
    )
    session.terminal.say(
        "Metrics and log count one event more: the canary that `up` sends ahead. "
        "The latency is the batching window of the recipe: Lambda gathers records for up to 5 s.",
        "dim",
    )
    session.terminal.say("This ran on an emulator; where it differs from AWS:", "dim")
    for line in DIFFERENCES:
        session.terminal.say(f"  · {line}", "dim")

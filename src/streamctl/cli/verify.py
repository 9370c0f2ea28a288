"""`streamctl verify`: the recipe's looks as checks, then every event of a run accounted for."""

from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streamctl.cli import faults
from streamctl.cli.options import Session, command
from streamctl.cli.terminal import milliseconds

if TYPE_CHECKING:
    from streamctl.config import Config
    from streamctl.ledger import Run
    from streamctl.pipeline.checks import Check
    from streamctl.verify.reconciliation import Reconciliation
    from streamctl.verify.search import Places
    from streamctl.workspace import Workspace

SETTLE_MARGIN_SECONDS = 5
EVIDENCE = 2
MARKS = {True: "✓", False: "✗", None: "?"}


def register(app: typer.Typer) -> None:
    command(app, "verify")(verify)


def verify(
    session: Session,
    run: Annotated[str | None, typer.Option(help="The run to account for; the last one unless given.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Account for every run sent from here.")] = False,
    event_type: Annotated[list[str] | None, typer.Option(help="Look for items of this type, too; repeatable.")] = None,
    deadline: Annotated[float | None, typer.Option(min=0, help="Seconds to wait for what is in flight.")] = None,
) -> None:
    """Prove that every event sent is stored once, as it was sent, or set aside with a reason. Exit code 5 otherwise."""
    workspace = session.open()
    runs = _runs(workspace, run, every=every)
    for going in (each.run_id for each in runs if each.ended_at is None):
        session.terminal.say(f"Run {going} is still going, or was killed: this is about what it has sent so far.")
    account = reconcile(session, workspace, runs, deadline)  # first: it waits for what the checks look at
    checks = look(session, workspace, runs, account, event_type)
    queue = workspace.names.rejected_queue
    session.terminal.result(document(checks, account), lambda: _show(session, checks, account, queue))
    raise_unless_proved(checks, account)
    ends = ["streamctl down"] if workspace.is_remembered else []  # others' pipelines are not ours to delete
    session.terminal.next("streamctl replay" if account.set_aside else "streamctl metrics", *ends)


def look(
    session: Session,
    workspace: "Workspace",
    runs: "list[Run]",
    account: "Reconciliation",
    event_types: list[str] | None = None,
) -> "list[Check]":
    """The recipe's looks, at items of these types or of the one that was sent most; then those of the features."""
    from streamctl.pipeline.checks import Situation
    from streamctl.verify.checks import recipe_checks

    sent_at = max(run.last_sent_at for run in runs)
    checks = recipe_checks(
        workspace.aws,
        function=workspace.names.function,
        table=workspace.names.table,
        event_types=event_types or [],
        likely_event_types=[] if event_types else _commonest(runs),
        sent_at=sent_at,
        none_stored=account.holds and not account.stored,
    )
    with session.terminal.waiting("Looking at log, table and metrics"):
        situation = Situation(workspace.aws, datetime.now(UTC), sent_at)
        return [*checks, *(check for look in workspace.pipeline.looks for check in look(situation))]


def reconcile(
    session: Session, workspace: "Workspace", runs: "list[Run]", deadline: float | None = None
) -> "Reconciliation":
    """Account for every event of the runs, showing how far it has got."""
    from streamctl import origins
    from streamctl.verify.reconcile import reconcile as account_for

    config = workspace.config
    with session.terminal.progress() as bar:
        task = bar.add_task("Accounting for", total=None, note="")

        def observe(account: "Reconciliation") -> None:
            accounted = account.sent - account.in_flight
            bar.update(task, total=account.sent, completed=accounted, note=f"{account.in_flight} in flight")

        return account_for(
            runs,
            workspace.aws,
            places(workspace),
            settle_seconds=settle_seconds(config),
            compare_metrics=config.processor.path is None,
            origins=origins.read(workspace.folder),
            timeout_seconds=config.verify.deadline_seconds if deadline is None else deadline,
            observe=observe,
        )


def places(workspace: "Workspace") -> "Places":
    """Where the pipeline's events can be."""
    from streamctl.verify.expiry import Expiry
    from streamctl.verify.search import Places

    names, stamps = workspace.names, workspace.item_stamps
    return Places(
        table=names.table,
        function=names.function,
        rejected_queue_url=workspace.queue_url(names.rejected_queue),
        failures_queue_url=workspace.queue_url(names.failures_queue),
        failures_bucket=workspace.failures_bucket(),
        expiry=Expiry(stamps.expiry_attribute, stamps.expiry_seconds),
    )


def settle_seconds(config: "Config") -> int:
    """How long the pipeline may take with an event."""
    return config.event_source.batching_window_seconds + config.function.timeout_seconds + SETTLE_MARGIN_SECONDS


def raise_unless_proved(checks: "list[Check]", account: "Reconciliation", hint: str | None = None) -> None:
    """Raises CheckError with what is wrong; `hint` instead of the usual advice."""
    from streamctl.errors import CheckError

    wrong = [
        f"{count} {words}"
        for count, words in (
            (account.lost, "lost"),
            (account.in_flight, "still in flight at the deadline"),
            (account.dead_lettered, "given up by Lambda"),
            (account.poisoned_stored, "poisoned and yet stored"),
            (account.sound_set_aside, "set aside though not poisoned"),
            (account.changed, "stored with other values than were sent"),
            (account.duplicates, "stored more than once"),
            (account.superseded, "overwritten by another event of the same id"),
        )
        if count
    ]
    if wrong:
        raise CheckError(f"Of {account.sent} events sent: {', '.join(wrong)}.", hint or _advice(account))
    failed = [check for check in checks if check.passed is False]
    if failed:
        raise CheckError("; ".join(f"{check.name}: {check.detail}" for check in failed), hint or failed[0].hint or None)


def document(checks: "list[Check]", account: "Reconciliation") -> dict[str, Any]:
    return {"checks": [asdict(check) for check in checks], **asdict(account), "holds": account.holds}


def _advice(account: "Reconciliation") -> str:
    if account.in_flight and not account.lost:
        return "Wait longer with --deadline; an event counts as in flight until the pipeline must be done with it."
    if account.dead_lettered:
        return "`streamctl replay` shows and sends them again, for as long as the lines `Given up by Lambda` tell."
    if account.duplicates:
        return "An event without a `timestamp` is stored at the second of its arrival: sent twice, it is stored twice."
    return "`streamctl metrics` and the processor's log tell what happened."


def _runs(workspace: "Workspace", run: str | None, *, every: bool) -> "list[Run]":
    from streamctl import ledger
    from streamctl.errors import UsageError

    if every and run:
        raise UsageError("--all is every run, --run one of them.", "Choose one of them.")
    if every:
        return ledger.runs(workspace.folder) or [ledger.load(workspace.folder)]
    return ledger.together(workspace.folder, run or "last")


def _commonest(runs: "list[Run]") -> list[str]:
    """The event type that was sent most, if that is known."""
    counts = sum((Counter(run.info.by_type) for run in runs), Counter[str]())
    return [kind for kind, _ in counts.most_common(1)]


def _show(session: Session, checks: "list[Check]", account: "Reconciliation", queue: str) -> None:
    terminal = session.terminal
    seen = [
        [MARKS[check.passed], check.name, "\n".join([check.detail, *check.evidence[:EVIDENCE]])] for check in checks
    ]
    terminal.table(["", "check", "seen"], seen)
    terminal.show("")
    title = account.runs[0] if len(account.runs) == 1 else f"{len(account.runs)} runs"
    terminal.table([title, "events"], rows(account), right=["events"])
    if account.faults:
        faults.show_account(terminal, account.faults)
    if account.latency:
        latency = account.latency
        terminal.show(
            f"From arrival to stored: p50 {milliseconds(latency.p50_ms)}, p90 {milliseconds(latency.p90_ms)}, "
            f"p99 {milliseconds(latency.p99_ms)}, most {milliseconds(latency.max_ms)}"
        )
    if not account.metrics_compared:
        terminal.show("The metrics were not compared: a processor of your own makes them.")
    for title, lines in (("Lost", account.lost_examples), ("Given up by Lambda", account.dead_letters)):
        for line in lines:
            terminal.show(f"{title}: {line}")
    for remark in account.remarks:
        terminal.show(remark)
    for reason, count in account.reasons.items():
        terminal.show(f"Set aside: {count} for {reason}, in the queue {queue}")


def rows(account: "Reconciliation") -> list[list[str]]:
    """The counts, those that are always worth a line and those that are not zero."""
    always = [("sent", account.sent), ("stored", account.stored), ("lost", account.lost)]
    others = [
        ("of the stored: compared by checksum", account.compared_by_checksum),
        ("set aside", account.set_aside),
        ("of those set aside: by your own rules", account.sorted_out),
        ("set aside though not poisoned", account.sound_set_aside),
        ("poisoned and yet stored", account.poisoned_stored),
        ("given up by Lambda", account.dead_lettered),
        ("stored as replay repaired them", account.repaired),
        ("given up on purpose by replay", account.given_up),
        ("expired: their time in the table is over", account.expired),
        ("in flight", account.in_flight),
        ("stored with other values", account.changed),
        ("stored more than once", account.duplicates),
        ("overwritten by another event of the same id", account.superseded),
        ("unconfirmed: the run was killed before an answer", account.unconfirmed),
        ("never sent", account.unsent),
    ]
    return [[name, f"{count:,}"] for name, count in always + [row for row in others if row[1]]]

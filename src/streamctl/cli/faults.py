"""Faults on the command line: what is asked for, what was sent, and what became of it."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamctl.cli.terminal import Terminal
    from streamctl.ledger import RunInfo
    from streamctl.traffic.faults import Faults
    from streamctl.traffic.progress import Progress
    from streamctl.verify.reconciliation import FaultAccount

SAID = {"poison": "poisoned", "duplicate": "sent twice", "late": "late", "hot_key": "on one partition key"}
EXPECTED = {
    "poison": "set aside with a reason",
    "duplicate": "stored once",
    "late": "stored under the time they carry",
    "hot_key": "stored, or set aside where poisoned",
}


def wanted(poison: str | None, duplicate: str | None, late: str | None, *, hot_key: bool) -> "Faults":
    """The options as shares. Raises UsageError."""
    from decimal import Decimal

    from streamctl.traffic.faults import Faults, share

    given = {"poison": poison, "duplicate": duplicate, "late": late}
    shares = {name: Decimal(0) if text is None else share(text, f"--{name}") for name, text in given.items()}
    return Faults(**shares, hot_key=hot_key)


def document(run: "RunInfo", progress: "Progress") -> dict[str, Any]:
    """By kind: the share asked for, and the events accepted to which it was done."""
    events = _events(progress)
    return {kind: {"share": run.faults.get(kind, "0%"), "events": events[kind]} for kind in SAID}


def show(terminal: "Terminal", run: "RunInfo", progress: "Progress") -> None:
    """What was done to the events of a run."""
    events = _events(progress)
    rows = [[SAID[kind], share, f"{events[kind]:,}"] for kind, share in run.faults.items()]
    terminal.show("")
    terminal.table(["fault", "asked for", "events"], rows, right=["asked for", "events"])
    if progress.copies:
        terminal.show(f"{progress.by_shard.total():,} records for {progress.accepted:,} events.")
    if events["hot_key"]:
        terminal.show(f"Records by shard: {', '.join(f'{shard} {n:,}' for shard, n in progress.by_shard.items())}")
    for kind, share in run.faults.items():
        if progress.accepted and not events[kind]:
            terminal.say(f"{share} of {progress.accepted:,} events hit none: nothing was {SAID[kind]}.", "yellow")


def show_account(terminal: "Terminal", accounts: "Mapping[str, FaultAccount]") -> None:
    """What became of the events to which something was done."""
    rows = [
        [SAID[kind], f"{account.sent:,}", f"{account.as_expected:,} {EXPECTED[kind]}{_rest(account)}"]
        for kind, account in accounts.items()
        if account.sent
    ]
    terminal.show("")
    terminal.table(["fault", "events", "of these"], rows, right=["events"])


def _events(progress: "Progress") -> dict[str, int]:
    from streamctl.ledger import Fault

    by_fault = progress.by_fault
    return {
        "poison": by_fault[Fault.POISONED],
        "duplicate": by_fault[Fault.DUPLICATED],
        "late": by_fault[Fault.LATE],
        "hot_key": by_fault[Fault.HOT],
    }


def _rest(account: "FaultAccount") -> str:
    others = (account.open, "not there yet"), (account.wrong, "not")
    return "".join(f", {count:,} {words}" for count, words in others if count)

"""`streamctl produce`: events into the stream, each one written down so that `verify` can account for it."""

import secrets
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streamctl.cli import faults
from streamctl.cli.options import Session, command, refuse_endless
from streamctl.cli.sending import Way, send, send_by_processes
from streamctl.errors import INTERRUPTED, PartialError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamctl.config.model import ProducerSettings
    from streamctl.traffic.faults import Faults
    from streamctl.traffic.order import Order
    from streamctl.traffic.pacing import Pace
    from streamctl.traffic.producer import Production
    from streamctl.traffic.sources import Source
    from streamctl.workspace import Workspace

LARGEST_SEED = 2**32
PACED_SECONDS_TOLD = 1.0


class Keys(Enum):
    """Which partition keys the events get."""

    OWN = "own"
    SPREAD = "spread"
    HOT = "hot"


def register(app: typer.Typer) -> None:
    command(app, "produce")(produce)


def produce(
    session: Session,
    batches: Annotated[int | None, typer.Option(min=1, help="Batches to send; 3 unless configured.")] = None,
    batch_size: Annotated[int | None, typer.Option(min=1, help="Events in a batch; 10 unless configured.")] = None,
    interval: Annotated[float | None, typer.Option(min=0, help="Seconds between batches; 2 unless configured.")] = None,
    rate: Annotated[
        float | None,
        typer.Option(min=0.001, help="Events per second, instead of batches; until Ctrl-C without --duration."),
    ] = None,
    duration: Annotated[float | None, typer.Option(min=0.001, help="Seconds to send for, with --rate.")] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="The same seed makes the same events and the same faults.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="Your own events, a JSON object a line; - for standard input.")
    ] = None,
    poison: Annotated[
        str | None, typer.Option(metavar="SHARE", help="Spoil so many events, as 2%: they can never be stored.")
    ] = None,
    duplicate: Annotated[
        str | None, typer.Option(metavar="SHARE", help="Send so many events twice, as after a lost answer.")
    ] = None,
    late: Annotated[
        str | None, typer.Option(metavar="SHARE", help="Let so many events carry a time of minutes to hours ago.")
    ] = None,
    hot_key: Annotated[
        bool, typer.Option("--hot-key", help="Give all events one partition key: one shard gets them all.")
    ] = False,
    keys: Annotated[
        Keys | None,
        typer.Option(help="Partition keys: the events' own, spread over all shards, or one that is hot."),
    ] = None,
    aggregate: Annotated[
        bool | None,
        typer.Option("--aggregate/--no-aggregate", help="Pack events into fewer, fuller records (KPL format)."),
    ] = None,
    connections: Annotated[
        int | None, typer.Option(min=1, max=256, help="Requests under way at a time; 8 unless configured.")
    ] = None,
    processes: Annotated[
        int, typer.Option(min=1, max=64, help="Processes that make and send events, where one core is not enough.")
    ] = 1,
) -> None:
    """Send events: made-up ones, or your own from a file or standard input; with faults, where asked for."""
    refuse_endless(rate=rate, duration=duration, interval=interval)
    order = _order(seed, faults.wanted(poison, duplicate, late, hot_key=hot_key), keys, from_file=file is not None)
    if file is not None and processes > 1:
        raise UsageError("--processes makes events, --file brings them.", "A file is read by one process.")
    workspace = session.open()
    settings = workspace.config.producer
    if keys is None and settings.keys == "spread" and not order.faults.hot_key:
        order = replace(order, spread_keys=True)
    pace = _pace(settings, batches, batch_size, interval, rate, duration, from_file=file is not None)
    way = Way(connections or settings.connections, settings.aggregate if aggregate is None else aggregate)
    session.terminal.after_interruption = "`streamctl verify` accounts for what was sent."
    finish(session, _send(session, workspace, order, pace, way, file, processes))


def _order(seed: int | None, wanted: "Faults", keys: Keys | None, *, from_file: bool) -> "Order":
    """What is asked of the events. Raises UsageError where it contradicts itself."""
    from streamctl.traffic.order import Order

    if keys is Keys.HOT:
        wanted = replace(wanted, hot_key=True)
    if wanted.hot_key and keys in {Keys.OWN, Keys.SPREAD}:
        raise UsageError(f"--hot-key gives all events one partition key, --keys {keys.value} others.", "Choose one.")
    if from_file and seed is not None and not wanted.any:
        raise UsageError("--seed makes events, --file brings them.", "Choose one of them, or add faults to the file's.")
    return Order(drawn_seed() if seed is None else seed, wanted, keys is Keys.SPREAD)


def _send(
    session: Session,
    workspace: "Workspace",
    order: "Order",
    pace: "Pace",
    way: Way,
    file: Path | None,
    processes: int,
) -> "Production":
    expected = _expected(pace) if file is None else None
    if processes > 1:
        return send_by_processes(session, workspace, order, _shared(pace, processes), way, expected)
    with _source(workspace, file, order) as source:
        return send(session, workspace, source, pace, way, expected)


def drawn_seed() -> int:
    """A seed for a run that was given none."""
    return secrets.randbelow(LARGEST_SEED)


def finish(session: Session, produced: "Production") -> None:
    """Report a run; raises PartialError when an event stayed unsent, and ends the program when it was cut short."""
    session.terminal.result(document(produced), lambda: _show(session, produced))
    if produced.interrupted:
        raise typer.Exit(INTERRUPTED)
    if not produced.progress.events:
        raise UsageError(f"There was no event in {produced.run.source}.", "Each line must be one JSON object.")
    if produced.progress.unsent:
        reasons = ", ".join(f"{reason} ({count})" for reason, count in produced.progress.reasons.most_common())
        raise PartialError(
            f"{produced.progress.unsent} of {produced.progress.events} events were not sent: {reasons}.",
            _advice(produced),
        )
    session.terminal.next("streamctl verify", "streamctl metrics")


def _advice(produced: "Production") -> str:
    from streamctl.traffic.requests import TOO_LARGE

    if set(produced.progress.reasons) == {TOO_LARGE}:
        return f"A record may hold 1 MiB, partition key included. They are kept in {_kept(produced)}."
    return "Send them again: " + "; ".join(f"streamctl produce --file {file}" for file in produced.unsent_files)


def _kept(produced: "Production") -> str:
    return ", and ".join(map(str, produced.unsent_files))


def document(produced: "Production") -> dict[str, object]:
    run, progress = produced.run, produced.progress
    return {
        "run": run.run_id,
        "runs": [each.run_id for each in produced.runs],
        "stream": run.stream,
        "source": run.source,
        "seed": run.seed,
        "started_at": run.started_at,
        "ended_at": max(each.ended_at or each.started_at for each in produced.runs),
        "events": progress.events,
        "accepted": progress.accepted,
        "unsent": progress.unsent,
        "unsent_file": produced.unsent_files[0] if produced.unsent_files else None,
        "unsent_files": produced.unsent_files,
        "bytes": progress.bytes,
        "records": progress.by_shard.total(),
        "by_shard": dict(sorted(progress.by_shard.items())),
        "faults": faults.document(run, progress),
        "requests": progress.requests,
        "retried_requests": progress.retried,
        "refused": progress.refused,
        "paced_seconds": round(progress.paced_seconds, 3),
        "by_type": dict(progress.by_type),
        "interrupted": produced.interrupted,
    }


def _show(session: Session, produced: "Production") -> None:
    run, progress = produced.run, produced.progress
    seed = "" if run.seed is None else f", seed {run.seed}"
    session.terminal.show(f"Run {run.run_id}: {progress.accepted} of {progress.events} events sent{seed}.")
    if progress.by_type:
        rows = [[kind, str(count)] for kind, count in progress.by_type.most_common()]
        session.terminal.table(["event type", "sent"], rows, right=["sent"])
    if run.faults:
        faults.show(session.terminal, run, progress)
    if produced.unsent_files:
        session.terminal.show(f"{progress.unsent} events were not sent and are kept in {_kept(produced)}.")
    if progress.paced_seconds >= PACED_SECONDS_TOLD:
        session.terminal.show(
            f"Waited {progress.paced_seconds:,.0f} s in all so that no shard gets more than it takes. More shards, "
            "--keys spread or --aggregate let more through."
        )
    if progress.retried:
        session.terminal.show(f"{progress.refused} refused records were sent again in {progress.retried} requests.")


def _pace(
    settings: "ProducerSettings",
    batches: int | None,
    batch_size: int | None,
    interval: float | None,
    rate: float | None,
    duration: float | None,
    *,
    from_file: bool,
) -> "Pace":
    from streamctl.traffic.pacing import AsItComes, Batches, Rate

    in_batches = batches is not None or batch_size is not None or interval is not None
    if rate is not None and in_batches:
        raise UsageError("--rate sends steadily, --batches, --batch-size and --interval in batches.", "Choose one way.")
    if duration is not None and rate is None:
        raise UsageError(
            "--duration needs --rate: how many events per second?", "For example: --rate 100 --duration 60"
        )
    if rate is not None:
        return Rate(rate, duration)
    if from_file and not in_batches:
        return AsItComes()
    return Batches(
        count=batches if from_file else batches or settings.batches,
        size=batch_size or settings.batch_size,
        interval_seconds=settings.interval_seconds if interval is None else interval,
    )


def _shared(pace: "Pace", processes: int) -> "list[Pace]":
    """The pace of each process, so that together they keep to the one that was asked for."""
    from streamctl.traffic.pacing import Batches

    fewest = pace.size if isinstance(pace, Batches) else _expected(pace)
    if fewest is not None and fewest < processes:
        raise UsageError(f"{fewest} events cannot be shared by {processes} processes.", "Send more, or use fewer.")
    return [*pace.shared(processes)]


@contextmanager
def _source(workspace: "Workspace", file: Path | None, order: "Order") -> "Iterator[Source]":
    from streamctl.traffic.sources import open_lines

    with ExitStack() as stack:
        if file is None:
            yield generated(workspace, order)
        else:
            yield order.of(stack.enter_context(open_lines(None if str(file) == "-" else file)))


def generated(workspace: "Workspace", order: "Order") -> "Source":
    """Events of the configured generator."""
    from streamctl.traffic.makers import Maker

    maker = Maker.configured(workspace.project)
    return order.made_by(maker.load(workspace.catalogue), maker.name)


def _expected(pace: "Pace") -> int | None:
    """Made-up events to come, where that is known."""
    from streamctl.traffic.pacing import Batches, Rate

    if isinstance(pace, Batches) and pace.count is not None:
        return pace.count * pace.size
    if isinstance(pace, Rate) and pace.duration_seconds is not None:
        return pace.due(pace.duration_seconds)
    return None

"""`streamctl produce`: events into the stream, each one written down so that `verify` can account for it."""

import secrets
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streamctl.cli import faults
from streamctl.cli.options import Session, command
from streamctl.errors import INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamctl.config.model import ProducerSettings
    from streamctl.traffic.faults import Faults
    from streamctl.traffic.pacing import Pace
    from streamctl.traffic.producer import Production
    from streamctl.traffic.progress import Progress
    from streamctl.traffic.sources import Source
    from streamctl.workspace import Workspace

LARGEST_SEED = 2**32


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
) -> None:
    """Send events: made-up ones, or your own from a file or standard input; with faults, where asked for."""
    wanted = faults.wanted(poison, duplicate, late, hot_key=hot_key)
    workspace = session.open()
    pace = _pace(workspace.config.producer, batches, batch_size, interval, rate, duration, from_file=file is not None)
    session.terminal.after_interruption = "`streamctl verify` accounts for what was sent."
    with _source(workspace, file, seed, wanted) as source:
        produced = send(session, workspace, source, pace)
    finish(session, produced)


def send(session: Session, workspace: "Workspace", source: "Source", pace: "Pace") -> "Production":
    """Send a run, showing how it goes."""
    from streamctl.traffic.producer import Producer

    with _progress(session, _expected(pace, source)) as observe:
        producer = Producer(
            aws=workspace.aws,
            pipeline=workspace.name,
            stream=workspace.names.stream,
            folder=workspace.folder,
            observe=observe,
        )
        return producer.run(source, pace)


def finish(session: Session, produced: "Production") -> None:
    """Report a run; raises PartialError when an event stayed unsent, and ends the program when it was cut short."""
    from streamctl.errors import PartialError, UsageError

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
        return f"A record may hold 1 MiB, partition key included. They are kept in {produced.unsent_file}."
    return f"Send them again: streamctl produce --file {produced.unsent_file}"


def document(produced: "Production") -> dict[str, object]:
    run, progress = produced.run, produced.progress
    return {
        "run": run.run_id,
        "stream": run.stream,
        "source": run.source,
        "seed": run.seed,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "events": progress.events,
        "accepted": progress.accepted,
        "unsent": progress.unsent,
        "unsent_file": produced.unsent_file,
        "bytes": progress.bytes,
        "records": progress.accepted + progress.copies,
        "by_shard": dict(sorted(progress.by_shard.items())),
        "faults": faults.document(run, progress),
        "requests": progress.requests,
        "retried_requests": progress.retried,
        "refused": progress.refused,
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
    if produced.unsent_file:
        session.terminal.show(f"{progress.unsent} events were not sent and are kept in {produced.unsent_file}.")
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
    from streamctl.errors import UsageError
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


@contextmanager
def _source(workspace: "Workspace", file: Path | None, seed: int | None, wanted: "Faults") -> "Iterator[Source]":
    from streamctl.errors import UsageError
    from streamctl.traffic.faults import FaultyEvents
    from streamctl.traffic.sources import open_lines

    if file is not None and seed is not None and not wanted.any:
        raise UsageError("--seed makes events, --file brings them.", "Choose one of them, or add faults to the file's.")
    chosen = secrets.randbelow(LARGEST_SEED) if seed is None else seed
    with ExitStack() as stack:
        source: Source
        if file is None:
            source = generated(workspace, chosen)
        else:
            source = stack.enter_context(open_lines(None if str(file) == "-" else file))
        yield FaultyEvents(source, wanted, seed=chosen) if wanted.any else source


def generated(workspace: "Workspace", seed: int | None) -> "Source":
    """Events of the configured generator."""
    from streamctl.traffic.sources import GeneratedEvents

    name = workspace.config.producer.generator
    chosen = secrets.randbelow(LARGEST_SEED) if seed is None else seed
    return GeneratedEvents(workspace.catalogue.generator(name), name=name, seed=chosen)


def _expected(pace: "Pace", source: "Source") -> int | None:
    """Events to come, where that is known."""
    from streamctl.traffic.pacing import Batches, Rate

    if source.seed is None:
        return None
    if isinstance(pace, Batches) and pace.count is not None:
        return pace.count * pace.size
    if isinstance(pace, Rate) and pace.duration_seconds is not None:
        return int(pace.per_second * pace.duration_seconds)
    return None


@contextmanager
def _progress(session: Session, expected: int | None) -> "Iterator[Callable[[Progress], None]]":
    with session.terminal.progress() as bar:
        task = bar.add_task("Sending", total=expected, note="")

        def observe(progress: "Progress") -> None:
            note = f"{progress.refused} refused" if progress.refused else ""
            bar.update(task, completed=progress.accepted + progress.unsent, note=note)

        yield observe

"""`streamctl scale`: how many shards the stream has and needs; and, with `--shards`, another number of them."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streamctl.cli.options import Session, command
from streamctl.cli.terminal import counted, seconds

if TYPE_CHECKING:
    from streamctl.resources.kinesis_stream import KinesisStream
    from streamctl.scaling.capacity import Load, Shards
    from streamctl.workspace import Workspace

MOST_SHARDS = 10_000


def register(app: typer.Typer) -> None:
    command(app, "scale")(scale)


def scale(
    session: Session,
    wanted: Annotated[
        int | None,
        typer.Option(
            "--shards",
            min=1,
            max=MOST_SHARDS,
            help="Split or merge the stream's shards until it has so many; without it, say how many it has and needs.",
        ),
    ] = None,
) -> None:
    """Say how many shards the stream has and needs, or change their number while it is in use.

    AWS at most doubles or halves the number at a time, so it may take several steps, and ten steps in any 24 hours.
    Records are sent and processed meanwhile: what a shard held before it was split or merged is read first, so that the
    order of each partition key stays. The old shards are listed until the stream's retention has passed.
    """
    workspace = session.open()
    if wanted is None:
        tell(session, workspace)
    else:
        change(session, workspace, wanted)


def tell(session: Session, workspace: "Workspace") -> None:
    from streamctl.aws.failures import explained
    from streamctl.scaling.capacity import load, shards

    name, busy_percent = workspace.names.stream, _busy_percent(workspace)
    with explained(f"look at the stream {name}"):
        now = shards(workspace.aws, name)
    lately = load(workspace.aws, name, datetime.now(UTC))
    needed = lately.shards_needed(busy_percent) if lately else None
    result = {
        "name": workspace.name,
        "stream": name,
        **asdict(now),
        "load": asdict(lately) if lately else None,
        "busy_percent": busy_percent,
        "needed": needed,
    }
    session.terminal.result(result, lambda: _show(session, name, now, lately))
    if needed is not None and now.open and now.mode == "provisioned":
        _advise(session, now, needed, busy_percent)


def _show(session: Session, name: str, now: "Shards", lately: "Load | None") -> None:
    from streamctl.cost.flow import SHARD_BYTES_PER_SECOND, SHARD_RECORDS_PER_SECOND

    terminal = session.terminal
    terminal.show(f"Stream {name}: {counted(now.open, 'open shard')}, {now.status}, {now.mode.replace('_', ' ')}")
    if not now.open:
        return  # it is being made, and what CloudWatch tells is of an earlier one of its name
    if lately is None:
        terminal.show("CloudWatch shows no record that came in lately.")
        return
    rows = [
        _row("records a second", lately.busiest_records, lately.mean_records, SHARD_RECORDS_PER_SECOND, now.open),
        _row(
            "KiB a second",
            lately.busiest_bytes / 1024,
            lately.mean_bytes / 1024,
            SHARD_BYTES_PER_SECOND / 1024,
            now.open,
        ),
    ]
    minutes = lately.seconds // 60
    headings = ["", "busiest minute", f"mean of {minutes} min", "busiest, per shard", "a shard takes", "all take"]
    terminal.table(headings, rows, right=headings[1:])
    if lately.refused:
        terminal.show(f"{lately.refused:,} records were refused within {minutes} minutes, and had to be sent again.")


def _row(what: str, busiest: float, mean: float, each: float, shards: int) -> list[str]:
    numbers = (busiest, mean, busiest / shards, each, each * shards)
    return [what, *(f"{number:,.0f}" if number >= 10 else f"{number:,.1f}" for number in numbers)]


def _advise(session: Session, now: "Shards", needed: int, busy_percent: int) -> None:
    if needed > now.open:
        session.terminal.say(f"That needs {counted(needed, 'shard')} that are {busy_percent} % busy at most.", "yellow")
        session.terminal.next(f"streamctl scale --shards {needed}")
    else:
        session.terminal.say(f"{counted(needed, 'shard')} would be enough: {busy_percent} % busy at most.")


def _busy_percent(workspace: "Workspace") -> int:
    """As the feature is told, or would be."""
    from streamctl.scaling.capacity import BUSY_PERCENT

    chosen = workspace.catalogue.features(workspace.config, workspace.project.source).get("stream_scaling")
    return int(getattr(chosen[1], "busy_percent", BUSY_PERCENT)) if chosen else BUSY_PERCENT


def change(session: Session, workspace: "Workspace", wanted: int) -> None:
    from streamctl.scaling.steps import Scaling

    stream = _stream(workspace)
    session.terminal.after_interruption = (
        f"AWS finishes the step it has begun; `streamctl scale --shards {wanted}` goes on from there."
    )
    started = time.monotonic()
    with workspace.locked(), _watching(session, wanted) as watch:
        _refuse_foreign(workspace, stream)
        Scaling(workspace.aws, stream.name, wanted, watch).run()
    took = time.monotonic() - started
    first = watch.seen[0]
    kept = stream.scaled_elsewhere or stream.mode == "on_demand" or stream.shards == wanted
    result = {
        "name": workspace.name,
        "stream": stream.name,
        "before": first.open,
        "shards": wanted,
        "seconds": round(took, 3),
        "configured": stream.shards,
        "kept_by_up": kept,
    }
    session.terminal.result(result, lambda: _tell_done(session, first, wanted, took))
    if not kept:
        _warn(session, workspace, wanted)
    session.terminal.next("streamctl scale", "streamctl verify")


def _stream(workspace: "Workspace") -> "KinesisStream":
    from streamctl.resources.kinesis_stream import KinesisStream

    return workspace.pipeline.get("stream", KinesisStream)


def _refuse_foreign(workspace: "Workspace", stream: "KinesisStream") -> None:
    """Raises OwnershipError for a stream that is not ours, and UsageError where there is none."""
    from streamctl.aws.failures import explained
    from streamctl.engine.plan import refuse_foreign
    from streamctl.errors import UsageError

    with explained(f"look at the stream {stream.name}"):
        live = stream.read(workspace.aws)
    if live is None or live.is_leaving:
        raise UsageError(f"There is no stream {stream.name}.", "Make the pipeline with `streamctl up`.")
    refuse_foreign([(stream, live)], workspace.state)


class _Watch:
    """Hears of every look; says how many shards are open by now, and keeps what it saw."""

    def __init__(self, say: "Callable[[Shards], None]") -> None:
        self.seen: list[Shards] = []
        self._say = say

    def __call__(self, now: "Shards") -> None:
        if not self.seen or self.seen[-1] != now:
            self.seen.append(now)
            self._say(now)


@contextmanager
def _watching(session: Session, wanted: int) -> Iterator[_Watch]:
    """A bar where somebody watches, a line for each change elsewhere."""
    from streamctl.scaling.steps import steps

    with session.terminal.progress() as bar:
        task: Any = bar.add_task("Open shards", total=wanted, note="")

        def say(now: "Shards") -> None:
            if not watch.seen[1:] and now.mode == "provisioned":
                _say_steps(session, list(steps(now.open, wanted)))
            bar.update(task, completed=now.open, note=now.status.lower())
            if not session.terminal.is_live:
                session.terminal.say(f"{counted(now.open, 'open shard')} of {wanted:,}, {now.status}")

        watch = _Watch(say)
        yield watch


def _say_steps(session: Session, numbers: list[int]) -> None:
    from streamctl.scaling.steps import STEPS_A_DAY

    if len(numbers) > 1:
        session.terminal.say(
            f"In {len(numbers)} steps: {', '.join(f'{number:,}' for number in numbers)} shards. "
            f"AWS allows {STEPS_A_DAY} in 24 hours."
        )


def _tell_done(session: Session, first: "Shards", wanted: int, took: float) -> None:
    if first.open == wanted and first.is_settled:
        session.terminal.show(f"Nothing to change: the stream has {counted(wanted, 'shard')}.")
    else:
        session.terminal.show(f"{counted(wanted, 'shard')}, after {seconds(took)}.")


def _warn(session: Session, workspace: "Workspace", wanted: int) -> None:
    """Nobody's file is changed behind their back: say what would undo it, and how to keep it."""
    from streamctl.config.load import FILE_NAME

    configured = counted(workspace.config.stream.shards, "shard")
    session.terminal.say(
        f"`streamctl up` would set it back to {configured}, unless [stream] of {FILE_NAME} says:", "yellow"
    )
    session.terminal.say(f"    shards = {wanted}")
    session.terminal.say("Or let the number be the affair of `scale` from now on: [features.stream_scaling]")

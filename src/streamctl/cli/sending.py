"""Sending a run on the terminal, in one process or in several, and how it goes."""

from __future__ import annotations

import time
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamctl.cli.options import Session
    from streamctl.traffic.order import Order
    from streamctl.traffic.pacing import Pace
    from streamctl.traffic.producer import Producer, Production
    from streamctl.traffic.progress import Progress
    from streamctl.traffic.sources import Source
    from streamctl.workspace import Workspace

SPEED_OVER_SECONDS = 5.0
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Way:
    """How a run is sent."""

    connections: int = 1
    aggregates: bool = False


def send(
    session: Session, workspace: Workspace, source: Source, pace: Pace, way: Way, expected: int | None = None
) -> Production:
    """Send a run; `expected` are the events to come, where that is known."""
    with _progress(session, expected) as observe:
        return replace(_producer(workspace, way), observe=observe).run(source, pace)


def send_by_processes(
    session: Session, workspace: Workspace, order: Order, paces: list[Pace], way: Way, expected: int | None = None
) -> Production:
    """Send made-up events, a process for each pace; each has a seed, a run and a share of the stream of its own."""
    from streamctl.traffic.lanes import Lane, run
    from streamctl.traffic.makers import Maker
    from streamctl.traffic.order import made

    maker, producer = Maker.configured(workspace.project), _producer(workspace, way)
    run_ids = producer.new_run_ids(len(paces))
    lanes = [
        Lane(
            replace(producer, run_id=run_id, group=run_ids[0], share=1 / len(paces), rng=Random()),  # noqa: S311  jitter
            partial(made, replace(order, seed=order.seed + number), maker),
            pace,
        )
        for number, (run_id, pace) in enumerate(zip(run_ids, paces, strict=True))
    ]
    with _progress(session, expected) as observe:
        return run(lanes, observe)


def _producer(workspace: Workspace, way: Way) -> Producer:
    from streamctl.traffic.producer import Producer

    return Producer(
        aws=workspace.aws,
        pipeline=workspace.name,
        stream=workspace.names.stream,
        folder=workspace.folder,
        connections=way.connections,
        aggregates=way.aggregates,
        kept_seconds=workspace.item_stamps.expiry_seconds or None,
    )


@contextmanager
def _progress(session: Session, expected: int | None) -> Iterator[Callable[[Progress], None]]:
    with session.terminal.progress() as bar:
        task = bar.add_task("Sending", total=expected, note="")
        speed = Speed()

        def observe(progress: Progress) -> None:
            if session.terminal.is_live:
                bar.update(task, completed=progress.accepted + progress.unsent, note=speed.note(progress))

        yield observe


class Speed:
    """How fast it goes, over the last seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen = deque([(clock(), 0, 0)])

    def note(self, progress: Progress) -> str:
        """`1,998 events/s, 0.6 MiB/s, 12 refused, 3 requests retried, 500 in flight`; what is zero is left out."""
        now = self._clock()
        self._seen.append((now, progress.accepted, progress.bytes))
        while len(self._seen) > 2 and now - self._seen[1][0] > SPEED_OVER_SECONDS:
            self._seen.popleft()
        since, events, size = self._seen[0]
        seconds = max(now - since, 1e-3)
        parts = [
            f"{(progress.accepted - events) / seconds:,.0f} events/s",
            f"{(progress.bytes - size) / seconds / MEBIBYTE:.1f} MiB/s",
        ]
        others = {"refused": progress.refused, "requests retried": progress.retried, "in flight": progress.in_flight}
        return ", ".join(parts + [f"{count:,} {words}" for words, count in others.items() if count])

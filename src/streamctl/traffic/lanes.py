"""A run sent by several processes, where one core is not enough: each makes its share of the events, and has a ledger
and a run of its own. Together they are one group, and keep to the stream's limits together.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from streamctl.errors import StreamctlError
from streamctl.traffic.producer import Production
from streamctl.traffic.progress import Progress, added_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from streamctl.traffic.pacing import Pace
    from streamctl.traffic.producer import Producer
    from streamctl.traffic.sources import Source

TELL_SECONDS = 0.1
STOP = signal.SIGTERM
"""Ends a lane as Ctrl-C would. The terminal's own signal goes to every process, at whatever moment of its start."""


@dataclass(frozen=True)
class Lane:
    """What one process is to do. It is handed over by pickle, so the source is made there."""

    producer: Producer
    source: Callable[[], Source]
    pace: Pace


class EndedError(StreamctlError):
    """A process ended without a word: killed, or out of memory."""


def run(lanes: Sequence[Lane], observe: Callable[[Progress], None]) -> Production:
    """Send all lanes at once, until all have ended, or Ctrl-C has ended them.

    Raises what one of them raised, once all have ended.
    """
    started = [_start(lane) for lane in lanes]
    interrupted = False
    try:
        _listen_to_all(started, observe)
    except KeyboardInterrupt:
        interrupted = True
        _stop(started)
        _listen_to_all(started, observe)
    for each in started:
        each.process.join()
    if errors := [each.error for each in started if each.error]:
        raise errors[0]
    if not interrupted and not all(each.production for each in started):
        raise EndedError(
            "A process that sent events ended without a word, and the others were stopped.",
            "`streamctl verify` tells what was sent.",
        )
    ended = [each.production for each in started if each.production]
    if not ended:  # before anything was sent
        raise KeyboardInterrupt
    return Production(
        runs=tuple(info for production in ended for info in production.runs),
        progress=added_up(production.progress for production in ended),
        unsent_files=tuple(file for production in ended for file in production.unsent_files),
        interrupted=interrupted or any(production.interrupted for production in ended),
    )


@dataclass
class _Started:
    """A lane under way, and what it has told."""

    process: BaseProcess
    connection: Connection
    progress: Progress = field(default_factory=Progress)
    production: Production | None = None
    error: StreamctlError | None = None
    over: bool = False

    def hear(self) -> None:
        try:
            told = self.connection.recv()
        except (EOFError, OSError):  # it has ended, perhaps in the middle of a word
            self.over = True
            return
        match told:
            case Progress():
                self.progress = told
            case Production():
                self.production, self.progress = told, told.progress
            case (kind, message, hint):
                self.error = kind(message, hint)

    @property
    def has_failed(self) -> bool:
        return bool(self.error) or (self.over and not self.production)


def _listen_to_all(started: Sequence[_Started], observe: Callable[[Progress], None]) -> None:
    """Hear what the lanes have to tell until all are over; where one fails, the others are stopped."""
    stopped = False
    while going := {each.connection: each for each in started if not each.over}:
        for connection in wait(list(going)):
            going[connection].hear()  # type: ignore[index]
        observe(added_up(each.progress for each in started))
        if not stopped and any(each.has_failed for each in started):
            stopped = True
            _stop(started)


def _stop(started: Sequence[_Started]) -> None:
    for each in started:
        each.process.terminate()


def _start(lane: Lane) -> _Started:
    context = multiprocessing.get_context("spawn")  # a fork would take over locks and connections in any state
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(lane, theirs), daemon=True)
    with _deaf_to_ctrl_c():
        process.start()
    theirs.close()
    return _Started(process, ours)


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """What is started now does not hear it: the parent passes it on when there is somebody to hear it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _work(lane: Lane, connection: Connection) -> None:
    """The life of a process."""
    signal.signal(STOP, signal.default_int_handler)
    try:
        told = _told(lane, connection)
    except KeyboardInterrupt:  # before the run began
        return
    finally:
        signal.signal(STOP, signal.SIG_IGN)  # there is nothing left to stop
    with suppress(BrokenPipeError):  # nobody is there any more to be told
        connection.send(told)


def _told(lane: Lane, connection: Connection) -> Production | tuple[type[StreamctlError], str, str | None]:
    """What became of the lane: its run, or the error that ended it."""
    try:
        return _sent(lane, connection)
    except StreamctlError as error:
        return type(error), error.message, error.hint
    except Exception as error:  # a mistake of ours, or of the generator's: told where somebody sees it
        return EndedError, f"A process that sent events failed: {type(error).__name__}: {error}.", None


def _sent(lane: Lane, connection: Connection) -> Production:
    told_at, is_alone = time.monotonic(), False

    def tell(progress: Progress) -> None:
        nonlocal told_at, is_alone
        if is_alone or time.monotonic() - told_at < TELL_SECONDS:
            return
        told_at = time.monotonic()
        try:
            connection.send(progress)
        except BrokenPipeError:  # the parent is gone: end as by Ctrl-C, with everything settled
            is_alone = True
            raise KeyboardInterrupt from None

    return replace(lane.producer, observe=tell).run(lane.source(), lane.pace)

"""Where a run's events come from: a generator, or JSON lines of the user's own."""

from __future__ import annotations

import random
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, cast

from streamctl.errors import PluginError, UsageError
from streamctl.traffic.events import Event, from_line, from_object

if TYPE_CHECKING:
    import io
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from streamctl.plugins import Generator

READ_BYTES = 256 * 1024
LINE_BYTES = 10 * 1024 * 1024
"""No Kinesis record can be larger, however the stream is set."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Source(Protocol):
    """Events, on demand. Numbers them itself, from 0."""

    name: str
    seed: int | None
    faults: Mapping[str, str]
    """What is done to the events on purpose, in words, by kind."""

    def take(self, run_id: str, count: int) -> Sequence[Event]:
        """At most `count` events, as soon as there is one; none is the end. Raises UsageError."""


class GeneratedEvents:
    """As many events as are asked for, made at the moment they are."""

    faults: Mapping[str, str] = {}

    def __init__(
        self,
        generator: Generator,
        *,
        name: str,
        seed: int,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = name
        self.seed: int | None = seed
        self._generator = generator
        self._now = now
        self._rng = random.Random(seed)  # noqa: S311  made-up events, nothing secret
        self._made = 0

    def take(self, run_id: str, count: int) -> Sequence[Event]:
        at, first = self._now(), self._made
        try:
            bulk = getattr(self._generator, "chunk", None)
            if bulk:
                made: Sequence[Event] = bulk(self._rng, first, count, at, run_id)
                self._made += count
                return made
            return [self._make(run_id, at) for _ in range(count)]
        except PluginError:
            raise
        except Exception as error:  # other people's code, and what it made: anything may go wrong
            raise PluginError(
                f"The generator {self.name} failed on event {self._made:,}: {type(error).__name__}: {error}.",
                "An event must be a mapping that JSON can hold.",
            ) from error

    def _make(self, run_id: str, at: datetime) -> Event:
        event = from_object(self._generator.event(self._rng, self._made, at), run_id, self._made)
        self._made += 1
        return event


class LineEvents:
    """The user's own events, one JSON object per line; blank lines do not count.

    A line that is no JSON object ends the run: what stands before it is handed out first.
    """

    seed: int | None = None
    faults: Mapping[str, str] = {}

    def __init__(self, stream: io.BufferedIOBase, *, name: str) -> None:
        self.name = name
        self._stream = stream
        self._ready: list[Event] = []
        self._tail = b""
        self._lines = 0
        self._events = 0
        self._ended = False
        self._failure: UsageError | None = None

    def take(self, run_id: str, count: int) -> list[Event]:
        while not (self._ready or self._ended or self._failure):
            self._read(run_id)
        if self._failure and not self._ready:
            raise self._failure
        taken, self._ready = self._ready[:count], self._ready[count:]
        return taken

    def _read(self, run_id: str) -> None:
        data = self._stream.read1(READ_BYTES)  # what is there now: a slow pipe must not be waited for
        *lines, self._tail = (self._tail + data).split(b"\n")
        if not data:
            self._ended = True
            lines = [self._tail]
        elif len(self._tail) > LINE_BYTES:
            lines.append(self._tail)
        try:
            for line in lines:
                self._add(line, run_id)
        except ValueError as error:
            self._failure = UsageError(
                f"Line {self._lines:,} of {self.name} cannot be sent: {error}.",
                "Each line must be one event, a JSON object in UTF-8.",
            )

    def _add(self, line: bytes, run_id: str) -> None:
        self._lines += 1
        if self._lines == 1:
            line = line.removeprefix(_BYTE_ORDER_MARK)
        if len(line) > LINE_BYTES:
            raise ValueError("it is longer than 10 MiB, and no Kinesis record can be")
        if line.strip():
            self._ready.append(from_line(line, run_id, self._events))
            self._events += 1


@contextmanager
def open_lines(path: Path | None) -> Iterator[LineEvents]:
    """The events of a file, or of standard input where `path` is None. Raises UsageError."""
    if path is None:
        yield LineEvents(cast("io.BufferedIOBase", sys.stdin.buffer), name="standard input")
        return
    try:
        stream = path.open("rb")
    except OSError as error:
        raise UsageError(
            f"Could not open {path}: {error.strerror or error}.", "--file takes a file of JSON lines, or - for stdin."
        ) from error
    with stream:
        yield LineEvents(stream, name=str(path))

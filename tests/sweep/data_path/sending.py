"""The producer of one life: what it is given, what it keeps, and the disk that a kill leaves behind."""

from __future__ import annotations

import io
import random
from typing import TYPE_CHECKING

from streamctl import ledger
from streamctl.errors import StreamctlError
from streamctl.traffic.pacing import Batches
from streamctl.traffic.producer import Producer
from streamctl.traffic.sources import LineEvents

from ..faults import Killed
from .clients import VirtualTime

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from streamctl.ledger import Run

    from .clients import ProducerAws


class Sending:
    """Runs of `produce` into one stream; every call of `send` is a process of its own."""

    def __init__(self, aws: ProducerAws, stream: str, folder: Path, news: Callable[[], None]) -> None:
        self._aws = aws
        self._stream = stream
        self._folder = folder
        self._news = news
        self._at_death: dict[Path, bytes] = {}
        self.killed = False
        self.tracebacks: list[str] = []

    def send(self, payloads: Sequence[bytes], pieces: int) -> None:
        passing = VirtualTime()
        producer = Producer(
            aws=self._aws,
            pipeline="sweep",
            stream=self._stream,
            folder=self._folder,
            observe=lambda progress: self._news(),
            clock=passing.clock,
            sleep=passing.sleep,
            rng=random.Random(f"{self._stream} {len(self.runs())}"),
        )
        lines = LineEvents(io.BytesIO(b"".join(payload + b"\n" for payload in payloads)), name="lines")
        try:
            producer.run(lines, Batches(pieces, -(-len(payloads) // pieces), 0.0))
        except Killed:
            self._resurrect()
        except StreamctlError:
            pass  # said; what was not sent is kept
        except Exception as error:
            self.tracebacks.append(f"{type(error).__name__}: {error}")
        self._news()

    def runs(self) -> list[Run]:
        return [ledger.load(self._folder, path.name) for path in sorted(self._folder.glob("runs/*"))]

    def unsent(self) -> list[bytes]:
        """What it kept for later."""
        files = sorted(self._folder.glob("runs/*/unsent.jsonl"))
        return [line for file in files for line in file.read_bytes().splitlines()]

    def remember(self) -> None:
        """A kill leaves the disk as it is at this moment."""
        self.killed = True
        self._at_death = {path: path.read_bytes() for path in self._folder.rglob("*") if path.is_file()}

    def _resurrect(self) -> None:
        for path in self._folder.rglob("*"):
            if path.is_file():
                path.unlink()
        for path, content in self._at_death.items():
            path.write_bytes(content)

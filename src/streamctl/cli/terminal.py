"""What a command says. Data goes to stdout, talk to stderr; `--json` makes the data one stable document."""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from streamctl.errors import StreamctlError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import Console
    from rich.progress import Progress


NO_FOLDING = 10_000


class Terminal:
    """Two consoles and the rules for them. Colour and movement only where there is a terminal."""

    def __init__(self, *, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.quiet = quiet
        self.after_interruption = "Nothing was changed."
        """What to say after Ctrl-C; whoever begins to change something says so here."""
        self.place = ""
        """The options that say which pipeline is meant and where it is, while nothing here remembers it."""
        self._has_result = False
        if isinstance(sys.stdout, io.TextIOWrapper):  # what the terminal cannot show is escaped, as on stderr
            sys.stdout.reconfigure(errors="backslashreplace")

    @cached_property
    def out(self) -> Console:
        from rich.console import Console

        return Console(highlight=False, emoji=False, width=_width(sys.stdout))

    @cached_property
    def err(self) -> Console:
        from rich.console import Console

        return Console(stderr=True, highlight=False, emoji=False, quiet=self.quiet, width=_width(sys.stderr))

    @property
    def is_live(self) -> bool:
        """Somebody watches: lists may move, progress bars may grow."""
        return self.err.is_terminal and not self.quiet

    def say(self, text: str, style: str = "") -> None:
        """Talk: not part of the result. Where no terminal shows the style, rich need not be imported for it."""
        if sys.stderr.isatty() or os.environ.get("FORCE_COLOR"):
            self.err.print(text, style=style, markup=False)
        elif not self.quiet:
            print(text, file=sys.stderr)

    def interrupted(self) -> None:
        """Say how it goes on after Ctrl-C; plainly, since it may have come while rich was being imported."""
        if not self.quiet:
            print(f"\nInterrupted. {self.after_interruption}", file=sys.stderr)

    def done(self, text: str) -> None:
        self.say(f"✓ {text}", "green")

    def next(self, *commands: str) -> None:
        """End a success with what to type next."""
        told = (f"{each}{self.place}" if each.startswith("streamctl ") else each for each in commands)
        if not self.as_json:
            self.say("Next: " + "  or  ".join(told), "dim")

    def result(self, document: Any, show: Callable[[], None]) -> None:
        """The data: one JSON document, or what `show` prints for people."""
        self._has_result = True
        if self.as_json:
            _print_json(document)
        else:
            show()

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = ()) -> None:
        """Print rows to stdout; columns named in `right` are numbers."""
        from rich.box import SIMPLE_HEAD
        from rich.table import Table
        from rich.text import Text

        table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for heading in headings:
            table.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        self.out.print(table)

    def show(self, text: str) -> None:
        """Print a line of the result."""
        self.out.print(text, markup=False)

    def confirm(self, question: str) -> None:
        """Ask before destroying. Raises UsageError when the answer is no, or nobody is there to answer."""
        if not sys.stdin.isatty():
            raise UsageError(f"{question} Nobody is here to answer.", "Say yes beforehand with --yes.")
        self.err.print(f"{question} [y/N] ", end="", markup=False)
        answer = sys.stdin.readline()  # empty at the end of the input
        if answer.strip().lower() not in {"y", "yes"}:
            raise UsageError("Stopped: the answer was no. Nothing was changed.")

    @contextmanager
    def progress(self, *columns: Any) -> Iterator[Progress]:
        """A progress bar on stderr, or nothing where nobody watches."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        chosen = columns or (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
        )
        with Progress(*chosen, console=self.err, disable=not self.is_live, transient=True) as progress:
            yield progress

    @contextmanager
    def waiting(self, text: str) -> Iterator[None]:
        """Say what is waited for, for as long as it takes."""
        if self.is_live:
            with self.err.status(text):
                yield
        else:
            self.say(f"{text} …")
            yield

    def error(self, error: StreamctlError) -> None:
        """Say what happened and what to do, even when quiet. It is the document where there is no other."""
        if self.as_json and not self._has_result:
            document = {"error": {"message": error.message, "hint": error.hint, "exit_code": error.exit_code}}
            _print_json(document)
        self.quiet = self.err.quiet = False
        self.err.print("Error:", style="bold red", end=" ")
        self.say(error.message)
        if error.hint:
            self.say(error.hint, "dim")


def _print_json(document: Any) -> None:
    """JSON as it is read best: only where stdout takes no UTF-8 is everything escaped."""
    is_utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    print(json.dumps(document, indent=2, default=_plain, ensure_ascii=not is_utf8))


def _width(stream: TextIO) -> int | None:
    """Nothing is folded where no terminal has a width: what reads a pipe wants whole lines."""
    return None if stream.isatty() else NO_FOLDING


def counted(number: int, noun: str) -> str:
    """`1 change`, `2 changes`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def seconds(value: float) -> str:
    return f"{value:.1f} s"


def milliseconds(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f} ms"


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    raise TypeError(f"{type(value).__name__} does not belong in a document")

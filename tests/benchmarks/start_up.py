"""CPU of a command that does next to nothing, as its user types it, against `aws --version` in the same run.

The targets were set on a machine where `aws --version` takes 255 ms: 20 ms for the version, 75 for the help, 100 for a
completion, 200 for a command that needs no AWS.
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from . import peers
from .measuring import run
from .report import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping

AREA = "start-up"
VERSION, HELP, COMPLETION, WITHOUT_AWS = 0.078, 0.29, 0.39, 0.78
PLACE = ("--name", "shop", "--account", "123456789012", "--region", "eu-central-1")


@dataclass(frozen=True)
class Command:
    """What is typed, and what the shell sets beside it."""

    arguments: tuple[str, ...]
    at_most: float
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def what(self) -> str:
        typed = self.variables.get("COMP_WORDS") or self.variables.get("_TYPER_COMPLETE_ARGS")
        return f"{typed}<TAB> in {self.variables['_STREAMCTL_COMPLETE'][9:]}" if typed else " ".join(self.arguments)


def _bash(typed: str) -> Command:
    position = str(len(typed.split(" ")) - 1)
    variables = {"_STREAMCTL_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": position}
    return Command((), COMPLETION, variables)


def _zsh(typed: str) -> Command:
    return Command((), COMPLETION, {"_STREAMCTL_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": typed})


COMMANDS = (
    Command(("--version",), VERSION),
    Command(("--help",), HELP),
    Command(("up", "--help"), HELP),
    _bash("streamctl pr"),
    _bash("streamctl produce --ba"),
    _zsh("streamctl pr"),
    Command(("config", "show"), WITHOUT_AWS),
    Command(("cost", "--rate", "1000", "--region", "eu-central-1"), WITHOUT_AWS),
    Command(("policy", "produce", *PLACE), WITHOUT_AWS),
    Command(("init",), WITHOUT_AWS),
)


def figures(*, quick: bool) -> list[Figure]:
    """The cheapest of several runs of each, taken in turns, so that a busy moment of the machine hits all alike."""
    cheapest = dict.fromkeys(range(len(COMMANDS)), float("inf"))
    theirs = float("inf")
    for _ in range(5 if quick else 15):
        theirs = min(theirs, _cpu_ms(peers.program("aws"), COMMANDS[0]))
        for position, command in enumerate(COMMANDS):
            cheapest[position] = min(cheapest[position], _cpu_ms(_streamctl(), command))
    return [
        Figure(
            area=AREA,
            what=command.what,
            unit="CPU ms",
            ours=cheapest[position],
            peer="aws --version",
            theirs=theirs,
            at_most=command.at_most,
        )
        for position, command in enumerate(COMMANDS)
    ]


def _streamctl() -> str:
    """The installed console script, as users have it."""
    return str(Path(sys.executable).with_name("streamctl"))


def _cpu_ms(program: str, command: Command) -> float:
    """In an empty folder, with a home that holds no AWS configuration."""
    with tempfile.TemporaryDirectory(prefix="streamctl-benchmarks-") as folder:
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": folder, **command.variables}
        cost, _ = run([program, *command.arguments], cwd=Path(folder), environment=environment)
    return cost.cpu_seconds * 1000

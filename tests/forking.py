"""A command as a process of its own that need not import everything again: a fork of one that has imported it.

Importing is two thirds of what most commands cost. The process that is forked imports and does nothing else, so each
command finds the program as if it had just been started, and none sees anything of another.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from pathlib import Path
from subprocess import TimeoutExpired
from typing import TYPE_CHECKING

import streamctl
from streamctl.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

IS_POSSIBLE = "forkserver" in multiprocessing.get_all_start_methods()
"""Not on Windows."""
LIBRARIES = ("boto3", "rich.console", "rich.progress", "rich.table", "typer")
OTHER_PROGRAMS = {"emulator", "functions"}
"""Packages that run in processes of their own."""


def run(
    arguments: Sequence[str], folder: Path, variables: Mapping[str, str], stdin: str, timeout_seconds: float
) -> tuple[int, str, str]:
    """Run `streamctl …` in a folder with these environment variables and no others. Returns code, output, errors.

    Raises subprocess.TimeoutExpired.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*LIBRARIES, *modules()])
    with tempfile.TemporaryDirectory() as place:
        files = [Path(place, name) for name in ("stdin", "stdout", "stderr")]
        files[0].write_text(stdin, encoding="utf-8")
        process = context.Process(target=_become, args=(list(arguments), folder, dict(variables), files))
        process.start()
        process.join(timeout_seconds)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutExpired(list(arguments), timeout_seconds)
        out, err = (path.read_text(encoding="utf-8") for path in files[1:])
        return process.exitcode, out, err


def modules() -> list[str]:
    """What of streamctl a command may import."""
    root = Path(streamctl.__file__).parent
    found = (path.relative_to(root).with_suffix("").parts for path in sorted(root.rglob("*.py")))
    ours = [parts for parts in found if parts[0] not in OTHER_PROGRAMS and not parts[-1].startswith("__")]
    return ["streamctl.emulator.process", *(".".join(("streamctl", *parts)) for parts in ours)]


def _become(arguments: list[str], folder: Path, variables: dict[str, str], files: list[Path]) -> None:
    """In the fork: take the place of a command that was just started."""
    for number, path in enumerate(files):
        opened = os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  open until the end, as in any program
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.argv = ["streamctl", *arguments]
    os.environ.clear()
    os.environ.update(variables)
    os.chdir(folder)
    main()

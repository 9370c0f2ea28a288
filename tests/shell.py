"""A user at a terminal: types commands in a folder of their own and reads what they print.

What a document says is typed to the letter, `python -m streamctl` and all; other commands are forks of a process that
has imported the program (see `forking`), unless `anew` says that the very start matters, or there is more to be found
than was imported (PYTHONPATH).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import forking

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class Said:
    """What one command answered."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Shell:
    """`folder` is where the user is; `environment` what they have set beside a bare minimum."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, stdin: str = "", check: bool = True, anew: bool = False) -> Said:
        """Type `streamctl …`; with `check`, it must succeed."""
        if forking.IS_POSSIBLE and not anew and "PYTHONPATH" not in self.environment:
            said = Said(*forking.run(arguments, self.folder, self.variables(), stdin, TIMEOUT_SECONDS))
        else:
            said = self._run_anew(arguments, stdin)
        assert "Traceback" not in said.out + said.err, said.err
        assert not check or said.code == 0, f"streamctl {' '.join(arguments)}: {said}"
        return said

    def _run_anew(self, arguments: Sequence[str], stdin: str) -> Said:
        done = subprocess.run(
            self.command(arguments),
            cwd=self.folder,
            env=self.variables(),
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Type it and do not wait."""
        return subprocess.Popen(
            self.command(arguments),
            cwd=self.folder,
            env=self.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def type(self, line: str) -> None:
        """One line as a document shows it: a streamctl command, or a printf piped into one."""
        text, _, command = line.rpartition("|")
        words = re.findall(r"'[^']*'|\S+", command)
        assert words[0] == "streamctl", line
        stdin = ""
        if text:
            printed = re.fullmatch(r"\s*printf '(.*)'\s*", text)
            assert printed, line
            stdin = printed[1].replace(r"\n", "\n")
        self.run(*(word.strip("'") for word in words[1:]), stdin=stdin, anew=True)

    @staticmethod
    def command(arguments: Sequence[str]) -> list[str]:
        return [sys.executable, "-m", "streamctl", *arguments]

    def variables(self) -> dict[str, str]:
        kept = ("PATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT", "PYTHONPATH")
        bare = {name: os.environ[name] for name in kept if name in os.environ}
        # No home: neither credentials nor a region may come from whoever runs the tests.
        return {**bare, "HOME": str(self.folder), "AWS_EC2_METADATA_DISABLED": "true", **self.environment}


def console_lines(text: str) -> list[str]:
    """The commands of a document: the lines that begin with $ in its ```console blocks."""
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def sections(document: Path) -> dict[str, list[str]]:
    """The commands of a document by the heading (##) they stand under, where there are any."""
    _, *texts = re.split(r"^## ", document.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {text.partition("\n")[0]: lines for text in texts if (lines := console_lines(text))}

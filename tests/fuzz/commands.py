"""The program run in this process, a hundred times a second, with what it printed."""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from streamctl.cli.app import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def examples(number: int) -> int:
    """How many to try; STREAMCTL_FUZZ=20 tries twenty times as many."""
    return number * int(os.environ.get("STREAMCTL_FUZZ", "1"))


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    def is_an_answer(self, *, as_json: bool = False) -> bool:
        """Done, or refused in words: never silence, a traceback or a mistake of ours. Fails where it is not."""
        assert self.code in {0, 2, 3, 4, 5}, self
        assert "Traceback" not in self.err + self.out
        assert self.code == 0 or self.err.strip(), "refused in silence"
        if as_json and self.out.strip():
            json.loads(self.out)
        return self.code == 0


@contextmanager
def terminal_in(folder: Path, **environment: str) -> Iterator[None]:
    """A user without an AWS account, in this folder; `environment` is added to theirs."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.delenv(name, raising=False)
        patch.setenv("HOME", str(folder))
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_CONFIG_FILE", str(folder / "no config"))
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "no credentials"))
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.chdir(folder)
        yield


def type_in(arguments: Sequence[str], stdin: bytes = b"") -> Said:
    """Type a command line; what it prints must be printable where a terminal takes UTF-8."""
    out, err = (
        io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors=errors) for errors in ("strict", "backslashreplace")
    )
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(stdin))
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = run(list(arguments))
    finally:
        sys.stdin = before
    return Said(code, _text(out), _text(err))


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer: io.BytesIO = stream.buffer  # type: ignore[assignment]
    return buffer.getvalue().decode()

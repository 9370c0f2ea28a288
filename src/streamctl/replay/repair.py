"""The user's own repair: a Python file with a function `repair`.

    def repair(payload: bytes) -> bytes | str | dict | None

It is handed one record's payload, and answers what is to be sent instead: bytes or text as they are, a dictionary as
JSON. The payload itself says that there is nothing to mend. None gives the record up on purpose. What it raises is
told of that record, which stays set aside.
"""

from __future__ import annotations

import json
import sys
import traceback
from contextlib import redirect_stdout
from types import ModuleType
from typing import TYPE_CHECKING, Any

from streamctl.errors import PluginError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HINT = "It needs: def repair(payload: bytes) -> bytes | str | dict | None"


class RepairError(Exception):
    """The function failed on a record: what it raised, and where."""


class Repair:
    """The function of a file, loaded. Raises UsageError where there is no such file, PluginError for what is in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._function = self._load()

    def __call__(self, payload: bytes) -> bytes | None:
        """The payload to send instead, or None to give the record up. Raises RepairError."""
        try:
            with redirect_stdout(sys.stderr):
                answer = self._function(payload)
        except (Exception, SystemExit) as error:
            raise RepairError(self._told(error)) from error
        return self._bytes(answer)

    def _load(self) -> Callable[[bytes], Any]:
        if not self.path.is_file():
            raise UsageError(f"There is no file {self.path}.", f"--with takes a Python file. {HINT}")
        module = ModuleType("streamctl_repair")
        module.__file__ = str(self.path)
        sys.modules[module.__name__] = module  # dataclasses, for one, look there
        try:
            with redirect_stdout(sys.stderr):  # stdout is for the result
                exec(compile(self.path.read_bytes(), self.path, "exec"), module.__dict__)  # noqa: S102  what --with is for
        except (Exception, SystemExit) as error:
            raise PluginError(
                f"{self.path} cannot be loaded: {self._told(error)}.", "Mend it and try again."
            ) from error
        function = getattr(module, "repair", None)
        if not callable(function):
            raise PluginError(f"{self.path} has no function `repair`.", HINT)
        return function  # type: ignore[no-any-return]

    def _bytes(self, answer: Any) -> bytes | None:
        if answer is None or isinstance(answer, bytes):
            return answer
        try:
            if isinstance(answer, str):
                return answer.encode()
            if isinstance(answer, dict):
                return json.dumps(answer, separators=(",", ":"), allow_nan=False).encode()
        except (TypeError, ValueError, RecursionError) as error:
            raise RepairError(f"repair answered what cannot be sent: {error}") from error
        raise RepairError(f"repair answered {type(answer).__name__}, not bytes, str, dict or None")

    def _told(self, error: BaseException) -> str:
        """The error in a line, with the place in the user's file where it came up."""
        words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        if isinstance(error, SyntaxError):
            return f"{words.partition(' (')[0]} ({self.path.name}:{error.lineno})"
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(self.path)]
        return f"{words} ({self.path.name}:{frames[-1].lineno})" if frames else words

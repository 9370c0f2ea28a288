"""The user's own repair: a Python file with a function `repair`.

    def repair(payload: bytes) -> bytes | str | dict | None

It is handed one record's payload, and answers what is to be sent instead: bytes or text as they are, a dictionary as
JSON. The payload itself says that there is nothing to mend. None gives the record up on purpose. What it raises is
told of that record, which stays set aside.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from streamctl import own_code

if TYPE_CHECKING:
    from pathlib import Path

SIGNATURE = "def repair(payload: bytes) -> bytes | str | dict | None"


class RepairError(Exception):
    """The function failed on a record: what it raised, and where."""


class Repair:
    """The function of a file, loaded. Raises UsageError where there is no such file, PluginError for what is in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._function = own_code.load(path, "repair", signature=SIGNATURE, named_by="--with")

    def __call__(self, payload: bytes) -> bytes | None:
        """The payload to send instead, or None to give the record up. Raises RepairError."""
        try:
            with own_code.aside():
                answer = self._function(payload)
        except (Exception, SystemExit) as error:
            raise RepairError(own_code.told(error, self.path)) from error
        return self._bytes(answer)

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

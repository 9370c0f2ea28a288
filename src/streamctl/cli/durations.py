"""Lengths of time as people type them: `90s`, `30m`, `2h`, `1d`, or plain seconds."""

import re
from datetime import timedelta

from streamctl.errors import UsageError

SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


def duration(text: str, option: str) -> timedelta:
    """Raises UsageError, naming the option."""
    match = re.fullmatch(r"(\d+)\s*([smhd]?)", text.strip())
    if not match or not int(match[1]):
        raise UsageError(f"{option} {text!r} is no length of time.", "Examples: 90s, 30m, 2h, 1d.")
    return timedelta(seconds=int(match[1]) * SECONDS[match[2]])

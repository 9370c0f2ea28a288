"""An event made late: it carries a time of minutes to hours ago."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from streamctl.traffic.events import parse
from streamctl.traffic.generators import timestamp

if TYPE_CHECKING:
    import random
    from datetime import datetime

LEAST_SECONDS, MOST_SECONDS = 60, 6 * 3600
_MEMBER = re.compile(rb'("timestamp"\s*:\s*)("(?:[^"\\]|\\.)*"|[-+.0-9eE]+|null)')


def carried(at: datetime, rng: random.Random) -> datetime:
    """The time a late event carries, from a minute to six hours before `at`."""
    return at - timedelta(seconds=rng.randint(LEAST_SECONDS, MOST_SECONDS))


def with_time(payload: bytes, at: datetime) -> bytes:
    """The payload of an event, a JSON object, with this time as its `timestamp`, every other byte as it was."""
    told = json.dumps(timestamp(at)).encode()
    wanted = parse(payload) | {"timestamp": timestamp(at)}
    for found in _MEMBER.finditer(payload):  # one further in, or within a text, is not the event's own
        changed = payload[: found.start(2)] + told + payload[found.end(2) :]
        if _says(changed, wanted):
            return changed
    return payload[:-1] + b',"timestamp":' + told + b"}"


def _says(payload: bytes, wanted: object) -> bool:
    try:
        return bool(parse(payload) == wanted)
    except ValueError:
        return False

"""One event on its way out: its bytes, its id and the key that decides its shard."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NoReturn

from streamctl.ledger import Fault, event_id

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY_CHARACTERS = 256
"""A Kinesis partition key may not be longer."""


@dataclass(frozen=True, slots=True)
class Event:
    """One Kinesis record to be. `payload` is JSON in UTF-8, on one line, unless it was poisoned."""

    id: str
    type: str
    partition_key: str
    payload: bytes
    fault: Fault = Fault.NONE
    carried_seconds: int = 0
    """The epoch seconds a late event carries."""
    unspoilt: bytes = b""
    """The payload of a poisoned event before it was."""

    @property
    def size(self) -> int:
        """Bytes as Kinesis counts them: payload and partition key."""
        return len(self.payload) + len(self.partition_key.encode())

    @property
    def line(self) -> bytes:
        """The event as a line of a file that can be sent."""
        return self.unspoilt or self.payload


def from_object(content: Mapping[str, Any], run_id: str, sequence: int) -> Event:
    """An event made here. Raises TypeError or ValueError where JSON cannot hold it."""
    name = own_id(content) or event_id(run_id, sequence)
    whole = {"eventId": name, **content} | ({"eventId": name} if _lacks_id(content) else {})
    return _event(name, whole, json.dumps(whole, separators=(",", ":"), allow_nan=False).encode())


def from_line(line: bytes, run_id: str, sequence: int) -> Event:
    """An event of the user's, sent byte for byte; one without an id gets one put in at its end.

    Raises ValueError, in words, for anything but a JSON object in UTF-8.
    """
    payload = line.strip()
    content = parse(payload)
    if not isinstance(content, dict):
        raise ValueError("it is JSON, but not an object")  # noqa: TRY004  every bad line is one sort of error
    name = own_id(content) or event_id(run_id, sequence)
    if _lacks_id(content):
        comma = b"," if content else b""
        payload = payload[:-1].rstrip() + comma + b'"eventId":"' + name.encode() + b'"}'
    return _event(name, content, payload)


def parse(payload: bytes) -> Any:
    """What is in a payload, numbers exact. Raises ValueError, in words, where that is not JSON in UTF-8."""
    try:
        return json.loads(payload.decode("utf-8"), parse_float=Decimal, parse_constant=_no_json)
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 (byte {error.start + 1})") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON: {error.msg} at character {error.colno}") from error
    except InvalidOperation as error:
        raise ValueError("it holds a number that is too large to be read") from error
    except RecursionError as error:
        raise ValueError("it is nested too deep to be read") from error


def own_id(content: Mapping[str, Any]) -> str | None:
    """The id an event brings: text, or a number as its digits."""
    name = content.get("eventId")
    if isinstance(name, bool):
        return None
    return str(name) if isinstance(name, str | int | float | Decimal) and name != "" else None


def _lacks_id(content: Mapping[str, Any]) -> bool:
    return content.get("eventId") in (None, "")


def _event(name: str, content: Mapping[str, Any], payload: bytes) -> Event:
    kind = content.get("eventType")
    user = content.get("userId")
    key = str(user) if isinstance(user, str | int) and user != "" else name
    return Event(
        id=name,
        type=kind if isinstance(kind, str) and kind else "unknown",
        partition_key=key[:KEY_CHARACTERS].encode("utf-8", "replace").decode(),  # half a surrogate pair has no bytes
        payload=payload,
    )


def _no_json(name: str) -> NoReturn:
    raise ValueError(f"it is not JSON: there is no {name} in JSON")

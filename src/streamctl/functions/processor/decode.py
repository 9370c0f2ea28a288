"""A record's payload as text and as a JSON object, every number exact."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from . import outcomes
from .aggregates import MAGIC
from .outcomes import RejectedError

_BYTE_ORDER_MARK = "\ufeff"
_CONTAINERS = (
    (b"\x1f\x8b", outcomes.GZIP, "The payload is gzip; compressed records are not unpacked."),
    (
        MAGIC,
        outcomes.KPL_AGGREGATE,
        "The payload is a KPL aggregate that is damaged, empty or inside another one; it is not taken apart.",
    ),
)


def decode(payload: bytes) -> tuple[str, dict[str, Any]]:
    """The payload as text, and the object in it: `str`, `Decimal`, `bool`, `None`, `dict`, `list`.

    A byte order mark is let pass; of a repeated name the last value counts; a number that is too large even for
    Decimal stays text. Raises RejectedError, or RecursionError where the nesting is deeper than Python follows.
    """
    text = _text(payload)
    event = _parse(text.removeprefix(_BYTE_ORDER_MARK))
    if not isinstance(event, dict):
        raise RejectedError(outcomes.NOT_AN_OBJECT, f"The payload is {_NAMES[type(event)]}, not a JSON object.")
    return text, event


def _text(payload: bytes) -> str:
    if not payload.strip():
        raise RejectedError(outcomes.EMPTY, f"The payload is {'white space only' if payload else 'empty'}.")
    for magic, reason, detail in _CONTAINERS:
        if payload.startswith(magic):
            raise RejectedError(reason, detail)
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError as error:
        detail = f"The payload is not UTF-8: {error.reason} at byte {error.start}."
        raise RejectedError(outcomes.NOT_UTF8, detail) from None


def _parse(text: str) -> Any:
    try:
        return _EXACT.decode(text)
    except InvalidOperation:
        return _EXACT_OR_TEXT.decode(text)
    except json.JSONDecodeError as error:
        raise RejectedError(outcomes.NOT_JSON, f"The payload is not JSON: {error}.") from None


def _decimal_or_text(digits: str) -> Decimal | str:
    try:
        return Decimal(digits)
    except InvalidOperation:
        return digits


def _refuse_constant(name: str) -> NoReturn:
    raise RejectedError(outcomes.NOT_JSON, f"The payload is not JSON: {name} is no JSON number.")


_EXACT = json.JSONDecoder(parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse_constant)
# Decimal's own exponent ends at about 1E+18 digits. Rare enough to be parsed twice.
_EXACT_OR_TEXT = json.JSONDecoder(
    parse_float=_decimal_or_text, parse_int=_decimal_or_text, parse_constant=_refuse_constant
)
_NAMES = {list: "an array", str: "a string", Decimal: "a number", bool: "a boolean", type(None): "null"}

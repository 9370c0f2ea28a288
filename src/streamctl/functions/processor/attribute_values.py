"""Plain values as DynamoDB's low-level API takes them, within its limits, and how large it counts them.

Our own conversion and not boto3's: a number that does not fit becomes text instead of an error, and what DynamoDB
would refuse is known before the call, where it would cost 24 other items their place.
"""

from __future__ import annotations

from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow, Subnormal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

AttributeValue = dict[str, Any]

DEEPEST_LEVEL = 32  # the attribute itself is level 1
LARGEST_ITEM_BYTES = 400 * 1024
LONGEST_NAME_BYTES = 65_535
LONGEST_PARTITION_KEY_BYTES = 2048
# On the wire a value is larger than in the table: an empty string in a list counts 1 byte and is sent as
# `{"S": ""}, `, a control character as `\u0000`. No value grows by more than this.
WIRE_BYTES_PER_STORED_BYTE = 11
_CONTAINER_BYTES = 3
_ELEMENT_BYTES = 1

# 38 significant digits; magnitudes from 1E-130 to below 1E+126. Trailing zeros may go, nothing else.
_NUMBER = Context(prec=38, Emin=-130, Emax=125, traps=[Inexact, Overflow, Subnormal, InvalidOperation])


class UnstorableError(ValueError):
    """DynamoDB has no place for such a map: nested too deep, or a name that is empty or too long."""


def attribute_value(value: Any, level: int = 1) -> AttributeValue:
    """The value with DynamoDB's type around it; a number it cannot hold exactly becomes text.

    Raises UnstorableError.
    """
    if level > DEEPEST_LEVEL:
        raise UnstorableError(f"nested deeper than {DEEPEST_LEVEL} levels")
    match value:
        case str():
            return {"S": storable_text(value)}
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int() | Decimal():
            return _number(Decimal(value))
        case dict():
            return {"M": {_name(name): attribute_value(inner, level + 1) for name, inner in value.items()}}
        case list():
            return {"L": [attribute_value(inner, level + 1) for inner in value]}
    raise TypeError(f"no attribute value for {type(value).__name__}")


def storable_text(text: str) -> str:
    """The text itself; half a surrogate pair, which UTF-8 has no bytes for, as its escape."""
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def stored_bytes(value: AttributeValue) -> int:
    """How large DynamoDB counts the value, by its published formula; a number at most a few bytes too large."""
    ((kind, inner),) = value.items()
    match kind:
        case "S":
            return text_bytes(inner)
        case "N":
            return len(inner) // 2 + 2
        case "M":
            return _CONTAINER_BYTES + named_bytes(inner) + _ELEMENT_BYTES * len(inner)
        case "L":
            return _CONTAINER_BYTES + sum(map(stored_bytes, inner)) + _ELEMENT_BYTES * len(inner)
    return 1


def named_bytes(attributes: Mapping[str, AttributeValue]) -> int:
    """Names and values of an item, or of a map."""
    return sum(text_bytes(name) + stored_bytes(value) for name, value in attributes.items())


def text_bytes(text: str) -> int:
    """The length of the text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8"))


def _number(number: Decimal) -> AttributeValue:
    if not number:
        return {"N": "0"}  # DynamoDB would judge a zero by the exponent it is written with
    try:
        return {"N": str(_NUMBER.create_decimal(number))}
    except DecimalException:
        return {"S": str(number)}


def _name(name: str) -> str:
    name = storable_text(name)
    if not name or text_bytes(name) > LONGEST_NAME_BYTES:
        raise UnstorableError("an attribute's name is empty or too long")
    return name

"""Plain values as the JSON of DynamoDB's low-level API, within its limits, and how large it counts them.

Our own conversion and not boto3's: a number that does not fit becomes text instead of an error, what DynamoDB would
refuse is known before the call, where it would cost 24 other items their place, and the JSON is made at once instead of
a tree that is serialized afterwards, which would be most of what a record costs.
"""

from __future__ import annotations

from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow, Subnormal
from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Encoded = tuple[str, int]
"""A value's JSON, and the bytes that DynamoDB counts for it by its published formula; a number's at most a few too
many."""

DEEPEST_LEVEL = 32  # the attribute itself is level 1
LARGEST_ITEM_BYTES = 400 * 1024
LONGEST_NAME_BYTES = 65_535
LONGEST_PARTITION_KEY_BYTES = 2048
_CONTAINER_BYTES = 3
_ELEMENT_BYTES = 1

# 38 significant digits; magnitudes from 1E-130 to below 1E+126. Trailing zeros may go, nothing else.
_NUMBER = Context(prec=38, Emin=-130, Emax=125, traps=[Inexact, Overflow, Subnormal, InvalidOperation])
_NULL: Encoded = '{"NULL":true}', 1
_BOOLS: dict[bool, Encoded] = {True: ('{"BOOL":true}', 1), False: ('{"BOOL":false}', 1)}
_ZERO: Encoded = '{"N":"0"}', 2  # DynamoDB would judge a zero by the exponent it is written with


class UnstorableError(ValueError):
    """DynamoDB has no place for such a map: nested too deep, or a name that is empty or too long."""


def attribute_value(value: Any, level: int = 1) -> Encoded:
    """The value with DynamoDB's type around it; a number it cannot hold exactly becomes text.

    Raises UnstorableError.
    """
    if level > DEEPEST_LEVEL:
        raise UnstorableError(f"nested deeper than {DEEPEST_LEVEL} levels")
    match value:
        case str():
            return text_value(value)
        case Decimal():
            return _number(value)
        case None:
            return _NULL
        case bool():
            return _BOOLS[value]
        case int():
            return _number(Decimal(value))
        case dict():
            return _map(value, level)
        case list():
            return _list(value, level)
    raise TypeError(f"no attribute value for {type(value).__name__}")


def text_value(text: str) -> Encoded:
    """A text; half a surrogate pair in it as its escape."""
    if text.isascii():
        return f'{{"S":{quoted(text)}}}', len(text)
    text = storable_text(text)
    return f'{{"S":{quoted(text)}}}', text_bytes(text)


def whole_number(number: int) -> Encoded:
    """An integer of at most 38 digits."""
    digits = str(number)
    return f'{{"N":"{digits}"}}', _number_bytes(digits)


def storable_text(text: str) -> str:
    """The text itself; half a surrogate pair, which UTF-8 has no bytes for, as its escape."""
    if text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def text_bytes(text: str) -> int:
    """The length of the text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8"))


def named_values(values: Mapping[str, Encoded]) -> Encoded:
    """The object of an item's attributes, or of a map's; its bytes are those of names and values."""
    members, size = [], 0
    for name, (value, value_bytes) in values.items():
        members.append(f"{quoted(name)}:{value}")
        size += value_bytes + (len(name) if name.isascii() else text_bytes(name))
    return f"{{{','.join(members)}}}", size


def _map(value: dict[str, Any], level: int) -> Encoded:
    members, size = named_values({_name(name): attribute_value(inner, level + 1) for name, inner in value.items()})
    return f'{{"M":{members}}}', _CONTAINER_BYTES + size + _ELEMENT_BYTES * len(value)


def _list(value: list[Any], level: int) -> Encoded:
    elements = [attribute_value(inner, level + 1) for inner in value]
    text = ",".join([element for element, _ in elements])
    size = sum([size for _, size in elements])
    return f'{{"L":[{text}]}}', _CONTAINER_BYTES + size + _ELEMENT_BYTES * len(value)


def _number(number: Decimal) -> Encoded:
    if not number:
        return _ZERO
    digits = str(number)
    if len(digits) > _NUMBER.prec or "E" in digits:  # what is shorter fits for certain
        try:
            digits = str(_NUMBER.create_decimal(number))
        except DecimalException:
            return text_value(digits)
    return f'{{"N":"{digits}"}}', _number_bytes(digits)


def _number_bytes(digits: str) -> int:
    return len(digits) // 2 + 2


def _name(name: str) -> str:
    if name.isascii() and 0 < len(name) <= LONGEST_NAME_BYTES:
        return name
    name = storable_text(name)
    if not name or text_bytes(name) > LONGEST_NAME_BYTES:
        raise UnstorableError("an attribute's name is empty or too long")
    return name

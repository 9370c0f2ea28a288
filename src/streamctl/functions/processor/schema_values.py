"""What a value is to a JSON Schema: its kind, equality (true is not 1, and 1.0 is 1), and multiples, all exact."""

from __future__ import annotations

from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def is_number(value: Any) -> bool:
    return isinstance(value, Decimal)


def is_integer(value: Any) -> bool:
    return isinstance(value, Decimal) and value == value.to_integral_value()


TYPES: dict[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "number": is_number,
    "integer": is_integer,
    "string": lambda value: isinstance(value, str),
}


def identity(value: Any) -> Any:
    """Equal, and hashable, for values that are equal."""
    match value:
        case bool():
            return "b", value
        case dict():
            return "o", frozenset((name, identity(inner)) for name, inner in value.items())
        case list():
            return "a", tuple(map(identity, value))
    return value


_EXACTLY = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
"""`int` would take half a minute for a number of a million digits, and a record can hold one."""


def is_multiple(value: Decimal, of: Decimal) -> bool:
    """Exact, however many digits there are and however large the exponents."""
    (_, digits, exponent), (_, of_digits, of_exponent) = value.as_tuple(), of.as_tuple()
    number, divisor = (Decimal((0, each, 0)) for each in (digits, of_digits))
    shift = int(exponent) - int(of_exponent)
    if shift >= 0:
        return int(_EXACTLY.remainder(number, divisor)) * pow(10, shift, int(divisor)) % int(divisor) == 0
    return not number or (-shift <= len(digits) and not _EXACTLY.remainder(number, divisor.scaleb(-shift, _EXACTLY)))

"""Which filter patterns Lambda takes; what it would refuse must not get as far as matching, see filters.py."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

COMPARISONS = ("=", "<", "<=", ">", ">=")


def check_pattern(pattern: Any) -> None:
    """Raises ValueError unless the pattern is an object of fields, each with an object or a list of rules."""
    _require(isinstance(pattern, dict), f"A pattern is a JSON object, not {pattern!r}")
    for name, part in pattern.items():
        if name == "$or":
            _require(isinstance(part, list) and bool(part), "$or takes a list of patterns")
            for alternative in part:
                check_pattern(alternative)
        elif isinstance(part, list):
            _require(bool(part), f"The rules of {name} are empty")
            for rule in part:
                _check_rule(rule)
        else:
            _require(isinstance(part, dict) and bool(part), f"{name} takes a list of rules, or an object of fields")
            check_pattern(part)


def _check_rule(rule: Any) -> None:
    """A value that the field may have, or an object of one operator."""
    _require(not isinstance(rule, list), f"A rule is a value or an operator, not {rule!r}")
    if isinstance(rule, dict):
        _require(len(rule) == 1, f"A rule has one operator: {rule!r}")
        [(operator, operand)] = rule.items()
        _require(operator in _OPERANDS, f"There is no operator {operator}")
        _require(_OPERANDS[operator](operand), f"{operator} does not take {operand!r}")


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


def _is_text(operand: Any) -> bool:
    return isinstance(operand, str)


def _is_number(operand: Any) -> bool:
    return isinstance(operand, int | float) and not isinstance(operand, bool)


def _is_text_in_any_case(operand: Any) -> bool:
    if isinstance(operand, dict):
        return operand.keys() == {"equals-ignore-case"} and _is_text(operand["equals-ignore-case"])
    return _is_text(operand)


def _is_excluded(operand: Any) -> bool:
    """What anything-but takes: a text, a number, a list of them, or an operator on text."""
    if isinstance(operand, dict):
        names = ("prefix", "suffix", "equals-ignore-case", "wildcard")
        return len(operand) == 1 and all(name in names and _OPERANDS[name](inner) for name, inner in operand.items())
    values = operand if isinstance(operand, list) else [operand]
    return bool(values) and all(_is_text(each) or _is_number(each) for each in values)


def _is_range(operand: Any) -> bool:
    """What numeric takes: one comparison, or a lower and then an upper bound."""
    if not isinstance(operand, list) or len(operand) not in {2, 4}:
        return False
    signs, bounds = operand[::2], operand[1::2]
    in_order = len(signs) == 1 or (signs[0] in (">", ">=") and signs[1] in ("<", "<="))
    return in_order and all(sign in COMPARISONS for sign in signs) and all(map(_is_number, bounds))


def _is_network(operand: Any) -> bool:
    if not _is_text(operand):
        return False
    try:
        ipaddress.ip_network(operand, strict=False)
    except ValueError:
        return False
    return True


_OPERANDS: dict[str, Callable[[Any], bool]] = {
    "exists": lambda operand: isinstance(operand, bool),
    "prefix": _is_text_in_any_case,
    "suffix": _is_text_in_any_case,
    "equals-ignore-case": _is_text,
    "wildcard": _is_text,
    "anything-but": _is_excluded,
    "numeric": _is_range,
    "cidr": _is_network,
}

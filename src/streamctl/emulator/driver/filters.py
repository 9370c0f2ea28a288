"""Lambda's event filter: which records reach the function at all.

MiniStack's own matcher lacks case-insensitive equality, wildcards, addresses and `$or`, takes `true` for 1, and lets
everything pass when a pattern cannot be read; so the documented operators are written out here.
"""

from __future__ import annotations

import base64
import ipaddress
import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from streamctl.emulator.driver.filter_patterns import check_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from streamctl.emulator.driver.records import Record

MISSING = object()


@dataclass(frozen=True)
class Filter:
    """A record passes when one of the patterns matches, or when there are none.

    A pattern on `data` matches no record whose data is not JSON.
    """

    patterns: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, criteria: Mapping[str, Any] | None) -> Filter:
        """From a mapping's FilterCriteria. One that Lambda would not take raises ValueError."""
        try:
            filters: Sequence[Mapping[str, str]] = (criteria or {}).get("Filters") or []
            patterns = tuple(json.loads(each.get("Pattern", "{}")) for each in filters)
            for pattern in patterns:
                check_pattern(pattern)
        except (TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"The filter cannot be read: {error}") from error
        return cls(patterns)

    def passes(self, record: Record) -> bool:
        if not self.patterns:
            return True
        fields = _fields(record)
        return any(matches(pattern, fields) for pattern in self.patterns if "data" in fields or "data" not in pattern)


def matches(pattern: Any, value: Any) -> bool:
    """Whether a value satisfies a pattern: an object names fields that all must match, a list says what is allowed.

    A rule is about a leaf: where an object stands, such as the `{"S": …}` of an attribute in a table, there is none.
    """
    if isinstance(pattern, dict):
        if isinstance(value, list):
            return any(matches(pattern, each) for each in value)
        fields = value if isinstance(value, dict) else {}
        return all(_matches_field(name, part, fields) for name, part in pattern.items())
    if isinstance(pattern, list):
        values = value if isinstance(value, list) else [value]
        leaves = [MISSING if isinstance(each, dict) else each for each in values or [MISSING]]
        return any(_allowed(rule, each) for rule in pattern for each in leaves)
    return False


def _matches_field(name: str, pattern: Any, fields: Mapping[str, Any]) -> bool:
    if name == "$or":
        return any(matches(alternative, fields) for alternative in pattern)
    return matches(pattern, fields.get(name, MISSING))


def _allowed(rule: Any, value: Any) -> bool:
    if isinstance(rule, dict):
        [(name, operand)] = rule.items()
        return _OPERATORS[name](operand, value)
    return _equal(rule, value)


def _equal(left: Any, right: Any) -> bool:
    return left == right and isinstance(left, bool) == isinstance(right, bool)  # Python takes True for 1


def _anything_but(operand: Any, value: Any) -> bool:
    if value is MISSING:
        return False
    if isinstance(operand, dict):
        return not _allowed(operand, value)
    return not any(_equal(each, value) for each in (operand if isinstance(operand, list) else [operand]))


def _numeric(operand: Sequence[Any], value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return all(_COMPARISONS[sign](value, bound) for sign, bound in zip(operand[::2], operand[1::2], strict=True))


def _in_network(operand: str, value: Any) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(operand, strict=False)
    except ValueError:
        return False


def _affix(test: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    def check(operand: Any, value: Any) -> bool:
        if not isinstance(value, str):
            return False
        if isinstance(operand, dict):
            return test(value.lower(), str(operand["equals-ignore-case"]).lower())
        return test(value, operand)

    return check


_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "=": lambda value, bound: value == bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "exists": lambda operand, value: operand is (value is not MISSING),
    "prefix": _affix(str.startswith),
    "suffix": _affix(str.endswith),
    "equals-ignore-case": _affix(lambda value, operand: value.lower() == operand.lower()),
    "wildcard": _affix(lambda value, operand: fnmatchcase(value, operand.replace("[", "[[]").replace("?", "[?]"))),
    "anything-but": _anything_but,
    "numeric": _numeric,
    "cidr": _in_network,
}


def _fields(record: Record) -> dict[str, Any]:
    """What a pattern sees: of a change in a table all that the function would; of a record of a Kinesis stream its
    metadata, and `data` when it is JSON.
    """
    element: dict[str, Any] = json.loads(record.event)
    if "kinesis" not in element:
        return element
    fields: dict[str, Any] = {**element["kinesis"], **{k: v for k, v in element.items() if k != "kinesis"}}
    try:
        fields["data"] = json.loads(base64.b64decode(fields["data"]))
    except ValueError:
        del fields["data"]
    return fields

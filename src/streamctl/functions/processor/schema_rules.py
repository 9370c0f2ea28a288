"""The rules of a JSON Schema: from what stands in it to a function that tells what is wrong with a value."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from .fields import json_text
from .schema_values import TYPES, identity, is_integer, is_multiple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sized

    Check = Callable[[Any], "Breach | None"]
    Maker = Callable[["Reader", Any, dict[str, Any], str], Check]
    """From the limit that the rule names, the schema it stands in, and its place."""

LONGEST_LIMIT_CHARACTERS = 60
ANY_NAME = "*"
"""Stands for a name that the event chose, and the schema does not say."""


class SchemaError(ValueError):
    """The schema itself is wrong, at a place in it: `#/properties/value`."""

    def __init__(self, place: str, what: str) -> None:
        super().__init__(f"at {place}: {what}")


class Breach(NamedTuple):
    """What is wrong with a value."""

    rule: str
    limit: Any
    steps: tuple[str, ...] = ()
    """From the value inwards."""

    def within(self, step: str) -> Breach:
        return self._replace(steps=(step, *self.steps))

    def __str__(self) -> str:
        where = "".join(self.steps).removeprefix(".") or "the event"
        told = f"{where} breaks the rule {self.rule}"
        limit = json.dumps(self.limit) if isinstance(self.limit, str) else json_text(self.limit)
        return told if self.limit is None or len(limit) > LONGEST_LIMIT_CHARACTERS else f"{told} {limit}"


class Reader(Protocol):
    """Reads the schemas within a rule; the string is their place."""

    def check(self, schema: Any, place: str) -> Check: ...
    def checks(self, schemas: Any, place: str) -> list[Check]: ...
    def named(self, schemas: Any, place: str) -> dict[str, Check]: ...
    def referred(self, reference: Any, place: str) -> Check: ...


def anything(_value: Any) -> None:
    return None


def nothing(_value: Any) -> Breach:
    return Breach("false", None)


def all_together(checks: list[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]

    def check(value: Any) -> Breach | None:
        for each in checks:
            breach = each(value)
            if breach:
                return breach
        return None

    return check


def _unless(is_fit: Callable[[Any], bool], rule: str, limit: Any) -> Check:
    breach = Breach(rule, limit)
    return lambda value: None if is_fit(value) else breach


# What makes the checks, by rule.


def _type(_reader: Reader, limit: Any, _schema: dict[str, Any], place: str) -> Check:
    names = limit if isinstance(limit, list) else [limit]
    if not names or not all(isinstance(name, str) and name in TYPES for name in names):
        raise SchemaError(place, f"it must be of {', '.join(TYPES)}")
    fits = [TYPES[name] for name in names]
    return _unless(fits[0] if len(fits) == 1 else lambda value: any(fit(value) for fit in fits), "type", limit)


def _enum(_reader: Reader, limit: Any, _schema: dict[str, Any], place: str) -> Check:
    if not isinstance(limit, list):
        raise SchemaError(place, "it must be a list of values")
    allowed = {identity(value) for value in limit}
    return _unless(lambda value: identity(value) in allowed, "enum", limit)


def _const(_reader: Reader, limit: Any, _schema: dict[str, Any], _place: str) -> Check:
    wanted = identity(limit)
    return _unless(lambda value: bool(identity(value) == wanted), "const", limit)


def _of_numbers(rule: str, is_fit: Callable[[Decimal, Decimal], bool]) -> Maker:
    def make(_reader: Reader, limit: Any, _schema: dict[str, Any], place: str) -> Check:
        if not isinstance(limit, Decimal) or (rule == "multipleOf" and limit <= 0):
            raise SchemaError(place, "it must be a number" + (" above 0" if rule == "multipleOf" else ""))
        return _unless(lambda value: not isinstance(value, Decimal) or is_fit(value, limit), rule, limit)

    return make


def _of_size(rule: str, kind: type[Sized], *, most: bool) -> Maker:
    """A rule about how long a text, a list or an object is."""

    def make(_reader: Reader, limit: Any, _schema: dict[str, Any], place: str) -> Check:
        size = _size(limit, place)
        if most:
            return _unless(lambda value: not isinstance(value, kind) or len(value) <= size, rule, limit)
        return _unless(lambda value: not isinstance(value, kind) or len(value) >= size, rule, limit)

    return make


def _size(limit: Any, place: str) -> int:
    if not is_integer(limit) or not 0 <= limit <= 2**53:
        raise SchemaError(place, "it must be a whole number, 0 or more")
    return int(limit)


def _pattern(_reader: Reader, limit: Any, _schema: dict[str, Any], place: str) -> Check:
    found = _expression(limit, place).search
    return _unless(lambda value: not isinstance(value, str) or found(value) is not None, "pattern", limit)


def _expression(pattern: Any, place: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except (re.error, TypeError, OverflowError) as error:
        raise SchemaError(place, f"it is no regular expression: {error}") from None


def _unique_items(_reader: Reader, limit: Any, _schema: dict[str, Any], place: str) -> Check:
    if not isinstance(limit, bool):
        raise SchemaError(place, "it must be true or false")
    return _unless(
        lambda value: not (limit and isinstance(value, list)) or len(set(map(identity, value))) == len(value),
        "uniqueItems",
        limit,
    )


def _items(reader: Reader, limit: Any, schema: dict[str, Any], place: str) -> Check:
    """`items`, for all that `prefixItems` leaves; as a list it is what `prefixItems` is now."""
    if isinstance(limit, list):
        rest = schema.get("additionalItems", True)
        return _listed(reader.checks(limit, place), reader.check(rest, f"{place[:-5]}additionalItems"))
    first = schema.get("prefixItems", [])
    return _listed([anything] * (len(first) if isinstance(first, list) else 0), reader.check(limit, place))


def _prefix_items(reader: Reader, limit: Any, _schema: dict[str, Any], place: str) -> Check:
    return _listed(reader.checks(limit, place), anything)


def _listed(first: list[Check], rest: Check) -> Check:
    def check(value: Any) -> Breach | None:
        if isinstance(value, list):
            for place, inner in enumerate(value):
                breach = (first[place] if place < len(first) else rest)(inner)
                if breach:
                    return breach.within(f"[{place}]")
        return None

    return check


def _contains(reader: Reader, limit: Any, schema: dict[str, Any], place: str) -> Check:
    inner = reader.check(limit, place)
    least = _size(schema.get("minContains", Decimal(1)), place)
    most = _size(schema.get("maxContains", Decimal(2**53)), place)
    return _unless(
        lambda value: not isinstance(value, list) or least <= sum(inner(each) is None for each in value) <= most,
        "contains",
        None,
    )


def _properties(reader: Reader, limit: Any, _schema: dict[str, Any], place: str) -> Check:
    checks = [(name, f".{name}", check) for name, check in reader.named(limit, place).items()]

    def check(value: Any) -> Breach | None:
        if isinstance(value, dict):
            for name, step, inner in checks:
                breach = inner(value[name]) if name in value else None
                if breach:
                    return breach.within(step)
        return None

    return check


def _others(chosen: Callable[[dict[str, Any]], Iterable[Any]], inner: Check) -> Check:
    """A check of values whose names the event chose."""

    def check(value: Any) -> Breach | None:
        if isinstance(value, dict):
            for each in chosen(value):
                breach = inner(each)
                if breach:
                    return breach.within(f".{ANY_NAME}")
        return None

    return check


def _pattern_properties(reader: Reader, limit: Any, _schema: dict[str, Any], place: str) -> Check:
    made = [(_expression(pattern, place), check) for pattern, check in reader.named(limit, place).items()]

    def of(expression: re.Pattern[str], inner: Check) -> Check:
        return _others(lambda value: (each for name, each in value.items() if expression.search(name)), inner)

    return all_together([of(expression, check) for expression, check in made])


def _additional_properties(reader: Reader, limit: Any, schema: dict[str, Any], place: str) -> Check:
    named, patterned = schema.get("properties", {}), schema.get("patternProperties", {})
    if not (isinstance(named, dict) and isinstance(patterned, dict)):
        raise SchemaError(place, "properties and patternProperties beside it must be objects of schemas")
    patterns = [_expression(pattern, place) for pattern in patterned]

    def others(value: dict[str, Any]) -> Iterable[Any]:
        return (
            each
            for name, each in value.items()
            if name not in named and not any(pattern.search(name) for pattern in patterns)
        )

    if limit is False:
        return _unless(
            lambda value: not isinstance(value, dict) or not any(True for _ in others(value)),
            "additionalProperties",
            False,
        )
    return _others(others, reader.check(limit, place))


def _property_names(reader: Reader, limit: Any, _schema: dict[str, Any], place: str) -> Check:
    return _others(lambda value: value, reader.check(limit, place))


def _required(_reader: Reader, limit: Any, _schema: dict[str, Any], place: str) -> Check:
    breaches = [(name, Breach("required", name)) for name in _names(limit, place)]

    def check(value: Any) -> Breach | None:
        if isinstance(value, dict):
            for name, breach in breaches:
                if name not in value:
                    return breach
        return None

    return check


def _names(limit: Any, place: str) -> list[str]:
    if not isinstance(limit, list) or not all(isinstance(name, str) for name in limit):
        raise SchemaError(place, "it must be a list of names")
    return limit


def _dependencies(reader: Reader, limit: Any, schema: dict[str, Any], place: str) -> Check:
    """`dependentRequired`, `dependentSchemas`, and `dependencies`, which was both."""
    if not isinstance(limit, dict):
        raise SchemaError(place, "it must be an object")
    made = {
        name: _required(reader, each, schema, place) if isinstance(each, list) else reader.check(each, place)
        for name, each in limit.items()
    }

    def check(value: Any) -> Breach | None:
        if isinstance(value, dict):
            for name, inner in made.items():
                breach = inner(value) if name in value else None
                if breach:
                    return breach
        return None

    return check


def _all_of(reader: Reader, limit: Any, _schema: dict[str, Any], place: str) -> Check:
    return all_together(reader.checks(limit, place))


def _any_of(reader: Reader, limit: Any, _schema: dict[str, Any], place: str) -> Check:
    checks = reader.checks(limit, place)
    return _unless(lambda value: any(check(value) is None for check in checks), "anyOf", None)


def _one_of(reader: Reader, limit: Any, _schema: dict[str, Any], place: str) -> Check:
    checks = reader.checks(limit, place)
    return _unless(lambda value: sum(check(value) is None for check in checks) == 1, "oneOf", None)


def _not(reader: Reader, limit: Any, _schema: dict[str, Any], place: str) -> Check:
    inner = reader.check(limit, place)
    return _unless(lambda value: inner(value) is not None, "not", None)


def _if(reader: Reader, limit: Any, schema: dict[str, Any], place: str) -> Check:
    condition = reader.check(limit, place)
    then, otherwise = (reader.check(schema.get(name, True), f"{place[:-2]}{name}") for name in ("then", "else"))
    return lambda value: (otherwise if condition(value) else then)(value)


def _reference(reader: Reader, limit: Any, _schema: dict[str, Any], place: str) -> Check:
    return reader.referred(limit, place)


RULES: dict[str, Maker] = {
    "$ref": _reference,
    "type": _type,
    "enum": _enum,
    "const": _const,
    "minimum": _of_numbers("minimum", lambda value, limit: value >= limit),
    "maximum": _of_numbers("maximum", lambda value, limit: value <= limit),
    "exclusiveMinimum": _of_numbers("exclusiveMinimum", lambda value, limit: value > limit),
    "exclusiveMaximum": _of_numbers("exclusiveMaximum", lambda value, limit: value < limit),
    "multipleOf": _of_numbers("multipleOf", is_multiple),
    "minLength": _of_size("minLength", str, most=False),
    "maxLength": _of_size("maxLength", str, most=True),
    "pattern": _pattern,
    "minItems": _of_size("minItems", list, most=False),
    "maxItems": _of_size("maxItems", list, most=True),
    "uniqueItems": _unique_items,
    "items": _items,
    "prefixItems": _prefix_items,
    "contains": _contains,
    "minProperties": _of_size("minProperties", dict, most=False),
    "maxProperties": _of_size("maxProperties", dict, most=True),
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "propertyNames": _property_names,
    "required": _required,
    "dependentRequired": _dependencies,
    "dependentSchemas": _dependencies,
    "dependencies": _dependencies,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
}

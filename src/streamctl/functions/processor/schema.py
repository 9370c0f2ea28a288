"""JSON Schema over exact numbers: which rule an event breaks, and where, without a word of what is in it.

Our own, since libraries that need nothing compiled take no Decimal for an integer, or compare it as a float, and quote
what they refuse. The rules are those of draft 2020-12, and of 2019-09, 7 and 6 where they read differently (`items` as
a list, `dependencies`, `definitions`); `format` and the like are remarks, as the standard has it, and patterns are
Python's. What is not known here is refused when the schema is read, so that no rule is left out in silence: references
to anywhere else, `$dynamicRef`, `unevaluated…`, misspelt ones. Names that begin with `x-` are free.

A schema is compiled to functions; each says what is wrong with a value, or None.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .schema_rules import RULES, SchemaError, all_together, anything, nothing

if TYPE_CHECKING:
    from .schema_rules import Check

DRAFTS = ("draft/2020-12/", "draft/2019-09/", "draft-07/", "draft-06/")
REMARKS = frozenset(
    {
        *("$schema", "$comment", "$defs", "definitions", "title", "description", "default", "examples", "deprecated"),
        *("readOnly", "writeOnly", "format", "contentEncoding", "contentMediaType", "contentSchema"),
        *("then", "else", "minContains", "maxContains", "additionalItems"),  # read with the rule that they belong to
    }
)


class Schema:
    """Raises SchemaError where it is not one, or has a rule that is not known here."""

    def __init__(self, text: str) -> None:
        try:
            root = json.loads(text, parse_float=Decimal, parse_int=Decimal)
        except (ValueError, ArithmeticError) as error:
            raise SchemaError("#", f"it is not JSON: {error}") from None
        try:
            reader = DocumentReader(root)
            self.breach: Check = reader.check(root, "#")
            """What is wrong with a value, or None."""
            for check in (self.breach, *reader.references.values()):
                check({})  # what refers to itself, and to nothing else, comes to no end
        except RecursionError:
            raise SchemaError("#", "it goes round in circles, or is nested too deep") from None


class DocumentReader:
    """Makes the checks of one document."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self.references: dict[str, Check] = {}
        """What is referred to."""
        draft = root.get("$schema") if isinstance(root, dict) else None
        if draft is not None and not any(each in str(draft) for each in DRAFTS):
            raise SchemaError("#/$schema", "not one of the drafts 2020-12, 2019-09, 7 and 6")

    def check(self, schema: Any, place: str) -> Check:
        """The check of a schema that stands at a place of the document."""
        if isinstance(schema, bool):
            return anything if schema else nothing
        if not isinstance(schema, dict):
            raise SchemaError(place, "a schema is an object, true or false")
        checks = []
        for rule, limit in schema.items():
            make = RULES.get(rule)
            if make:
                checks.append(make(self, limit, schema, f"{place}/{rule}"))
            elif not (rule in REMARKS or rule.startswith("x-") or (rule == "$id" and place == "#")):
                raise SchemaError(place, f"the rule {rule} is not known here")
        return all_together(checks)

    def checks(self, schemas: Any, place: str) -> list[Check]:
        """Those of a list of schemas."""
        if not isinstance(schemas, list) or not schemas:
            raise SchemaError(place, "it must be a list of schemas")
        return [self.check(schema, f"{place}/{number}") for number, schema in enumerate(schemas)]

    def named(self, schemas: Any, place: str) -> dict[str, Check]:
        """Those of an object of schemas."""
        if not isinstance(schemas, dict):
            raise SchemaError(place, "it must be an object of schemas")
        return {name: self.check(schema, f"{place}/{name}") for name, schema in schemas.items()}

    def referred(self, reference: Any, place: str) -> Check:
        """What `#/…` refers to, which may be what is being read just now."""
        if not isinstance(reference, str) or not re.fullmatch(r"#(/.*)?", reference):
            raise SchemaError(place, "only what stands in the same file can be referred to, as #/$defs/name")
        if reference not in self.references:
            self.references[reference] = lambda value: self.references[reference](value)
            self.references[reference] = self.check(self._found(reference, place), reference)
        return lambda value: self.references[reference](value)

    def _found(self, reference: str, place: str) -> Any:
        from urllib.parse import unquote

        found = self._root
        for step in reference.split("/")[1:]:
            name = unquote(step).replace("~1", "/").replace("~0", "~")
            try:
                found = found[int(name)] if isinstance(found, list) else found[name]
            except (KeyError, ValueError, IndexError, TypeError):
                raise SchemaError(place, f"there is no {reference}") from None
        return found

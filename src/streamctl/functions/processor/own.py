"""What the owner of a pipeline adds to its processor: a function that makes the metrics, a schema, event types.

It is shipped in the package `own_processor`, beside this one, whose `__init__.py` streamctl writes: PROCESSOR is the
module with the function `process`, or None; SCHEMA the text of a JSON Schema, or None; EVENT_TYPES the types that are
counted by their names. Without the package the recipe's mapping holds. A module that cannot be imported fails the
batch, so that it is delivered again: nothing in it may be judged by other rules than its owner's.

    process(event) -> metrics

`event` is what decoding made of the payload: `str`, `Decimal`, `bool`, `None`, `dict`, `list`, with the marker in place
of what is redacted; it is a copy. The answer is a mapping, or None where there are no metrics. ValueError says that the
event is not to be stored; anything else that is raised is a mistake in the function. Both set the record aside.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..aws.attribute_values import DEEPEST_LEVEL, LONGEST_NAME_BYTES, storable_text, text_bytes
from . import outcomes
from .item import recipe_metrics
from .metrics import EVENT_TYPES
from .outcomes import RejectedError
from .redaction import KEEP_ALL, Redaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from .fields import Event
    from .schema import Schema

PACKAGE = "own_processor"
CANARY_TYPE, CANARY_ID = "canary", "canary-"
"""The type, and how the id begins, of the event by which `up` sees the pipeline work: no rule but ours is for it."""


class Own:
    """What is added to the processor; without anything, it is the recipe's."""

    def __init__(
        self,
        process: Callable[[Event], Any] | None = None,
        *,
        schema: Schema | None = None,
        event_types: frozenset[str] = EVENT_TYPES,
        redaction: Redaction = KEEP_ALL,
    ) -> None:
        self.process = process
        self.event_types = event_types
        self._schema = schema
        self._shows_words = redaction.keeps_all

    @classmethod
    def shipped(cls, redaction: Redaction = KEEP_ALL) -> Own:
        """What lies beside this package. Raises whatever the owner's module raises while it is imported."""
        from importlib import import_module

        try:
            added = import_module(PACKAGE)
        except ModuleNotFoundError as error:
            if error.name != PACKAGE:
                raise
            return cls(redaction=redaction)
        process = import_module(f"{PACKAGE}.{added.PROCESSOR}").process if added.PROCESSOR else None
        schema = import_module(f"{__package__}.schema").Schema(added.SCHEMA) if added.SCHEMA else None
        return cls(process, schema=schema, event_types=frozenset(added.EVENT_TYPES), redaction=redaction)

    @property
    def may_be_slow(self) -> bool:
        """Nobody knows how long an event takes."""
        return self.process is not None

    def check(self, event: Event) -> None:
        """Hold an event, as it was sent, against the schema. Raises RejectedError."""
        breach = None if self._schema is None or _is_canary(event) else self._schema.breach(event)
        if breach:
            raise RejectedError(outcomes.SCHEMA_MISMATCH, f"By the schema: {breach}.")

    def metrics(self, event_type: str, event: Event) -> dict[str, Any]:
        """The metrics of an event. Raises RejectedError."""
        if self.process is None or _is_canary(event):
            return recipe_metrics(event_type, event)
        given = _copied(event)
        try:
            answer = self.process(given)
        except ValueError as error:
            raise RejectedError(outcomes.PROCESSOR_REFUSED, self._told(error)) from error
        except BaseException as error:  # SystemExit, asyncio's CancelledError: they concern this record, too
            raise RejectedError(outcomes.PROCESSOR_ERROR, self._told(error)) from error
        try:
            return {} if answer is None else _storable(answer)
        except UnfitError as error:
            where = error.where if self._shows_words else "a place"
            detail = f"What `process` returned cannot be stored: {where} {error.what}."
            raise RejectedError(outcomes.PROCESSOR_ERROR, detail) from None

    def _told(self, error: BaseException) -> str:
        """Type, place in the owner's code, and words; these might quote what must not be shown."""
        said = f"{type(error).__name__}{_line(error)}"
        if not self._shows_words:
            return f"{said}. Its words are left out, since the pipeline redacts."
        try:
            words = str(error)
        except Exception:  # its __str__ is the owner's, too
            words = ""
        return f"{said}: {words}" if words else f"{said}."


def _is_canary(event: Event) -> bool:
    return event.get("eventType") == CANARY_TYPE and str(event.get("eventId")).startswith(CANARY_ID)


class UnfitError(Exception):
    """A value that an item cannot hold: where it is, and what is wrong with it."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where} {what}")
        self.where = where
        self.what = what


def _storable(answer: Any) -> dict[str, Any]:
    """What `process` answered, as an item can hold it. Raises UnfitError."""
    if not isinstance(answer, Mapping):
        raise UnfitError("metrics", f"are {_a(answer)}, not a mapping")
    return {_name(name, "metrics"): _plain(value, str(name), 2) for name, value in answer.items()}


def _copied(value: Any) -> Any:
    """So that nothing the owner's code does to an event changes what else is stored of it."""
    if isinstance(value, dict):
        return {name: _copied(inner) for name, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value


def _plain(value: Any, where: str, level: int) -> Any:
    """The value as `attribute_value` takes it; a float as the shortest digits that mean it. Raises UnfitError."""
    if level > DEEPEST_LEVEL:
        raise UnfitError(where, f"is nested deeper than {DEEPEST_LEVEL} levels")
    match value:
        case None | bool() | str():
            return value
        case int() | float() | Decimal():
            return _number(value, where)
        case Mapping():
            return {_name(name, where): _plain(inner, f"{where}.{name}", level + 1) for name, inner in value.items()}
        case list() | tuple():
            return [_plain(inner, f"{where}[{place}]", level + 1) for place, inner in enumerate(value)]
    raise UnfitError(where, f"is {_a(value)}")


def _number(value: float | Decimal, where: str) -> Decimal:
    number = Decimal(float.__repr__(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise UnfitError(where, f"is {number}, which is no number to DynamoDB")
    return number


def _name(name: Any, where: str) -> str:
    if not isinstance(name, str):
        raise UnfitError(where, f"has {_a(name)} for a name, not text")
    if not 0 < text_bytes(storable_text(name)) <= LONGEST_NAME_BYTES:
        raise UnfitError(where, "has a name that is empty or too long")
    return name


def _a(value: Any) -> str:
    name = type(value).__name__
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def _line(error: BaseException) -> str:
    """The last line of the owner's own code that the error went through."""
    import traceback

    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        _, found, file = frame.filename.replace("\\", "/").rpartition(f"/{PACKAGE}/")
        if found:
            return f" in {file}, line {frame.lineno}"
    return ""

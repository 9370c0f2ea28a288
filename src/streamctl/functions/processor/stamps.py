"""What features put on every item beside what its event says: until when it is kept, and which batch it came with.

The environment says which. Without any of it, items are as the recipe has them.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ..aws.attribute_values import Encoded, text_value, whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .record import Record

EXPIRY_ATTRIBUTE, EXPIRY_SECONDS, TRACE_ITEMS = "EXPIRY_ATTRIBUTE", "EXPIRY_SECONDS", "TRACE_ITEMS"
"""The variables. The first two belong together; the third is `1`, or not there."""
TRACE_HEADER = "_X_AMZN_TRACE_ID"
"""Lambda sets it anew for every invocation: `Root=1-…;Parent=…;Sampled=1`."""
TRACE_ID, SAMPLED, REQUEST_ID, PLACE = "traceId", "traceSampled", "requestId", "streamPlace"
"""The attributes of a traced item."""


class Invoked(Protocol):
    """What is used of Lambda's context."""

    @property
    def aws_request_id(self) -> str: ...


class Stamp(NamedTuple):
    """What one batch puts on its items."""

    batch: Mapping[str, Encoded]
    """The same on each."""
    expiry_attribute: str
    expiry_seconds: int
    with_place: bool

    def of(self, record: Record) -> dict[str, Encoded]:
        """The attributes for the item of this record.

        An item expires so long after its record arrived, by AWS's clock: delivered again it gets the same stamp, and an
        event that is late, or of a clock that is wrong, is kept as long as any other.
        """
        found = dict(self.batch)
        if self.expiry_attribute:
            found[self.expiry_attribute] = whole_number(record.arrived_at_ms // 1000 + self.expiry_seconds)
        if self.with_place:
            found[PLACE] = text_value(record.place)
        return found


NO_STAMP = Stamp({}, "", 0, with_place=False)


class Stamps(NamedTuple):
    """What is put on the items of a function."""

    expiry_attribute: str = ""
    expiry_seconds: int = 0
    traced: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Stamps:
        """Raises ValueError where only half is said: rather nothing is stored than what is kept for ever."""
        attribute, seconds = environment.get(EXPIRY_ATTRIBUTE, ""), int(environment.get(EXPIRY_SECONDS, "0"))
        if bool(attribute) != (seconds > 0):
            raise ValueError(f"{EXPIRY_ATTRIBUTE} and {EXPIRY_SECONDS} do not fit together")
        return cls(attribute, seconds, environment.get(TRACE_ITEMS) == "1")

    @property
    def of_mark(self) -> Stamp:
        """What a mark of a record set aside gets: when it expires. It is no item, so nothing traces it."""
        return Stamp({}, self.expiry_attribute, self.expiry_seconds, with_place=False)

    def of_batch(self, context: Invoked, environment: Mapping[str, str] = os.environ) -> Stamp:
        """What the batch at hand puts on its items."""
        batch = _batch(context, environment.get(TRACE_HEADER, "")) if self.traced else {}
        return Stamp(batch, self.expiry_attribute, self.expiry_seconds, self.traced)


NO_STAMPS = Stamps()


def _batch(context: Invoked, header: str) -> dict[str, Encoded]:
    """One invocation has one trace, so all items of a batch have the same; X-Ray keeps it only where it is sampled."""
    parts = dict(part.split("=", 1) for part in header.split(";") if "=" in part)
    trace = {}
    if "Root" in parts:
        trace = {TRACE_ID: text_value(parts["Root"]), SAMPLED: _TRUTH[parts.get("Sampled") == "1"]}
    return {REQUEST_ID: text_value(context.aws_request_id), **trace}


_TRUTH: dict[bool, Encoded] = {True: ('{"BOOL":true}', 1), False: ('{"BOOL":false}', 1)}

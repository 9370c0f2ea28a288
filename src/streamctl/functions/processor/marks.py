"""A mark in the table for each record that is set aside, where somebody counts them there: the anomaly detector.

Its key is the record's place, so that a record delivered again is marked once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..aws.attribute_values import named_values, text_value, whole_number
from .item import Item
from .outcomes import Failure, Rejection
from .stamps import NO_STAMP, Stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..aws.retrying import Retry
    from .record import Record
    from .rejected import Rejected
    from .table import Table

MARK_REJECTED = "MARK_REJECTED"
"""The variable that turns marks on."""
ID_PREFIX = "rejected:"


class MarkedRejected:
    """Marks records in `table` and then has them set aside; what cannot be marked now is delivered again.

    Marks are `stamp`ed as items are: they expire where items do.
    """

    def __init__(self, rejected: Rejected, table: Table, stamp: Stamp = NO_STAMP) -> None:
        self._rejected = rejected
        self._table = table
        self._stamp = stamp

    def send(self, rejections: Mapping[int, tuple[Record, Rejection]], retry: Retry) -> dict[int, Failure]:
        """The positions that could not be set aside, and why."""
        marks = {position: mark(*rejection, self._stamp) for position, rejection in rejections.items()}
        unwritten = self._table.write({each.key: each for each in marks.values()}.values(), retry)
        failed = {position: _failure(unwritten[each.key]) for position, each in marks.items() if each.key in unwritten}
        marked = {position: each for position, each in rejections.items() if position not in failed}
        return {**self._rejected.send(marked, retry), **failed}


def _failure(end: Rejection | Failure) -> Failure:
    return end if isinstance(end, Failure) else Failure(end.reason)


def mark(record: Record, rejection: Rejection, stamp: Stamp = NO_STAMP) -> Item:
    """The item: where the record was, when it arrived, and why it is not stored."""
    event_id, seconds = f"{ID_PREFIX}{record.place}", record.arrived_at_ms // 1000
    attributes, size = named_values(
        {
            "eventId": text_value(event_id),
            "timestamp": whole_number(seconds),
            "eventType": text_value("rejected"),
            "rejected": text_value(rejection.reason),
            "arrivedAtMs": whole_number(record.arrived_at_ms),
            **stamp.of(record),
        }
    )
    return Item((event_id, str(seconds)), attributes.encode(), size, "rejected", "", None)

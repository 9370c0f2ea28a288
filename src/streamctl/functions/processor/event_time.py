"""The time an event says of itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A bare number is taken for a time only where it lies in this range; seconds and milliseconds cannot be confused.
EARLIEST_SECONDS = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())
LATEST_SECONDS = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())


def epoch_seconds(value: Any) -> int | None:
    """Whole epoch seconds, rounded down, or None where the value tells no time.

    ISO 8601 is taken at its word, without a zone as UTC. A number, also one written as a string of digits, is epoch
    seconds or milliseconds between the years 2000 and 2100.
    """
    if isinstance(value, Decimal):
        return _from_number(value)
    if not isinstance(value, str):
        return None
    if value.isascii() and value.isdigit():
        return _from_number(Decimal(value))
    return _from_iso(value)


def _from_number(number: Decimal) -> int | None:
    if EARLIEST_SECONDS <= number < LATEST_SECONDS:
        return int(number)
    if EARLIEST_SECONDS * 1000 <= number < LATEST_SECONDS * 1000:
        return int(number) // 1000
    return None


def _from_iso(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // timedelta(seconds=1)

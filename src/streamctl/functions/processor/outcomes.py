"""How a record can end: stored (its Item), set aside for good (Rejection), or delivered again later (Failure)."""

from __future__ import annotations

from typing import NamedTuple

EMPTY = "empty"
NOT_UTF8 = "not_utf8"
NOT_JSON = "not_json"
NOT_AN_OBJECT = "not_an_object"
GZIP = "gzip"
KPL_AGGREGATE = "kpl_aggregate"
NESTED_TOO_DEEP = "nested_too_deep"
UNUSABLE_KEY = "unusable_key"
TOO_LARGE = "too_large"
REFUSED_BY_DYNAMODB = "refused_by_dynamodb"
PROCESSOR_ERROR = "processor_error"
PROCESSOR_REFUSED = "processor_refused"
SCHEMA_MISMATCH = "schema_mismatch"
OWN_RULES = frozenset({PROCESSOR_REFUSED, SCHEMA_MISMATCH})
"""The pipeline's owner does not want the record; nothing else is wrong with it."""


class RejectedError(Exception):
    """This record can never be stored; `reason` is one of the codes above, `detail` a sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Rejection(NamedTuple):
    """The record can never be stored: it goes to the queue."""

    reason: str
    detail: str
    event_id: str | None = None


class Failure(NamedTuple):
    """The record could not be stored or set aside now: Lambda delivers it again."""

    why: str

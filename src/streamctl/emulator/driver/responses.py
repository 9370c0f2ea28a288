"""What an invocation's answer says about the batch, in Lambda's words for partial batch responses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamctl.emulator.driver.records import Record


@dataclass(frozen=True)
class Answer:
    """What came back. `invoked` is false when the function never ran (throttled, no answer): that costs no retry."""

    invoked: bool = True
    payload: bytes = b"null"
    request_id: str = ""
    status_code: int = 200
    executed_version: str = "$LATEST"
    function_error: str | None = None


def first_unfinished(answer: Answer, records: Sequence[Record], *, partial: bool) -> int:
    """The index of the first record that must be delivered again; `len(records)` when all are done.

    With `partial` (ReportBatchItemFailures) the lowest returned sequence number is the checkpoint. An empty answer is
    success; one that cannot be understood, or names a record that was not in the batch, is failure of the whole batch.
    """
    if answer.function_error:
        return 0
    if not partial:
        return len(records)
    positions = {record.sequence_number: index for index, record in enumerate(records)}
    try:
        return min((positions[each] for each in _identifiers(answer.payload)), default=len(records))
    except (ValueError, TypeError, KeyError, AttributeError):
        return 0


def _identifiers(payload: bytes) -> list[Any]:
    """The identifiers of a response that has the documented shape; anything else raises."""
    response = json.loads(payload or b"null")
    if response is None:
        return []
    return [failure["itemIdentifier"] for failure in response.get("batchItemFailures") or []]

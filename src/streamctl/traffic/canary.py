"""A record sent through the whole pipeline to prove that it works: states that look right prove nothing."""

from __future__ import annotations

import json
import secrets
import time
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

from streamctl.aws.failures import Failure, classify, explained, is_sdk_error
from streamctl.aws.waiting import backoff, growing_pauses
from streamctl.errors import DeadlineError
from streamctl.pipeline.names import CANARY_ID_PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamctl.aws import Aws

DEADLINE_SECONDS = 300  # AWS may take minutes to begin polling a new mapping
LOOK_SECONDS = 0.2  # one item is read, which nothing limits and hardly anything costs
SEND_AGAIN_SECONDS = 15
COPY_MARGIN_SECONDS = 3
PERMISSIONS = {"stream": ("kinesis:PutRecord",), "table": ("dynamodb:DeleteItem", "dynamodb:GetItem")}
SENDS = 4


def prove_delivery(
    aws: Aws,
    stream: str,
    table: str,
    *,
    window_seconds: float,
    may_be_missed: bool = False,
    deadline_seconds: float = DEADLINE_SECONDS,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> float:
    """Send a canary, wait until it is in the table, take it out again. Returns the seconds it took.

    `window_seconds` is the batching window. `may_be_missed`: the mapping starts at LATEST and misses what is sent
    before it polls, so the canary is sent again from time to time, under the same id: it stays one item.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    event = {
        "eventId": f"{CANARY_ID_PREFIX}{secrets.token_hex(8)}",
        "eventType": "canary",
        "userId": "streamctl",
        "timestamp": now.isoformat().replace("+00:00", "Z"),
    }
    key = {"eventId": {"S": event["eventId"]}, "timestamp": {"N": str(int(now.timestamp()))}}
    started = sent_at = clock()
    with explained("send a canary record through the pipeline"):
        _send(aws, stream, event, sleep)
        for pause in growing_pauses(LOOK_SECONDS):
            if _taken_out(aws, table, key):
                took = clock() - started
                if sent_at > started:  # the last copy may still be on its way
                    sleep(window_seconds + COPY_MARGIN_SECONDS)
                    _taken_out(aws, table, key)
                return took
            if clock() - started > deadline_seconds:
                break
            if may_be_missed and clock() - sent_at >= SEND_AGAIN_SECONDS:
                _send(aws, stream, event, sleep)
                sent_at = clock()
            sleep(pause)
    raise DeadlineError(
        f"Everything is deployed, but a canary record did not arrive in the table within {deadline_seconds:.0f} s.",
        "Look at the processor's log for the reason, mend it, and run `streamctl up` again.",
    )


def _send(aws: Aws, stream: str, event: dict[str, str], sleep: Callable[[float], None]) -> None:
    """Put it into the stream, which may be busy with its key for a moment: the SDK sends no such record again."""
    data = json.dumps(event).encode()
    for attempt in count(1):
        try:
            aws.client("kinesis").put_record(StreamName=stream, Data=data, PartitionKey=event["eventId"])
        except Exception as error:
            if attempt == SENDS or not is_sdk_error(error) or classify(error) is Failure.FATAL:
                raise
            sleep(backoff(attempt))
        else:
            return


def _taken_out(aws: Aws, table: str, key: dict[str, Any]) -> bool:
    """True where the canary was there, and is not any more."""
    dynamodb = aws.client("dynamodb")
    if "Item" not in dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True):
        return False
    dynamodb.delete_item(TableName=table, Key=key)
    return True

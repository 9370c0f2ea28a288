"""A record sent through the whole pipeline to prove that it works: states that look right prove nothing."""

from __future__ import annotations

import json
import secrets
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from streamctl.aws.failures import explained
from streamctl.aws.waiting import growing_pauses
from streamctl.errors import DeadlineError

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamctl.aws import Aws

ID_PREFIX = "canary-"
DEADLINE_SECONDS = 300  # AWS may take minutes to begin polling a new mapping
SEND_AGAIN_SECONDS = 15  # a mapping that starts at LATEST misses what was sent before it began to poll


def prove_delivery(
    aws: Aws,
    stream: str,
    table: str,
    *,
    deadline_seconds: float = DEADLINE_SECONDS,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> float:
    """Send a canary, wait until it is in the table, take it out again. Returns the seconds it took.

    It is sent again from time to time under the same id, so that it is one item however often it arrives.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    event = {
        "eventId": f"{ID_PREFIX}{secrets.token_hex(8)}",
        "eventType": "canary",
        "userId": "streamctl",
        "timestamp": now.isoformat().replace("+00:00", "Z"),
    }
    key = {"eventId": {"S": event["eventId"]}, "timestamp": {"N": str(int(now.timestamp()))}}
    started, sent_at = clock(), float("-inf")
    with explained("send a canary record through the pipeline"):
        for pause in growing_pauses():
            if clock() - sent_at >= SEND_AGAIN_SECONDS:
                _send(aws, stream, event)
                sent_at = clock()
            if _arrived(aws, table, key):
                aws.client("dynamodb").delete_item(TableName=table, Key=key)
                return clock() - started
            if clock() - started > deadline_seconds:
                break
            sleep(pause)
    raise DeadlineError(
        f"Everything is deployed, but a canary record did not arrive in the table within {deadline_seconds:.0f} s.",
        "Look at the processor's log for the reason, mend it, and run `streamctl up` again.",
    )


def _send(aws: Aws, stream: str, event: dict[str, str]) -> None:
    data = json.dumps(event).encode()
    aws.client("kinesis").put_record(StreamName=stream, Data=data, PartitionKey=event["eventId"])


def _arrived(aws: Aws, table: str, key: dict[str, Any]) -> bool:
    answer = aws.client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True)
    return "Item" in answer

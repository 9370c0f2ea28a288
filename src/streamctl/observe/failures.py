"""What failed, seen from outside: how much is set aside or given up, and what the mapping does with a failing batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamctl.aws.failures import explained, or_none

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamctl.aws import Aws

VISIBLE = "ApproximateNumberOfMessages"
HIDDEN = ("ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")
RETRIED = {-1: "tried again for ever", 0: "not tried again", 1: "tried again once"}


@dataclass(frozen=True)
class Depth:
    """About how many messages lie somewhere: SQS counts with a delay of up to a minute."""

    where: str
    what: str
    messages: int
    hidden: int = 0
    """Of them, in another reader's hands."""


def queue_depth(aws: Aws, name: str, what: str) -> Depth | None:
    """The depth of a queue; None where there is none. Raises AwsError."""
    sqs = aws.client("sqs")
    with explained(f"look at the queue {name}"):
        address = or_none(sqs.get_queue_url, QueueName=name)
        counts = address and or_none(
            sqs.get_queue_attributes, QueueUrl=address["QueueUrl"], AttributeNames=[VISIBLE, *HIDDEN]
        )
    if not counts:
        return None
    hidden = sum(int(counts["Attributes"][each]) for each in HIDDEN)
    return Depth(name, what, int(counts["Attributes"][VISIBLE]) + hidden, hidden)


def bucket_depth(aws: Aws, name: str, what: str) -> Depth:
    """How many objects a bucket holds, counted up to a thousand. Raises AwsError."""
    with explained(f"look at the bucket {name}"):
        return Depth(name, what, int(aws.client("s3").list_objects_v2(Bucket=name)["KeyCount"]))


def failure_handling(mapping: Mapping[str, Any]) -> str:
    """What becomes of a failing batch, in words, from the settings of an event source mapping."""
    retries, age = mapping["maximum_retry_attempts"], mapping["maximum_record_age_seconds"]
    steps = ["halved until the bad record stands alone"] if mapping["bisect_on_error"] else []
    steps.append(RETRIED.get(retries, f"tried again {retries:,} times"))
    if age >= 0:
        steps.append(f"given up when {age:,} s old")
    target = mapping["on_failure_arn"].rpartition(":")[2]
    return f"A failing batch is {', '.join(steps)}; then {f'told to {target}' if target else 'dropped silently'}."

"""SQS: how many messages wait in each queue, as a metric.

MiniStack publishes nothing for queues, so that no alarm on one could fire.
"""

from __future__ import annotations

from typing import Any

from ministack.core.responses import request_scope
from ministack.services import sqs

from streamctl.emulator.mends import metrics


def publish(now: float) -> None:
    """Publish the depth of every queue of every account and region."""
    for (account, region, _), queue in sqs._queues.all_items():
        with request_scope(account, region):
            metrics.record_level(
                "AWS/SQS", "ApproximateNumberOfMessagesVisible", _visible(queue), {"QueueName": queue["name"]}, now
            )


def _visible(queue: dict[str, Any]) -> int:
    for message in list(queue["messages"]):
        sqs._ensure_msg_fields(message)  # those that other services put there lack some until they are received
    sqs._refresh_counts(queue)
    return int(queue["attributes"]["ApproximateNumberOfMessages"])

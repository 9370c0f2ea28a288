# ruff: noqa: SLF001 - MiniStack's own state, in this process, is what is looked at
from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from ministack.core.responses import request_scope
from ministack.services import cloudwatch, sqs

from streamctl.emulator.mends import queue_metrics

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION = "eu-west-1"
NOON = 1_800_000_000 // 86_400 * 86_400 + 43_200.0


@pytest.fixture
def url() -> Iterator[str]:
    """A queue in an account of its own in this process's MiniStack."""
    with request_scope(str(uuid.uuid4().int)[:12], REGION):
        url = sqs._act_create_queue({"QueueName": "q"}, "")["QueueUrl"]
        yield url
        sqs._act_delete_queue({"QueueUrl": url}, url)
        cloudwatch._metrics.clear()


def points() -> list[tuple[int, float]]:
    key = ("AWS/SQS", "ApproximateNumberOfMessagesVisible", cloudwatch._dims_key({"QueueName": "q"}))
    found: list[dict[str, Any]] = cloudwatch._metrics.get(key) or []
    return [(each["Timestamp"], each["Value"]) for each in found]


def send(url: str) -> None:
    sqs._act_send_message({"QueueUrl": url, "MessageBody": "a"}, url)


def test_a_queue_has_one_point_a_minute_that_follows_its_depth(url: str) -> None:
    queue_metrics.publish(NOON)
    send(url)
    queue_metrics.publish(NOON + 5)
    queue_metrics.publish(NOON + 10)
    send(url)
    queue_metrics.publish(NOON + 61)
    assert points() == [(NOON, 1), (NOON + 60, 2)]


def test_a_message_that_is_being_worked_on_is_not_visible(url: str) -> None:
    send(url)
    sqs._queues[url]["messages"][0].update(visible_at=2 * NOON, receive_count=1)
    queue_metrics.publish(NOON)
    assert points() == [(NOON, 0)]


def test_points_do_not_pile_up(url: str) -> None:
    for minute in range(0, 3 * 1440, 10):
        queue_metrics.publish(NOON + minute * 60)
    assert len(points()) == 144

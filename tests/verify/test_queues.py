"""Looking into a queue without taking anything out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamctl.verify.queues import LOOK_SECONDS, QueueLook

if TYPE_CHECKING:
    from streamctl.aws import Aws


@pytest.fixture
def url(aws: Aws) -> str:
    return str(aws.client("sqs").create_queue(QueueName="q")["QueueUrl"])


def test_every_message_is_seen_once(aws: Aws, url: str) -> None:
    for number in range(25):
        aws.client("sqs").send_message(QueueUrl=url, MessageBody=str(number))
    look = QueueLook(aws.client("sqs"), url)

    assert sorted(look.bodies(), key=int) == [str(number) for number in range(25)]
    assert look.whole


def test_afterwards_every_message_is_visible_again(aws: Aws, url: str) -> None:
    for number in range(12):
        aws.client("sqs").send_message(QueueUrl=url, MessageBody=str(number))
    list(QueueLook(aws.client("sqs"), url).bodies())

    assert len(list(QueueLook(aws.client("sqs"), url).bodies())) == 12


def test_messages_are_given_back_when_the_look_is_cut_off(aws: Aws, url: str) -> None:
    aws.client("sqs").send_message(QueueUrl=url, MessageBody="one")
    bodies = QueueLook(aws.client("sqs"), url).bodies()
    next(bodies)
    bodies.close()  # type: ignore[attr-defined]

    assert list(QueueLook(aws.client("sqs"), url).bodies()) == ["one"]


def test_an_empty_queue_is_seen_whole(aws: Aws, url: str) -> None:
    look = QueueLook(aws.client("sqs"), url)

    assert list(look.bodies()) == []
    assert look.whole


def test_a_look_ends_before_messages_come_up_again_and_says_so(aws: Aws, url: str) -> None:
    for number in range(25):
        aws.client("sqs").send_message(QueueUrl=url, MessageBody=str(number))
    times = iter([0.0, 1.0, LOOK_SECONDS + 1.0])
    look = QueueLook(aws.client("sqs"), url, clock=lambda: next(times))

    assert len(list(look.bodies())) == 10
    assert not look.whole

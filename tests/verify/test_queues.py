"""Looking into a queue without taking anything out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamctl.verify.queues import HIDDEN_SECONDS, LOOK_SECONDS, QueueLook
from tests.verify.conftest import Time, without_waiting

if TYPE_CHECKING:
    from streamctl.aws import Aws


@pytest.fixture
def url(aws: Aws) -> str:
    without_waiting(aws.client("sqs"))
    return str(aws.client("sqs").create_queue(QueueName="q")["QueueUrl"])


def test_every_message_is_seen_once(aws: Aws, url: str) -> None:
    for number in range(25):
        aws.client("sqs").send_message(QueueUrl=url, MessageBody=str(number))
    look = QueueLook(aws.client("sqs"), url)

    assert sorted(look.bodies(), key=int) == [str(number) for number in range(25)]
    assert look.complete


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


def test_an_empty_queue_is_seen_completely(aws: Aws, url: str) -> None:
    look = QueueLook(aws.client("sqs"), url)

    assert list(look.bodies()) == []
    assert look.complete


def test_a_look_ends_before_messages_come_up_again_and_says_so(aws: Aws, url: str) -> None:
    for number in range(25):
        aws.client("sqs").send_message(QueueUrl=url, MessageBody=str(number))
    times = iter([0.0, 1.0, LOOK_SECONDS + 1.0])
    look = QueueLook(aws.client("sqs"), url, clock=lambda: next(times))

    assert len(list(look.bodies())) == 10
    assert not look.complete


def hidden_by_another(aws: Aws, url: str, *bodies: str) -> list[str]:
    """Messages that another reader holds: their handles."""
    for body in bodies:
        aws.client("sqs").send_message(QueueUrl=url, MessageBody=body)
    answer = aws.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60)
    return [message["ReceiptHandle"] for message in answer["Messages"]]


def test_a_queue_whose_messages_another_reader_holds_is_not_seen_completely(aws: Aws, url: str) -> None:
    hidden_by_another(aws, url, "hidden")
    aws.client("sqs").send_message(QueueUrl=url, MessageBody="visible")
    look = QueueLook(aws.client("sqs"), url)

    assert list(look.bodies()) == ["visible"]
    assert not look.complete


def test_delayed_messages_are_out_of_sight_too(aws: Aws, url: str) -> None:
    aws.client("sqs").send_message(QueueUrl=url, MessageBody="later", DelaySeconds=60)
    look = QueueLook(aws.client("sqs"), url)

    assert list(look.bodies()) == []
    assert not look.complete


def test_listening_waits_for_what_another_reader_holds(aws: Aws, url: str) -> None:
    (handle,) = hidden_by_another(aws, url, "hidden")
    look = QueueLook(
        aws.client("sqs"),
        url,
        sleep=lambda _: aws.client("sqs").change_message_visibility(
            QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0
        ),
    )

    assert list(look.bodies(wait_seconds=1)) == ["hidden"]
    assert look.complete


def test_listening_ends_before_the_own_messages_come_up_again(aws: Aws, url: str) -> None:
    hidden_by_another(aws, url, "hidden")
    time = Time()
    look = QueueLook(aws.client("sqs"), url, clock=time.clock, sleep=time.sleep)

    assert list(look.bodies(wait_seconds=1)) == []
    assert not look.complete
    assert LOOK_SECONDS <= time.now < HIDDEN_SECONDS

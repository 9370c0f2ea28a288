"""Messages taken in hand: hidden from others, held as long as it takes, put back or removed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.errors import AwsError
from streamctl.replay.shelves import RECOUNT_SECONDS, QueueShelf, groups, in_hand, refuse_failures
from tests.verify.conftest import Time, aws, without_waiting

if TYPE_CHECKING:
    from streamctl.aws import Aws

__all__ = ["aws"]


@pytest.fixture
def sqs(aws: Aws) -> Any:
    without_waiting(aws.client("sqs"))
    return aws.client("sqs")


@pytest.fixture
def url(sqs: Any) -> str:
    url = str(sqs.create_queue(QueueName="q")["QueueUrl"])
    for number in range(12):
        sqs.send_message(QueueUrl=url, MessageBody=str(number))
    return url


def test_what_is_in_hand_is_taken_once_and_put_back_in_the_end(sqs: Any, url: str) -> None:
    shelf = QueueShelf(sqs, url)
    with in_hand([shelf]):
        assert len(list(shelf.take())) == 12
        assert list(shelf.take()) == []

    assert len(list(QueueShelf(sqs, url).take())) == 12


def test_what_is_removed_does_not_come_back(sqs: Any, url: str) -> None:
    shelf = QueueShelf(sqs, url)
    with in_hand([shelf]):
        shelf.remove(list(shelf.take())[:11])

    assert len(list(QueueShelf(sqs, url).take())) == 1


def test_what_another_reader_has_in_hand_is_waited_for(sqs: Any, url: str) -> None:
    other = QueueShelf(sqs, url)
    list(other.take())
    time = Time(lambda: None, other.put_back)
    shelf = QueueShelf(sqs, url, clock=time.clock, sleep=time.sleep)

    assert len(list(shelf.take(60))) == 12
    assert time.pauses == [RECOUNT_SECONDS] * 2


def test_what_another_reader_keeps_is_counted(sqs: Any, url: str) -> None:
    list(QueueShelf(sqs, url).take())
    time = Time()
    shelf = QueueShelf(sqs, url, clock=time.clock, sleep=time.sleep)

    assert list(shelf.take(6)) == []
    assert shelf.not_taken == 12


def test_while_it_takes_long_what_is_in_hand_is_renewed(sqs: Any, url: str) -> None:
    renewed = threading.Event()
    sqs.meta.events.register("before-call.sqs.ChangeMessageVisibilityBatch", lambda **_: renewed.set())
    shelf = QueueShelf(sqs, url)

    with in_hand([shelf], every_seconds=0.01):
        list(shelf.take())
        assert renewed.wait(10)


def test_groups_hold_everything_in_order() -> None:
    assert list(groups(range(5), 2)) == [[0, 1], [2, 3], [4]]


def test_what_aws_did_not_remove_within_a_success_is_told() -> None:
    refuse_failures("failed", [])
    with pytest.raises(AwsError, match="2 of what is settled could not be removed from failed: AccessDenied"):
        refuse_failures("failed", ["AccessDenied", "AccessDenied"])

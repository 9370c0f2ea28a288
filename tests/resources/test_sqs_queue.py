from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from streamctl.aws.failures import Failure, classify
from streamctl.resources.sqs_queue import SqsQueue

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamctl.aws import Aws

QUEUE = SqsQueue(id="queue", name="rejected")
URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/rejected"


def test_messages_are_kept_for_as_long_as_sqs_can(aws: Aws) -> None:
    QUEUE.create(aws)
    live = QUEUE.read(aws)
    assert live
    assert live.settings["message_retention_seconds"] == 14 * 24 * 60 * 60


def test_a_queue_without_a_policy_is_made_without_one(fake: Callable[..., Any]) -> None:
    aws = fake({})
    QUEUE.create(aws)
    assert aws.sent("create_queue")["Attributes"] == {
        "MessageRetentionPeriod": "1209600",
        "VisibilityTimeout": "30",
        "SqsManagedSseEnabled": "true",
    }


@pytest.mark.parametrize(("reported", "encrypted"), [({"SqsManagedSseEnabled": "false"}, False), ({}, False)])
def test_a_queue_that_is_not_encrypted_is_seen(
    reported: dict[str, str], encrypted: bool, fake: Callable[..., Any]
) -> None:
    attributes = {"QueueArn": "arn", "MessageRetentionPeriod": "1209600", "VisibilityTimeout": "30"} | reported
    live = QUEUE.read(fake({"get_queue_url": {"QueueUrl": URL}, "get_queue_attributes": {"Attributes": attributes}}))
    assert live
    assert QUEUE.differing(live) == {"encryption": (encrypted, True)}


def test_a_name_deleted_a_moment_ago_is_only_a_passing_refusal(fake: Callable[..., Any]) -> None:
    recently = ClientError(
        {"Error": {"Code": "AWS.SimpleQueueService.QueueDeletedRecently", "Message": "wait 60 seconds"}}, "CreateQueue"
    )
    with pytest.raises(ClientError) as raised:
        QUEUE.create(fake({"create_queue": recently}))
    assert classify(raised.value) is Failure.NO_EFFECT


def test_a_policy_is_taken_away_by_an_empty_one(aws: Aws) -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}],
    }
    SqsQueue(id="queue", name="rejected", policy=policy).create(aws)
    live = QUEUE.read(aws)
    assert live
    assert QUEUE.differing(live) == {"policy": (policy, {})}
    QUEUE.update(aws, live)
    after = QUEUE.read(aws)
    assert after
    assert not QUEUE.differing(after)

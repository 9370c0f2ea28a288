"""How much failed, and what the mapping does with a failing batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from streamctl.observe.failures import Depth, failure_handling, queue_depth
from tests.verify.conftest import aws

if TYPE_CHECKING:
    from streamctl.aws import Aws

__all__ = ["aws"]


def test_a_queue_tells_about_how_many_messages_it_holds_and_how_many_are_hidden(aws: Aws) -> None:
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    for _ in range(3):
        sqs.send_message(QueueUrl=url, MessageBody="x")
    sqs.receive_message(QueueUrl=url)

    assert queue_depth(aws, "q", "records") == Depth("q", "records", 3, 1)
    assert queue_depth(aws, "none", "records") is None


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "A failing batch is tried again for ever; then dropped silently."),
        ({"maximum_retry_attempts": 0}, "A failing batch is not tried again; then dropped silently."),
        (
            {
                "bisect_on_error": True,
                "maximum_retry_attempts": 10,
                "maximum_record_age_seconds": 3600,
                "on_failure_arn": "arn:aws:sqs:eu-west-1:123456789012:failures",
            },
            "A failing batch is halved until the bad record stands alone, tried again 10 times, given up when 3,600 s "
            "old; then told to failures.",
        ),
    ],
)
def test_the_handling_of_a_failing_batch_is_said_in_words(changed: dict[str, Any], words: str) -> None:
    lambdas_own = {
        "bisect_on_error": False,
        "maximum_retry_attempts": -1,
        "maximum_record_age_seconds": -1,
        "on_failure_arn": "",
    }

    assert failure_handling({**lambdas_own, **changed}) == words

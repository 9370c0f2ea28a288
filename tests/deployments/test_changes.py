"""The reader misses no setting that is changed in one of two deployments, and tells no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from . import differences
from .changes import changes
from .reading import KINDS

if TYPE_CHECKING:
    from .conftest import Pair

pytestmark = pytest.mark.xdist_group("two_ups")


def test_a_setting_of_each_kind_that_is_changed_in_one_of_them_is_told_and_nothing_else(pair: Pair) -> None:
    made = changes(pair.client, pair.other)
    for change in made:
        change.put(change.becomes)

    told = differences(*pair.read())
    for change in made:
        change.put(change.was)

    assert sorted(told) == sorted(change.line for change in made)
    assert {line.split(".")[0] for line in told} == set(KINDS)
    assert differences(*pair.read()) == []


def test_what_only_one_of_them_has_is_told(pair: Pair) -> None:
    sqs, logs = pair.client("sqs"), pair.client("logs")
    queue = sqs.create_queue(QueueName=f"more-{pair.one}")["QueueUrl"]
    logs.create_log_group(logGroupName=f"/more/group-{pair.other}")

    told = differences(*pair.read())
    sqs.delete_queue(QueueUrl=queue)
    logs.delete_log_group(logGroupName=f"/more/group-{pair.other}")

    assert [line[:50] for line in told] == [
        'log_group./more/group-NAME: nothing ≠ {"described"',
        'sqs_queue.more-NAME: {"get_queue_attributes": {"At',
    ]

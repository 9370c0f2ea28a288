from __future__ import annotations

import pytest

from streamctl.policy.document import document, parts, size
from streamctl.policy.grants import Grant


def test_actions_on_the_same_resources_share_a_statement() -> None:
    policy = document([Grant("sqs:B", ("q",)), Grant("sqs:A", ("q",)), Grant("sqs:A", ("q",))])

    assert policy["Statement"] == [{"Effect": "Allow", "Action": ["sqs:A", "sqs:B"], "Resource": ["q"]}]


def test_resources_with_the_same_actions_share_a_statement() -> None:
    policy = document([Grant("sqs:A", ("q2",)), Grant("sqs:A", ("q1",))])

    assert policy["Statement"] == [{"Effect": "Allow", "Action": ["sqs:A"], "Resource": ["q1", "q2"]}]


def test_a_condition_holds_for_its_own_grants_only() -> None:
    condition = {"StringEquals": {"aws:RequestTag/owner": "us"}}

    policy = document([Grant("sqs:A", ("q",)), Grant("sqs:B", ("q",), condition)])

    assert policy["Statement"] == [
        {"Effect": "Allow", "Action": ["sqs:A"], "Resource": ["q"]},
        {"Effect": "Allow", "Action": ["sqs:B"], "Resource": ["q"], "Condition": condition},
    ]


@pytest.mark.parametrize("most", [200, 500, 6144])
def test_a_long_policy_comes_in_parts_that_are_short_enough_and_together_the_whole(most: int) -> None:
    whole = document([Grant(f"sqs:A{number}", (f"queue-{number}",)) for number in range(20)])

    pieces = parts(whole, most)

    assert all(size(piece) <= most for piece in pieces)
    assert [statement for piece in pieces for statement in piece["Statement"]] == whole["Statement"]

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from streamctl.engine.apply import Applier
from streamctl.engine.graph import Graph
from streamctl.engine.resource import OWNER_TAG
from streamctl.engine.state import StateFile, Target
from streamctl.resources.sns_subscription import PENDING, SnsSubscription

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from streamctl.engine.plan import Step

TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms"
MAIL = SnsSubscription(
    id="mail",
    name="a@example.com",
    topic_arn=TOPIC,
    protocol="email",
    endpoint="a@example.com",
    tags={OWNER_TAG: "a1b2c3"},
)


def answers(arn: str, owner: str = "a1b2c3") -> dict[str, Any]:
    entry = {"SubscriptionArn": arn, "TopicArn": TOPIC, "Protocol": "email", "Endpoint": "a@example.com"}
    return {
        "list_subscriptions_by_topic": {"Subscriptions": [entry | {"Endpoint": "b@example.com"}, entry]},
        "list_tags_for_resource": {"Tags": [{"Key": OWNER_TAG, "Value": owner}]},
    }


@pytest.mark.parametrize(("arn", "state"), [(PENDING, "PendingConfirmation"), (f"{TOPIC}:1", "Confirmed")])
def test_the_state_says_whether_the_person_has_confirmed(arn: str, state: str, fake: Callable[..., Any]) -> None:
    live = MAIL.read(fake(answers(arn)))

    assert live
    assert (live.state, live.ready, MAIL.differing(live)) == (state, True, {})


def test_one_that_was_ended_by_the_person_is_gone(fake: Callable[..., Any]) -> None:
    assert MAIL.read(fake(answers("Deleted"))) is None


def test_it_belongs_to_whoever_owns_the_topic_and_is_never_tagged(fake: Callable[..., Any]) -> None:
    live = MAIL.read(fake(answers(f"{TOPIC}:1", owner="somebody")))

    assert live
    assert live.tags[OWNER_TAG] == "somebody"
    assert MAIL.missing_tags(live) == {}


class Remarks:
    def __init__(self) -> None:
        self.said: list[str] = []

    def started(self, step: Step) -> None: ...
    def finished(self, step: Step, seconds: float) -> None: ...
    def failed(self, step: Step, error: Exception) -> None: ...
    def skipped(self, step: Step, because: str) -> None: ...
    def noted(self, step: Step, remark: str) -> None:
        self.said.append(remark)


def test_one_that_was_never_confirmed_is_left_to_expire(fake: Callable[..., Any], tmp_path: Path) -> None:
    aws = fake(answers(PENDING))
    aws.account, aws.region, aws.identity = "123456789012", "eu-west-1", type("Identity", (), {"partition": "aws"})
    state = StateFile.new(tmp_path / "state.json", "a1b2c3", Target("123456789012", "eu-west-1"))
    remarks = Remarks()

    outcome = Applier(aws, state, remarks).destroy(Graph([MAIL]))

    assert (outcome.done, outcome.failed) == ({"mail"}, {})
    assert "unsubscribe" not in aws.operations
    assert "goes with its topic or 48 hours" in remarks.said[0]

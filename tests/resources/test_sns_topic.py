from __future__ import annotations

import json
from typing import TYPE_CHECKING

from streamctl.config import Config
from streamctl.engine.references import filled
from streamctl.engine.resource import OWNER_TAG
from streamctl.engine.survey import surroundings
from streamctl.features.alarms import TOPIC_ID, Alarms, AlarmSettings
from streamctl.pipeline.names import Names
from streamctl.pipeline.recipe import recipe
from streamctl.resources.sns_topic import SnsTopic

if TYPE_CHECKING:
    from pathlib import Path

    from streamctl.aws import Aws


def test_a_topic_without_a_policy_of_its_own_keeps_the_one_aws_gives_it(aws: Aws) -> None:
    topic = SnsTopic(id="topic", name="alarms", tags={OWNER_TAG: "a1b2c3"})
    topic.create(aws)
    live = topic.read(aws)

    assert live
    assert topic.differing(live) == {}


def test_only_alarms_of_this_account_may_publish_and_only_over_tls(aws: Aws, tmp_path: Path) -> None:
    pipeline = recipe(Config(), Names("demo01"), tmp_path)
    Alarms().apply(pipeline, AlarmSettings())
    filled(pipeline.get(TOPIC_ID, SnsTopic), surroundings(aws)).create(aws)

    (found,) = aws.client("sns").list_topics()["Topics"]
    policy = aws.client("sns").get_topic_attributes(TopicArn=found["TopicArn"])["Attributes"]["Policy"]
    allow, deny = json.loads(policy)["Statement"]

    assert allow["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allow["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert {allow["Resource"], deny["Resource"]} == {found["TopicArn"]}

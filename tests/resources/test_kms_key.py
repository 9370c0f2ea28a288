from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from streamctl.config import Config
from streamctl.engine.apply import Applier
from streamctl.engine.graph import Graph
from streamctl.engine.plan import make_plan
from streamctl.engine.state import StateFile, Target
from streamctl.features.alarms import TOPIC_ID, Alarms, AlarmSettings
from streamctl.observe.inventory import inventory
from streamctl.pipeline.names import Names
from streamctl.pipeline.recipe import recipe
from streamctl.resources.kms_key import KmsKey
from streamctl.resources.sns_topic import SnsTopic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from streamctl.aws import Aws
    from streamctl.pipeline.builder import Pipeline


class Quiet:
    def started(self, *_: Any) -> None: ...
    def finished(self, *_: Any) -> None: ...
    def failed(self, *_: Any) -> None: ...
    def skipped(self, *_: Any) -> None: ...
    def noted(self, *_: Any) -> None: ...


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    made = recipe(Config(), Names("demo01"), tmp_path)
    Alarms().apply(made, AlarmSettings(encrypt_topic=True))
    return made


@pytest.fixture
def graph(pipeline: Pipeline) -> Graph:
    return Graph([pipeline.get("alarms_key", KmsKey), pipeline.get(TOPIC_ID, SnsTopic)])


@pytest.fixture
def state(tmp_path: Path) -> StateFile:
    return StateFile.new(tmp_path / "state.json", "demo01", Target("123456789012", "eu-west-1"))


@pytest.fixture
def keys(moto: Callable[[], Aws]) -> Callable[[], list[str]]:
    """The states of all keys of the account."""

    def look() -> list[str]:
        kms = moto().client("kms")
        listed: Iterator[str] = (each["KeyId"] for each in kms.list_keys()["Keys"])
        return [kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] for key in listed]

    return look


def test_the_topic_is_encrypted_with_a_key_cloudwatch_may_use_for_alarms_of_this_account(
    aws: Aws, graph: Graph, state: StateFile
) -> None:
    outcome = Applier(aws, state, Quiet()).apply(make_plan(graph, aws, state), graph.resources)

    assert not outcome.failed
    topic = graph.resources[TOPIC_ID].read(aws)
    key = graph.resources["alarms_key"].read(aws)
    assert topic
    assert key
    assert topic.settings["kms_key_id"] == "alias/analytics-alarms-demo01"
    root, cloudwatch = key.settings["policy"]["Statement"]
    assert root["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert cloudwatch["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
    assert cloudwatch["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    assert key.settings["rotation"]


def test_a_deleted_key_waits_for_its_end_and_counts_as_gone(
    aws: Aws, graph: Graph, state: StateFile, keys: Callable[[], list[str]]
) -> None:
    applier = Applier(aws, state, Quiet())
    applier.apply(make_plan(graph, aws, state), graph.resources)

    outcome = applier.destroy(graph)

    assert not outcome.failed
    assert keys() == ["PendingDeletion"]
    assert inventory(aws, "demo01") == []


def test_a_key_whose_answer_was_lost_is_found_by_its_tag_and_gets_its_alias(
    aws: Aws, graph: Graph, state: StateFile, keys: Callable[[], list[str]]
) -> None:
    tags = [{"TagKey": "streamctl:pipeline", "TagValue": "demo01"}]
    aws.client("kms").create_key(Description="analytics-alarms-demo01", Tags=tags)
    applier = Applier(aws, state, Quiet())

    outcome = applier.apply(make_plan(graph, aws, state), graph.resources)

    assert not outcome.failed
    assert keys() == ["Enabled"]
    assert aws.client("kms").describe_key(KeyId="alias/analytics-alarms-demo01")


def test_a_second_key_left_by_a_lost_answer_goes_with_the_first(
    aws: Aws, graph: Graph, state: StateFile, keys: Callable[[], list[str]]
) -> None:
    applier = Applier(aws, state, Quiet())
    applier.apply(make_plan(graph, aws, state), graph.resources)
    tags = [{"TagKey": "streamctl:pipeline", "TagValue": "demo01"}]
    aws.client("kms").create_key(Description="analytics-alarms-demo01", Tags=tags)

    applier.destroy(graph)

    assert keys() == ["PendingDeletion", "PendingDeletion"]

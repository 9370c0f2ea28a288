from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.blueprint import blueprint
from streamctl.config import Config, Project
from streamctl.features.stream_scaling import NAME, StreamScaling, StreamScalingSettings
from streamctl.pipeline.checks import Check, Situation
from streamctl.pipeline.names import Names
from streamctl.pipeline.recipe import recipe
from streamctl.plugins import Catalogue
from streamctl.resources.kinesis_stream import KinesisStream
from streamctl.resources.published_metrics import unpublished

if TYPE_CHECKING:
    from streamctl.pipeline.builder import Pipeline


class Account:
    """An `Aws` with one stream, and what came into it in the busiest minute."""

    def __init__(self, *, shards: int = 2, records: float | None = None, refused: float = 0, **summary: str) -> None:
        self.summary = {"StreamStatus": "ACTIVE", "RetentionPeriodHours": 24, "OpenShardCount": shards} | summary
        self.mode = summary.pop("mode", "PROVISIONED")
        self.sums = {"IncomingRecords": records, "WriteProvisionedThroughputExceeded": refused}

    def client(self, _service: str) -> Account:
        return self

    def describe_stream_summary(self, StreamName: str) -> dict[str, Any]:
        return {"StreamDescriptionSummary": {**self.summary, "StreamModeDetails": {"StreamMode": self.mode}}}

    def get_metric_statistics(self, MetricName: str, **asked: Any) -> dict[str, Any]:
        value = self.sums.get(MetricName)
        return {"Datapoints": [] if value is None else [{"Sum": value}]}


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    made = recipe(Config(), Names("demo01"), tmp_path)
    StreamScaling().apply(made, StreamScalingSettings())
    return made


def looked(pipeline: Pipeline, aws: Any) -> Check:
    (look,) = pipeline.looks
    (check,) = look(Situation(aws, datetime(2026, 11, 25, tzinfo=UTC), None))
    assert check.name == NAME
    return check


def test_up_leaves_the_number_of_shards_to_scale(pipeline: Pipeline) -> None:
    stream = pipeline.get("stream", KinesisStream)

    assert (stream.scaled_elsewhere, stream.shards) == (True, 2)


def test_without_the_feature_the_number_is_the_configured_one(tmp_path: Path) -> None:
    assert not recipe(Config(), Names("demo01"), tmp_path).get("stream", KinesisStream).scaled_elsewhere


def test_its_metrics_are_published_and_new(pipeline: Pipeline) -> None:
    shown = [(each.namespace, each.metric, tuple(each.dimensions)) for each in pipeline.series]

    assert [each for each in shown if unpublished(*each)] == []
    assert len(set(shown)) == len(shown)


def test_enough_shards_pass_and_the_load_is_told(pipeline: Pipeline) -> None:
    check = looked(pipeline, Account(shards=2, records=60 * 1600))

    assert check.passed is True
    assert "1,600 records" in check.detail
    assert "80 % of what they take" in check.detail


def test_too_few_fail_with_the_command_that_mends_it(pipeline: Pipeline) -> None:
    check = looked(pipeline, Account(shards=2, records=60 * 1700, refused=12))

    assert check.passed is False
    assert "12 records were refused" in check.detail
    assert check.hint == "streamctl scale --shards 3"


def test_once_scaled_the_same_load_passes(pipeline: Pipeline) -> None:
    assert looked(pipeline, Account(shards=3, records=60 * 1700, refused=12)).passed is True


@pytest.mark.parametrize("account", [Account(records=60_000, StreamStatus="UPDATING"), Account()])
def test_nothing_is_said_while_it_scales_or_when_nothing_came_in(pipeline: Pipeline, account: Account) -> None:
    assert looked(pipeline, account).passed is None


def test_on_demand_aws_sees_to_it(pipeline: Pipeline) -> None:
    assert looked(pipeline, Account(records=6e6, mode="ON_DEMAND")).passed is True


def test_how_busy_is_the_users_choice() -> None:
    project = Project(Path(), Config.model_validate({"features": {"stream_scaling": {"busy_percent": 50}}}))
    pipeline = blueprint(project, Catalogue(), Names("demo01"), Path())

    assert looked(pipeline, Account(shards=2, records=60 * 1001)).hint == "streamctl scale --shards 3"

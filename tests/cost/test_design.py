"""What is billed comes from the blueprint, so that features and settings count."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.blueprint import blueprint
from streamctl.config import Config, Project
from streamctl.cost.design import Design, configured
from streamctl.pipeline.names import Names
from streamctl.plugins import Catalogue
from streamctl.resources.lambda_function import LambdaFunction

from .examples import DESIGN, PROCESSING

if TYPE_CHECKING:
    from streamctl.pipeline.builder import Pipeline


def pipeline(**settings: Any) -> Pipeline:
    project = Project(Path(), Config.model_validate(settings))
    return blueprint(project, Catalogue(), Names("shop"), Path())


def design(**settings: Any) -> Design:
    return replace(configured(pipeline(**settings)), processing=PROCESSING)


def test_the_defaults_are_the_recipes_with_encryption_and_ten_alarms() -> None:
    assert design() == DESIGN


@pytest.mark.parametrize(
    ("settings", "field", "value"),
    [
        ({"stream": {"mode": "on_demand"}}, "shards", None),
        ({"stream": {"shards": 7}}, "shards", 7),
        ({"stream": {"retention_hours": 48}}, "retention_hours", 48),
        ({"stream": {"encryption": False}}, "encrypted_stream", False),
        ({"function": {"architecture": "arm64"}}, "architecture", "arm64"),
        ({"function": {"memory_mb": 1024}}, "memory_mb", 1024),
        ({"function": {"reserved_concurrency": 3}}, "concurrency", 3),
        ({"event_source": {"batch_size": 500}}, "batch_size", 500),
        ({"event_source": {"batching_window_seconds": 9}}, "batching_window_seconds", 9),
        ({"event_source": {"parallelization_factor": 4}}, "parallelization_factor", 4),
        ({"event_source": {"on_failure": "s3"}}, "alarms", 9),
        ({"table": {"point_in_time_recovery": True}}, "point_in_time_recovery", True),
        ({"table": {"redacted_fields": ["userId"]}}, "keeps_checksum", True),
        ({"features": {"alarms": {"enabled": False}}}, "alarms", 0),
        ({"processor": {"path": "never_read.py"}}, "owner_code", True),
        ({"features": {"alarms": {"encrypt_topic": True}}}, "keys", 1),
        ({"features": {"dashboard": {}}}, "dashboards", 1),
        ({"features": {"retention": {"days": 2}}}, "items_expire", True),
    ],
)
def test_a_setting_is_found_in_the_blueprint(settings: dict[str, Any], field: str, value: object) -> None:
    found = design(**settings)

    assert getattr(found, field) == value
    assert {name for name in vars(found) if getattr(found, name) != getattr(DESIGN, name)} == {field}


def test_each_event_type_that_is_counted_by_name_can_be_four_metrics() -> None:
    types = configured(pipeline(processor={"event_types": ["reading"]})).processing.metrics

    assert (configured(pipeline()).processing.metrics, types) == (23, 11)


def test_a_resource_that_nobody_has_a_price_for_is_named() -> None:
    built = pipeline()
    function = built.get("function", LambdaFunction)
    built.add(type(function)(**{**vars(function), "id": "second", "name": "second-function", "tags": {}}))

    assert configured(built).unpriced == ("lambda_function second-function",)


def test_an_item_holds_the_payload_its_checksum_or_both() -> None:
    assert design().item_bytes(350) == 350 + 256
    assert design(table={"raw_data": "omit"}).item_bytes(350) == 256 - 7 + 77
    assert design(table={"redacted_fields": ["userId"]}).item_bytes(350) == 350 + 256 + 77

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from streamctl.features.retention import TAKEN, Retention, RetentionSettings
from streamctl.functions.processor.item import build_item
from streamctl.functions.processor.record import Record
from streamctl.functions.processor.redaction import Redaction
from streamctl.functions.processor.stamps import Stamps
from streamctl.pipeline.checks import Situation
from streamctl.resources.dynamodb_table import DynamodbTable
from streamctl.resources.lambda_function import LambdaFunction
from streamctl.resources.published_metrics import unpublished
from tests.features.conftest import NAMES
from tests.functions.processor.lambda_events import Invocation

if TYPE_CHECKING:
    from streamctl.pipeline.builder import Pipeline
    from tests.features.conftest import Deployed

DELETED, STAMPED = "items are deleted in time", "items that expire"


@pytest.mark.parametrize(("days", "seconds"), [(30, "2592000"), (0.5, "43200"), (1 / 86_400, "1"), (3650, "315360000")])
def test_table_and_function_are_told_the_same(days: float, seconds: str, pipeline: Pipeline) -> None:
    Retention().apply(pipeline, RetentionSettings(days=days, attribute="goneAt"))

    environment = pipeline.get("function", LambdaFunction).environment
    assert pipeline.get("table", DynamodbTable).ttl_attribute == "goneAt"
    assert (environment["EXPIRY_ATTRIBUTE"], environment["EXPIRY_SECONDS"]) == ("goneAt", seconds)
    assert environment["DYNAMODB_TABLE"] == "${table.name}"


def test_its_metric_is_one_that_aws_publishes(pipeline: Pipeline) -> None:
    before = len(pipeline.series)
    Retention().apply(pipeline, RetentionSettings())

    (added,) = pipeline.series[before:]
    assert (added.metric, dict(added.dimensions)) == ("TimeToLiveDeletedItemCount", {"TableName": NAMES.table})
    assert unpublished(added.namespace, added.metric, added.dimensions) is None


@pytest.mark.parametrize("settings", [{"days": 0}, {"days": 3651}, {"attribute": ""}, {"attribute": "userId"}])
def test_a_setting_that_cannot_work_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        RetentionSettings.model_validate(settings)


def test_the_attribute_cannot_be_one_that_items_have() -> None:
    record = Record("stream", "shard", "1", "key", 0, b"{}")
    had: set[str] = set()
    for redaction in (Redaction(), Redaction(keeps_raw_data=False)):
        stamp = Stamps(traced=True).of_batch(Invocation(), {"_X_AMZN_TRACE_ID": "Root=1-2-3;Sampled=1"})
        had |= json.loads(build_item(record, "{}", {}, 0, redaction, stamp=stamp).attributes).keys()

    assert had == TAKEN


def test_items_are_looked_at_for_their_stamp(pipeline: Pipeline, deployed: Deployed) -> None:
    Retention().apply(pipeline, RetentionSettings())
    deployed.function("PassThrough")
    enable(deployed, "expiresAt")
    none = deployed.checks(pipeline)
    deployed.dynamodb.put_item(TableName=NAMES.table, Item={"eventId": {"S": "anomaly:a finding, and no event"}})
    deployed.store("before", processed_at_ms=1)
    deployed.store("after", expiresAt="1")
    right = deployed.checks(pipeline)
    deployed.store("bare")
    wrong = deployed.checks(pipeline)

    assert (none[DELETED].passed, none[STAMPED].passed) == (True, None)
    assert (right[DELETED].passed, right[STAMPED].passed) == (True, True)
    assert right[STAMPED].detail == "1 of those looked at. 1 have none: they were stored before, and stay so."
    assert (wrong[STAMPED].passed, wrong[STAMPED].evidence) == (False, ("bare",))


def test_a_table_that_deletes_nothing_or_by_something_else_is_found(pipeline: Pipeline, deployed: Deployed) -> None:
    Retention().apply(pipeline, RetentionSettings())
    deployed.function("PassThrough")
    off = deployed.checks(pipeline)[DELETED]
    enable(deployed, "other")
    other = deployed.checks(pipeline)[DELETED]

    assert (off.passed, other.passed, other.detail) == (False, False, "DynamoDB says ENABLED, by other.")
    assert "streamctl up" in other.hint


def test_a_table_that_is_not_there_is_said_so(pipeline: Pipeline, deployed: Deployed) -> None:
    Retention().apply(pipeline, RetentionSettings())
    deployed.function("PassThrough")
    deployed.dynamodb.delete_table(TableName=NAMES.table)

    ((look, _),) = pipeline.looks.items()
    first = next(iter(look(Situation(deployed.aws, datetime.now(UTC), None))))
    assert (first.name, first.passed, first.detail) == (DELETED, False, f"The table {NAMES.table} does not exist.")


def enable(deployed: Deployed, attribute: str) -> None:
    deployed.dynamodb.update_time_to_live(
        TableName=NAMES.table, TimeToLiveSpecification={"AttributeName": attribute, "Enabled": True}
    )

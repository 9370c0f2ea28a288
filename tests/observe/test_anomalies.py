"""Findings and histories, read on moto as the detector writes them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from moto import mock_aws

from streamctl.aws import Aws
from streamctl.errors import AwsError
from streamctl.functions.anomaly_detector.findings import finding_item
from streamctl.functions.anomaly_detector.watch import Finding
from streamctl.observe.anomalies import PERMISSIONS, Anomaly, History, Point, anomalies, histories
from tests.functions.anomaly_detector.bench import make_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

CLICKS = History("clicks", "clicks", 60, (Point(9000, 1.0, 2.0, 0.5, 3.5, 0.25),), open_since=300)
PURCHASES = History("purchases", "purchases", None, (), None)
OLD = Finding("clicks", 600, 60, 7.5, 3.0, -0.5, 5.0, 0.9, 0.95, 660, "cleared", 720)
OPEN = Finding("clicks", 300, 60, 9.0, 3.0, 0.0, 5.0, 0.9, 0.9, 300)
NEW = Finding("purchases", 9000, 60, 1e-120, 3.0, 0.0, 5.0, 0.9, 0.9, 9000, "cleared", 9060)


@pytest.fixture
def aws() -> Iterator[Aws]:
    with mock_aws():
        made = Aws(region="eu-west-1", credentials=("testing", "testing"))
        make_tables(made.client("dynamodb"))
        yield made


def test_findings_are_told_newest_first_as_they_were_found(aws: Aws) -> None:
    for finding in (OLD, OPEN, NEW):
        aws.client("dynamodb").put_item(TableName="results", Item=finding_item(finding))
    stranger = {"eventId": {"S": "anomaly:clicks"}, "timestamp": {"N": "5"}, "rawData": {"S": "{}"}}
    aws.client("dynamodb").put_item(TableName="results", Item=stranger)

    found = anomalies(aws, "results", [CLICKS, PURCHASES], since=0)

    assert [(each.series, each.start) for each in found] == [("purchases", 9000), ("clicks", 600), ("clicks", 300)]
    assert found[0].value == 0
    assert found[1] == Anomaly("clicks", "cleared", 600, 60, 7.5, 3.0, -0.5, 5.0, 0.9, 0.95, 660, 720)


def test_those_that_began_before_are_left_out_unless_they_are_open(aws: Aws) -> None:
    for finding in (OLD, OPEN, NEW):
        aws.client("dynamodb").put_item(TableName="results", Item=finding_item(finding))

    found = anomalies(aws, "results", [CLICKS, PURCHASES], since=9000)

    assert [(each.series, each.status) for each in found] == [("purchases", "cleared"), ("clicks", "open")]


@pytest.mark.parametrize(
    ("history", "status"),
    [
        (CLICKS, "open"),
        (replace(CLICKS, open_since=600), "abandoned"),
        (replace(CLICKS, open_since=None), "abandoned"),
        (replace(CLICKS, open_since=None, points=(Point(240, 1.0, 2.0, 0.5, 3.5, 0.25),)), "open"),
        (replace(CLICKS, open_since=None, points=()), "abandoned"),
    ],
)
def test_an_open_one_that_no_detector_knows_is_abandoned(aws: Aws, history: History, status: str) -> None:
    """The feature was turned off and on, say; one that is newer than the history was found in between."""
    aws.client("dynamodb").put_item(TableName="results", Item=finding_item(OPEN))

    (found,) = anomalies(aws, "results", [history], since=0)

    assert found.status == status
    assert len(anomalies(aws, "results", [history], since=9000)) == (status == "open")


def test_a_history_is_that_of_the_detector_or_empty(aws: Aws) -> None:
    state = json.dumps({"width": 60, "seen": 300, "history": [[0, 1.0, 2.0, 0.5, 3.5, 0.25]], "open": {"start": 300}})
    aws.client("dynamodb").put_item(TableName="state", Item={"id": {"S": "series:clicks"}, "state": {"S": state}})

    purchases, clicks = histories(aws, "state", ["purchases", "clicks"])

    assert purchases == PURCHASES
    assert clicks == History("clicks", "clicks", 60, (Point(0, 1.0, 2.0, 0.5, 3.5, 0.25),), 300, 300)
    assert [each.points for each in histories(aws, "no such table", ["clicks"])] == [()]


def test_reading_calls_what_is_declared_and_nothing_else(aws: Aws) -> None:
    called: set[str] = set()
    heard = Aws(region=aws.region, credentials=("testing", "testing"))
    heard.watch(lambda service, operation: called.add(f"{service}:{operation}"))

    anomalies(heard, "results", [CLICKS], since=0)
    histories(heard, "state", ["clicks"])

    assert called == {action for actions in PERMISSIONS.values() for action in actions}


def test_a_missing_table_is_a_clear_error(aws: Aws) -> None:
    with pytest.raises(AwsError, match="read the table elsewhere"):
        anomalies(aws, "elsewhere", [CLICKS], since=0)

"""How far a function has got: what it has not reached yet is not lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from streamctl.verify.backlog import reached
from tests.verify.conftest import AT, Time, account, counts, purchase

if TYPE_CHECKING:
    from streamctl.aws import Aws
    from tests.verify.conftest import Pipeline

NOW = AT + timedelta(minutes=20)


def handed_over(aws: Aws, at: datetime, age_seconds: float) -> None:
    """Lambda hands over a batch whose last record is so old."""
    aws.client("cloudwatch").put_metric_data(
        Namespace="AWS/Lambda",
        MetricData=[
            {
                "MetricName": "IteratorAge",
                "Dimensions": [{"Name": "FunctionName", "Value": "processor"}],
                "Timestamp": at,
                "Value": age_seconds * 1000,
                "Unit": "Milliseconds",
            }
        ],
    )


def how_far(aws: Aws) -> datetime | None:
    return reached(aws.client("cloudwatch"), "processor", NOW, usual_seconds=30)


def test_a_function_that_was_handed_nothing_tells_nothing(aws: Aws) -> None:
    assert how_far(aws) is None


def test_a_function_that_is_handed_old_records_has_got_no_further(aws: Aws) -> None:
    handed_over(aws, NOW - timedelta(seconds=54), 900)

    assert how_far(aws) == datetime.fromisoformat("2026-11-23T16:31:00Z") - timedelta(seconds=900)


def test_a_function_that_has_caught_up_keeps_up(aws: Aws) -> None:
    handed_over(aws, NOW - timedelta(minutes=3), 900)
    handed_over(aws, NOW - timedelta(minutes=1), 5)

    assert how_far(aws) is None


def test_an_event_that_the_function_has_not_reached_is_in_flight_and_then_lost(pipeline: Pipeline) -> None:
    run = pipeline.sent([purchase(0)])
    pipeline.places = replace(pipeline.places, function="processor")
    handed_over(pipeline.aws, NOW - timedelta(minutes=1), 1300)

    behind = account(pipeline, run, time=Time(at=NOW))
    beyond = account(pipeline, run, time=Time(at=NOW + timedelta(minutes=10)))

    assert counts(behind) == {"sent": 1, "in_flight": 1}
    assert counts(beyond) == {"sent": 1, "lost": 1}


def test_an_event_that_the_function_has_passed_is_lost_however_far_it_is_behind(pipeline: Pipeline) -> None:
    run = pipeline.sent([purchase(0)])
    pipeline.places = replace(pipeline.places, function="processor")
    handed_over(pipeline.aws, NOW - timedelta(minutes=1), 600)

    assert counts(account(pipeline, run, time=Time(at=NOW))) == {"sent": 1, "lost": 1}

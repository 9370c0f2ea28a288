from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.blueprint import blueprint
from streamctl.config import Config, Project
from streamctl.engine.references import fill, filled, is_open
from streamctl.features.dashboard import Dashboard, DashboardSettings
from streamctl.pipeline.builder import Series
from streamctl.pipeline.names import Names
from streamctl.pipeline.package import Package
from streamctl.pipeline.recipe import recipe
from streamctl.plugins import Catalogue
from streamctl.resources.cloudwatch_alarm import CloudwatchAlarm
from streamctl.resources.cloudwatch_dashboard import CloudwatchDashboard
from streamctl.resources.lambda_function import LambdaFunction

if TYPE_CHECKING:
    from streamctl.pipeline.builder import Pipeline

PLACE = {"aws": {"account": "123456789012", "region": "eu-central-1", "partition": "aws"}}


def pipeline(**features: dict[str, Any]) -> Pipeline:
    """With the dashboard and the alarms, and whatever else."""
    project = Project(Path(), Config.model_validate({"features": {"dashboard": {}} | features}))
    return blueprint(project, Catalogue(), Names("demo01"), Path())


def dashboard(pipeline: Pipeline) -> CloudwatchDashboard:
    return pipeline.get("dashboard", CloudwatchDashboard)


def widgets(pipeline: Pipeline, kind: str) -> list[dict[str, Any]]:
    return [each["properties"] for each in dashboard(pipeline).body["widgets"] if each["type"] == kind]


def lines(pipeline: Pipeline) -> list[tuple[str, str, tuple[str, ...], str]]:
    """Namespace, metric, dimensions and statistic of everything that is drawn."""
    metrics = chain.from_iterable(graph["metrics"] for graph in widgets(pipeline, "metric"))
    return [(m[0], m[1], tuple(m[2:-1]), m[-1]["stat"]) for m in metrics if isinstance(m[0], str)]


def graph(pipeline: Pipeline, title: str) -> dict[str, Any]:
    (found,) = [each for each in widgets(pipeline, "metric") if each["title"] == title]
    return found


def thresholds(pipeline: Pipeline, title: str) -> dict[str, float]:
    drawn = graph(pipeline, title).get("annotations", {}).get("horizontal", [])
    return {each["label"]: each["value"] for each in drawn}


def installed() -> list[str]:
    return [name for name in Catalogue().names(Catalogue.FEATURES) if name != "dashboard"]


@pytest.mark.parametrize("on", [[], ["stream_scaling"], installed()], ids=["alone", "with scaling", "with everything"])
def test_cloudwatch_would_take_it_and_every_metric_is_published(on: list[str]) -> None:
    made = pipeline(**{name: {} for name in on})

    made.graph()  # checks every resource

    shown = {line[:3] for line in lines(made)}
    for series in made.series:
        assert (series.namespace, series.metric, tuple(chain(*series.dimensions.items()))) in shown, series


def test_what_a_feature_adds_that_is_applied_later_is_shown_in_a_graph_of_its_own(tmp_path: Path) -> None:
    made = recipe(Config(), Names("demo01"), tmp_path)
    Dashboard().apply(made, DashboardSettings())
    for name in ("purchases", "clicks"):
        dimensions = {"Pipeline": "demo01", "Series": name}
        made.series.append(Series(f"Anomalies in {name}", "RealTimeAnalytics", "Anomalies", dimensions, "Sum"))
    made.complete()

    assert [metric[-1]["label"] for metric in graph(made, "Anomalies (RealTimeAnalytics)")["metrics"]] == [
        "Anomalies in purchases",
        "Anomalies in clicks",
    ]


def test_a_metric_of_a_feature_that_nobody_publishes_is_refused(tmp_path: Path) -> None:
    made = recipe(Config(), Names("demo01"), tmp_path)
    Dashboard().apply(made, DashboardSettings())
    made.series.append(Series("Wrong", "AWS/DynamoDB", "ThrottledRequests", {"TableName": "t"}, "Sum"))
    made.complete()

    with pytest.raises(Exception, match="never published with TableName"):
        made.graph()


def test_every_alarm_is_in_the_widget_of_states() -> None:
    made = pipeline()
    (states,) = widgets(made, "alarm")

    arns = fill(states["alarms"], PLACE)
    names = [each.name for each in made.resources.values() if isinstance(each, CloudwatchAlarm)]
    assert arns == [f"arn:aws:cloudwatch:eu-central-1:123456789012:alarm:{name}" for name in names]


def test_without_alarms_there_is_neither_widget_nor_line_of_theirs() -> None:
    made = pipeline(alarms={"enabled": False})

    assert widgets(made, "alarm") == []
    assert [each for each in widgets(made, "metric") if "annotations" in each] == []


def test_lines_are_drawn_where_alarms_fire() -> None:
    made = pipeline()

    assert thresholds(made, "Iterator age") == {"KinesisLambdaIteratorAge": 60_000}  # and not half the retention
    assert thresholds(made, "Slowest batch, and its limit") == {"KinesisLambdaNearTimeout": 270_000}
    assert thresholds(made, "Errors and throttles of the function") == {
        "KinesisLambdaProcessorErrors, KinesisLambdaThrottles": 1
    }
    assert thresholds(made, "Set aside and given up") == {"KinesisRecordsRejected, KinesisBatchesGivenUp": 1}


def test_a_sum_over_another_time_than_the_alarms_has_no_line_and_a_maximum_has() -> None:
    made = pipeline(dashboard={"period_seconds": 60})

    assert thresholds(made, "Errors and throttles of the function") == {}
    assert thresholds(made, "Iterator age") == {"KinesisLambdaIteratorAge": 60_000}


def test_running_time_is_what_lambda_charges_for() -> None:
    """512 MB for 1,000 invocations of 200 ms are 100 GB-seconds."""
    charged, duration = graph(pipeline(), "Costs: running time")["metrics"]

    assert duration[:2] == ["AWS/Lambda", "Duration"]
    assert duration[-1]["stat"] == "Sum"
    value = eval(charged[0]["expression"], {}, {duration[-1]["id"]: 1000 * 200.0})  # noqa: S307 - our own arithmetic
    assert value == 100


def test_the_running_time_of_a_features_function_is_beside_it(tmp_path: Path) -> None:
    made = recipe(Config(), Names("demo01"), tmp_path)
    Dashboard().apply(made, DashboardSettings())
    shipped = made.ship("second", lambda: Package(b""))
    made.add(LambdaFunction(id="second", name="second-demo01", role="arn", handler="a.b", memory_mb=128, **shipped))
    made.complete()
    made.graph()

    lines = graph(made, "Costs: running time")["metrics"]
    assert [each[0]["label"] for each in lines if isinstance(each[0], dict)] == [
        "kinesis-processor-demo01",
        "second-demo01",
    ]
    assert lines[2][0]["expression"] == f"{lines[3][-1]['id']} / 1000 * 128 / 1024"


def test_what_drives_the_costs_is_there() -> None:
    shown = {line[:2] for line in lines(pipeline())}

    assert shown >= {
        ("AWS/Kinesis", "IncomingBytes"),
        ("AWS/Kinesis", "IncomingRecords"),
        ("AWS/Lambda", "Invocations"),
        ("AWS/Lambda", "Duration"),
        ("AWS/DynamoDB", "ConsumedWriteCapacityUnits"),
        ("AWS/Logs", "IncomingBytes"),
    }


def test_it_is_the_regions_own_though_the_name_is_one_for_the_account() -> None:
    made = filled(dashboard(pipeline()), PLACE)

    assert made.name == "analytics-dashboard-demo01-eu-central-1"
    assert {each["region"] for each in fill(widgets(pipeline(), "metric"), PLACE)} == {"eu-central-1"}
    assert not is_open(made)


def test_it_says_whose_it_is_and_that_changes_do_not_last() -> None:
    (heading,) = widgets(pipeline(), "text")

    assert heading["markdown"].startswith("# Pipeline demo01\nMade by streamctl")
    assert "takes back what was changed here" in heading["markdown"]

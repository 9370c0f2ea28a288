from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.engine.resource import OWNER_TAG
from streamctl.errors import PluginError
from streamctl.resources.cloudwatch_dashboard import CloudwatchDashboard, console_url

if TYPE_CHECKING:
    from collections.abc import Callable

TAGS = {OWNER_TAG: "a1b2c3"}
ARN = "arn:aws:cloudwatch::123456789012:dashboard/board"
METRIC = ["AWS/Lambda", "Errors", "FunctionName", "processor", {"stat": "Sum"}]


def graph(*metrics: Any, x: int = 0, y: int = 0, width: int = 8, **properties: Any) -> dict[str, Any]:
    shown = {"title": "Graph", "region": "eu-west-1", "period": 300, "metrics": list(metrics or [METRIC])}
    return {"type": "metric", "x": x, "y": y, "width": width, "height": 6, "properties": shown | properties}


def board(*widgets: dict[str, Any]) -> CloudwatchDashboard:
    return CloudwatchDashboard(id="dashboard", name="board", tags=TAGS, body={"widgets": list(widgets or [graph()])})


def answers(body: object, tags: dict[str, str] = TAGS) -> dict[str, Any]:
    return {
        "get_dashboard": {"DashboardName": "board", "DashboardArn": ARN, "DashboardBody": json.dumps(body)},
        "list_tags_for_resource": {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]},
    }


def test_a_dashboard_without_a_mistake_is_taken() -> None:
    board(graph(), graph(x=8), graph(x=16), graph(y=6, width=24)).check()


@pytest.mark.parametrize(
    ("widgets", "mistake"),
    [
        ([graph(), graph(x=7)], "'Graph' and 'Graph' overlap"),
        ([graph(x=20)], "not within the 24 columns"),
        ([graph(period=90)], "a period of 90 s"),
        ([graph(region="")], "it has no region"),
        ([graph(title="")], "it has no title"),
        ([graph(metrics=[])], "it shows no metric"),
        ([graph([])], "one of its metrics is empty"),
        ([{"type": "text", "properties": {"markdown": "# Shop"}}], "a widget lacks one of height, properties, type"),
        ([graph(["AWS/Lambda", "Error", "FunctionName", "processor"])], "no metric Error. Did you mean Errors?"),
        ([graph(["AWS/DynamoDB", "ThrottledRequests", "TableName", "t"])], "never published with TableName"),
        ([graph(METRIC, ["...", "other"])], "must be written out"),
        ([graph([{"expression": "SEARCH('{AWS/Lambda,FunctionName} Errors', 'Sum')"}])], "more than arithmetic"),
        ([graph([{"expression": "errors / 2"}], METRIC)], "more than arithmetic on metrics of the same widget"),
        ([{**graph(), "type": "alarm", "properties": {"title": "A", "alarms": []}}], "'A' shows no alarm"),
        ([graph(y=6 * row) for row in range(501)], "501 widgets, where 500 are allowed"),
    ],
)
def test_what_cloudwatch_would_refuse_or_show_empty_is_refused_before_the_first_call(
    widgets: list[dict[str, Any]], mistake: str
) -> None:
    with pytest.raises(PluginError) as raised:
        board(*widgets).check()

    assert mistake in raised.value.message


def test_arithmetic_on_metrics_of_the_same_graph_is_taken() -> None:
    half = [{"expression": "errors / 2 * (1 + errors)", "id": "half"}]
    board(graph(half, [*METRIC[:-1], {"id": "errors", "visible": False}])).check()


def test_a_body_is_compared_by_what_it_means(fake: Callable[..., Any]) -> None:
    wanted = board(graph(annotations={"horizontal": [{"value": 60000.0, "label": "late"}]}))
    backwards = json.loads(
        json.dumps(wanted.body).replace("60000.0", "60000"), object_pairs_hook=lambda p: dict(p[::-1])
    )

    live = wanted.read(fake(answers(backwards)))

    assert live
    assert not wanted.differing(live)


def test_a_new_one_is_made_with_its_tags(fake: Callable[..., Any]) -> None:
    aws = fake({})
    board().create(aws)

    sent = aws.sent("put_dashboard")
    assert sent["Tags"] == [{"Key": OWNER_TAG, "Value": "a1b2c3"}]
    assert json.loads(sent["DashboardBody"]) == board().body


def test_tags_of_one_that_is_there_are_added_for_themselves(fake: Callable[..., Any]) -> None:
    aws = fake(answers(board().body, tags={}))
    live = board().read(aws)
    assert live
    board().update(aws, live)

    assert aws.sent("tag_resource")["ResourceARN"] == ARN
    assert "put_dashboard" not in aws.operations


def test_one_that_tells_no_tags_is_there_and_not_ready(
    fake: Callable[..., Any], refused: Callable[[str], Exception]
) -> None:
    live = board().read(fake({**answers(board().body), "list_tags_for_resource": refused("ResourceNotFoundException")}))

    assert live
    assert (live.tags, live.ready) == ({}, False)


@pytest.mark.parametrize("code", ["ResourceNotFound", "DashboardNotFoundError"])
def test_one_that_is_not_there_is_absent_whichever_way_aws_says_so(
    code: str, fake: Callable[..., Any], refused: Callable[[str], Exception]
) -> None:
    assert board().read(fake({"get_dashboard": refused(code)})) is None


def test_the_link_to_the_console_names_region_and_dashboard() -> None:
    assert console_url("eu-west-1", "board").endswith("/home?region=eu-west-1#dashboards/dashboard/board")

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.errors import PluginError
from streamctl.resources.event_source_mapping import EventSourceMapping

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamctl.aws import Aws

STREAM = "arn:aws:kinesis:eu-west-1:123456789012:stream/events"
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:failures"
OTHER_FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:processor-two"
ARN = "arn:aws:lambda:eu-west-1:123456789012:event-source-mapping:f89f8514-cdd9-4602-9e1f-01a5b77d449b"
MAPPING = EventSourceMapping(
    id="mapping",
    name="events → processor",
    event_source_arn=STREAM,
    function_name="processor",
    batching_window_seconds=0,
)
LEFT_TO_LAMBDA = {
    "UUID": "f89f8514-cdd9-4602-9e1f-01a5b77d449b",
    "EventSourceMappingArn": ARN,
    "EventSourceArn": STREAM,
    "FunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:processor",
    "StartingPosition": "TRIM_HORIZON",
    "BatchSize": 100,
    "State": "Enabled",
}
"""What Lambda may answer about a mapping of which nothing but the batch size was said."""


def answers(**found: Any) -> dict[str, Any]:
    return {"list_event_source_mappings": {"EventSourceMappings": [LEFT_TO_LAMBDA | found]}}


TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/results"
FIRST, SECOND = f"{TABLE}/stream/2026-11-25T10:00:00.000", f"{TABLE}/stream/2026-11-25T11:00:00.000"
OF_TABLE = replace(MAPPING, event_source_arn=TABLE, table_stream_arn=FIRST)


def update(wanted: EventSourceMapping, aws: Any) -> dict[str, Any]:
    live = wanted.read(aws)
    assert live
    wanted.update(aws, live)
    return dict(aws.sent("update_event_source_mapping"))


def test_what_lambda_leaves_out_stands_at_its_default(fake: Callable[..., Any]) -> None:
    live = MAPPING.read(fake(answers()))
    assert live
    assert not MAPPING.differing(live)


def test_it_is_looked_up_by_the_stream_because_lambda_may_know_nothing_of_a_missing_function(
    fake: Callable[..., Any],
) -> None:
    aws = fake({"list_event_source_mappings": {"EventSourceMappings": []}})
    assert MAPPING.read(aws) is None
    assert aws.calls == [("list_event_source_mappings", {"EventSourceArn": STREAM})]


def test_the_mapping_of_the_same_stream_to_another_function_is_another(fake: Callable[..., Any]) -> None:
    other = LEFT_TO_LAMBDA | {"FunctionArn": OTHER_FUNCTION}
    assert MAPPING.read(fake({"list_event_source_mappings": {"EventSourceMappings": [other]}})) is None


def test_it_is_found_on_a_later_page(aws: Aws) -> None:
    other = LEFT_TO_LAMBDA | {"FunctionArn": OTHER_FUNCTION}
    answers = {
        "ListEventSourceMappings": [
            {"EventSourceMappings": [other], "NextMarker": "next"},
            {"EventSourceMappings": [LEFT_TO_LAMBDA]},
        ],
        "ListTags": [{"Tags": {"team": "data"}}],
    }
    aws.client("lambda").meta.events.register(
        "before-call", lambda model, **_: (SimpleNamespace(status_code=200), answers[model.name].pop(0))
    )
    live = MAPPING.read(aws)
    assert live
    assert live.attributes["uuid"] == LEFT_TO_LAMBDA["UUID"]


def test_the_mapping_of_another_stream_to_the_same_function_is_another(
    made: Callable[..., dict[str, str]], aws: Aws
) -> None:
    role = made(aws, "iam_role")["arn"]
    function = made(aws, "lambda_function", role=role)["name"]
    one, two = made(aws, "kinesis_stream")["arn"], made(aws, "kinesis_stream")["arn"]
    replace(MAPPING, event_source_arn=one, function_name=function).create(aws)
    assert replace(MAPPING, event_source_arn=two, function_name=function).read(aws) is None


@pytest.mark.parametrize(
    ("state", "ready", "enabled", "leaving"),
    [
        ("Creating", False, True, False),
        ("Enabling", False, True, False),
        ("Enabled", True, True, False),
        ("Updating", False, True, False),
        ("Disabling", False, False, False),
        ("Disabled", True, False, False),
        ("Deleting", False, False, True),
    ],
)
def test_each_state_says_whether_it_is_at_rest(
    state: str, ready: bool, enabled: bool, leaving: bool, fake: Callable[..., Any]
) -> None:
    live = MAPPING.read(fake(answers(State=state)))
    assert live
    assert (live.ready, live.settings["enabled"], live.is_leaving) == (ready, enabled, leaving)


def test_it_is_made_without_a_destination_where_there_is_none(fake: Callable[..., Any]) -> None:
    aws = fake({})
    MAPPING.create(aws)
    assert "DestinationConfig" not in aws.sent("create_event_source_mapping")


def test_it_is_made_with_its_destination(fake: Callable[..., Any]) -> None:
    aws = fake({})
    replace(MAPPING, on_failure_arn=QUEUE).create(aws)
    assert aws.sent("create_event_source_mapping")["DestinationConfig"] == {"OnFailure": {"Destination": QUEUE}}


def test_a_destination_is_taken_away_by_an_empty_one(fake: Callable[..., Any]) -> None:
    there = fake(answers(DestinationConfig={"OnFailure": {"Destination": QUEUE}}))
    assert update(MAPPING, there)["DestinationConfig"] == {"OnFailure": {"Destination": ""}}


def test_no_destination_is_mentioned_while_another_setting_changes(fake: Callable[..., Any]) -> None:
    assert "DestinationConfig" not in update(replace(MAPPING, batch_size=500), fake(answers()))


@pytest.mark.parametrize("field", ["event_source_arn", "function_name"])
def test_what_it_reads_and_for_whom_cannot_be_changed_in_place(field: str) -> None:
    assert field in MAPPING.fixed


def test_a_mapping_of_a_table_reads_the_stream_the_table_has(fake: Callable[..., Any]) -> None:
    aws = fake(answers(EventSourceArn=FIRST))
    OF_TABLE.create(aws)
    live = OF_TABLE.read(aws)
    assert aws.sent("create_event_source_mapping")["EventSourceArn"] == FIRST
    assert live
    assert not OF_TABLE.differing(live)


@pytest.mark.parametrize("known", [SECOND, "${table.stream_arn}"])
def test_a_mapping_of_an_earlier_stream_of_the_table_is_to_be_replaced(known: str, fake: Callable[..., Any]) -> None:
    wanted = replace(OF_TABLE, table_stream_arn=known)
    live = wanted.read(fake(answers(EventSourceArn=FIRST)))
    assert live
    assert wanted.differing(live) == {"table_stream_arn": (FIRST, known)}
    assert "table_stream_arn" in wanted.fixed


@pytest.mark.parametrize(
    "other", [f"{TABLE}-two/stream/2026-11-25T10:00:00.000", STREAM, STREAM.replace("events", "stream/events")]
)
def test_a_mapping_of_another_table_or_of_a_kinesis_stream_is_another(other: str, fake: Callable[..., Any]) -> None:
    assert OF_TABLE.read(fake(answers(EventSourceArn=other))) is None


def test_a_mapping_without_a_source_or_a_function_is_another(fake: Callable[..., Any]) -> None:
    """Lambda lists those of self-managed Kafka, too."""
    bare = [
        {key: value for key, value in LEFT_TO_LAMBDA.items() if key != left}
        for left in ("EventSourceArn", "FunctionArn")
    ]
    assert OF_TABLE.read(fake({"list_event_source_mappings": {"EventSourceMappings": bare}})) is None


def test_a_mapping_that_would_be_found_by_the_stream_of_a_table_is_refused() -> None:
    replace(OF_TABLE, event_source_arn="${table.arn}", table_stream_arn="${table.stream_arn}").check()
    with pytest.raises(PluginError, match="another one each time"):
        replace(MAPPING, event_source_arn="${table.stream_arn}").check()


def test_filter_patterns_are_sent_and_compared_as_what_they_mean(fake: Callable[..., Any]) -> None:
    wanted = replace(MAPPING, filter_patterns=({"eventName": ["INSERT"], "dynamodb": {"Keys": {}}},))
    aws = fake(answers(FilterCriteria={"Filters": [{"Pattern": '{"dynamodb":{"Keys":{}}, "eventName" : ["INSERT"]}'}]}))
    wanted.create(aws)
    (pattern,) = aws.sent("create_event_source_mapping")["FilterCriteria"]["Filters"]
    live = wanted.read(aws)
    assert json.loads(pattern["Pattern"]) == wanted.filter_patterns[0]
    assert live
    assert not wanted.differing(live)


def test_a_filter_is_taken_away_by_an_empty_one_and_not_mentioned_otherwise(fake: Callable[..., Any]) -> None:
    there = answers(FilterCriteria={"Filters": [{"Pattern": "{}"}]})
    assert update(MAPPING, fake(there))["FilterCriteria"] == {}
    assert "FilterCriteria" not in update(replace(MAPPING, batch_size=500), fake(answers()))


def test_another_starting_position_is_no_reason_to_begin_anew_and_skip_what_is_unprocessed(
    fake: Callable[..., Any],
) -> None:
    wanted = replace(MAPPING, starting_position="LATEST")
    live = wanted.read(fake(answers(StartingPosition="TRIM_HORIZON")))
    assert live
    assert not wanted.differing(live)


def test_an_invocation_in_progress_may_hold_a_change_up() -> None:
    invocation_timeout_seconds = 300
    assert MAPPING.timeout_seconds >= 2 * invocation_timeout_seconds

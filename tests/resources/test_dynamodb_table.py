from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from streamctl.aws.failures import Failure, classify
from streamctl.engine.graph import Graph
from streamctl.errors import PluginError
from streamctl.resources.dynamodb_table import DynamodbTable
from streamctl.resources.log_group import LogGroup

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamctl.aws import Aws

TABLE = DynamodbTable(id="table", name="results", hash_key=("eventId", "S"), range_key=("timestamp", "N"))


def test_a_table_is_billed_per_request(aws: Aws) -> None:
    TABLE.create(aws)
    found = aws.client("dynamodb").describe_table(TableName="results")["Table"]
    assert found["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


def test_a_table_may_do_without_a_range_key(aws: Aws) -> None:
    wanted = replace(TABLE, range_key=None)
    wanted.create(aws)
    live = wanted.read(aws)
    assert live
    assert (live.settings["hash_key"], live.settings["range_key"]) == (("eventId", "S"), None)


@pytest.mark.parametrize(
    ("field", "key"), [("hash_key", ("id", "S")), ("range_key", ("timestamp", "S")), ("range_key", None)]
)
def test_another_key_is_seen_and_cannot_be_changed_in_place(field: str, key: Any, aws: Aws) -> None:
    TABLE.create(aws)
    wanted = replace(TABLE, **{field: key})
    live = wanted.read(aws)
    assert live
    assert wanted.differing(live).keys() == {field}
    assert field in wanted.fixed


STREAM = "arn:aws:dynamodb:eu-west-1:123456789012:table/results/stream/2026-11-25T10:00:00.000"


def answers(status: str, **found: Any) -> dict[str, Any]:
    table = {
        "TableName": "results",
        "TableArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/results",
        "TableStatus": status,
        "AttributeDefinitions": [{"AttributeName": "eventId", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "eventId", "KeyType": "HASH"}],
    }
    backups = {"ContinuousBackupsDescription": {"ContinuousBackupsStatus": "ENABLED"}}
    return {
        "describe_table": {"Table": table | found},
        "describe_continuous_backups": backups,
        "describe_time_to_live": {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}},
        "list_tags_of_resource": {"Tags": [{"Key": "team", "Value": "data"}]},
    }


@pytest.mark.parametrize(("status", "ready"), [("CREATING", False), ("ACTIVE", True), ("DELETING", False)])
def test_only_an_active_table_is_ready(status: str, ready: bool, fake: Callable[..., Any]) -> None:
    live = TABLE.read(fake(answers(status)))
    assert live
    assert (live.state, live.ready) == (status, ready)


@pytest.mark.parametrize(("status", "leaving"), [("CREATING", False), ("DELETING", True)])
def test_a_table_whose_tags_cannot_be_read_yet_or_any_more_is_not_a_missing_table(
    status: str, leaving: bool, fake: Callable[..., Any], refused: Callable[[str], Exception]
) -> None:
    live = TABLE.read(fake(answers(status) | {"list_tags_of_resource": refused("ResourceNotFoundException")}))
    assert live
    assert (live.tags, live.is_leaving) == ({}, leaving)


def test_the_tags_of_a_table_in_change_are_read(fake: Callable[..., Any]) -> None:
    live = TABLE.read(fake(answers("UPDATING")))
    assert live
    assert (live.tags, live.ready) == ({"team": "data"}, False)


def test_all_pages_of_tags_are_read(aws: Aws) -> None:
    wanted = replace(TABLE, tags={f"tag-{number}": "x" for number in range(25)})
    wanted.create(aws)
    live = wanted.read(aws)
    assert live
    assert live.tags == wanted.tags


def test_a_protected_table_says_how_to_take_the_protection_off(aws: Aws) -> None:
    wanted = replace(TABLE, deletion_protection=True)
    wanted.create(aws)
    live = wanted.read(aws)
    assert live
    assert "deletion_protection = false" in live.protection


def test_backups_that_are_not_there_yet_are_waited_for(refused: Callable[[str], Exception]) -> None:
    assert classify(refused("ContinuousBackupsUnavailableException")) is Failure.NO_EFFECT


def test_a_table_whose_backups_cannot_be_told_yet_is_not_ready(
    fake: Callable[..., Any], refused: Callable[[str], Exception]
) -> None:
    live = TABLE.read(fake(answers("ACTIVE") | {"describe_continuous_backups": refused("TableNotFoundException")}))
    assert live
    assert not live.ready


def streaming(view: str | None) -> dict[str, Any]:
    """What AWS tells of a table with a stream, or of one that had it."""
    if view is None:
        return answers("ACTIVE", LatestStreamArn=STREAM)
    specification = {"StreamEnabled": True, "StreamViewType": view}
    return answers("ACTIVE", LatestStreamArn=STREAM, StreamSpecification=specification)


def test_a_table_is_made_with_its_stream(aws: Aws) -> None:
    wanted = replace(TABLE, stream_view="NEW_IMAGE")
    wanted.create(aws)
    live = wanted.read(aws)
    assert live
    assert (live.settings["stream_view"], live.attributes.keys()) == ("NEW_IMAGE", {"name", "arn", "stream_arn"})


def test_a_stream_that_was_turned_off_is_none_though_aws_goes_on_telling_it(fake: Callable[..., Any]) -> None:
    live = TABLE.read(fake(streaming(None)))
    assert live
    assert live.settings["stream_view"] is None
    assert "stream_arn" not in live.attributes


@pytest.mark.parametrize(
    ("there", "wanted", "sent"),
    [
        (None, "NEW_IMAGE", {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}),
        ("NEW_IMAGE", None, {"StreamEnabled": False}),
        ("NEW_IMAGE", "KEYS_ONLY", {"StreamEnabled": False}),
    ],
)
def test_a_stream_is_turned_on_or_off_and_never_changed(
    there: str | None, wanted: Any, sent: dict[str, Any], fake: Callable[..., Any]
) -> None:
    aws, table = fake(streaming(there)), replace(TABLE, stream_view=wanted)
    table.update(aws, table.read(aws))
    assert aws.sent("update_table")["StreamSpecification"] == sent


@pytest.mark.parametrize(("before", "wanted"), [(None, "NEW_IMAGE"), ("NEW_IMAGE", None), ("NEW_IMAGE", "KEYS_ONLY")])
def test_a_stream_turned_on_or_off_again_after_a_lost_answer_is_done(
    before: str | None, wanted: Any, fake: Callable[..., Any], refused: Callable[[str], Exception]
) -> None:
    """DynamoDB refuses it then; moto and the emulator take it."""
    table = replace(TABLE, stream_view=wanted)
    live = table.read(fake(streaming(before)))
    done = streaming(None if before else wanted) | {"update_table": refused("ValidationException")}

    table.update(fake(done), live)  # type: ignore[arg-type]
    with pytest.raises(ClientError, match="ValidationException"):
        table.update(fake(done | streaming(before)), live)  # type: ignore[arg-type]


def test_a_table_takes_one_change_at_a_time(fake: Callable[..., Any]) -> None:
    aws = fake(streaming(None))
    table = replace(TABLE, stream_view="NEW_IMAGE", deletion_protection=True, point_in_time_recovery=True)
    table.update(aws, table.read(aws))
    assert [name for name in aws.operations if name.startswith("update")] == ["update_table"]


def test_whoever_refers_to_the_stream_of_a_table_without_one_is_refused() -> None:
    reader = LogGroup(id="reader", name=f"reads {TABLE.ref('stream_arn')}")
    Graph([replace(TABLE, stream_view="NEW_IMAGE"), reader])
    with pytest.raises(PluginError, match=r"reader refers to \$\{table.stream_arn\}, which does not exist"):
        Graph([TABLE, reader])

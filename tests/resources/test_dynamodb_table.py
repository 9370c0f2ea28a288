from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.aws.failures import Failure, classify
from streamctl.resources.dynamodb_table import DynamodbTable

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


def answers(status: str) -> dict[str, Any]:
    table = {
        "TableName": "results",
        "TableArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/results",
        "TableStatus": status,
        "AttributeDefinitions": [{"AttributeName": "eventId", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "eventId", "KeyType": "HASH"}],
    }
    backups = {"ContinuousBackupsDescription": {"ContinuousBackupsStatus": "ENABLED"}}
    return {
        "describe_table": {"Table": table},
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

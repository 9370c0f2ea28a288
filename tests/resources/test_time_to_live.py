"""What moto and the emulator do not know: DynamoDB takes one change an hour, and a change takes a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from streamctl.errors import AwsError
from streamctl.resources import time_to_live
from streamctl.resources.time_to_live import attribute, change

if TYPE_CHECKING:
    from collections.abc import Callable

TOO_SOON = "Time to live has been modified multiple times within a fixed interval"


def described(status: str, name: str = "") -> dict[str, Any]:
    return {"TimeToLiveDescription": {"TimeToLiveStatus": status} | ({"AttributeName": name} if name else {})}


def invalid(words: str) -> ClientError:
    return ClientError({"Error": {"Code": "ValidationException", "Message": words}}, "UpdateTimeToLive")


@pytest.mark.parametrize(
    ("status", "name", "told"),
    [
        ("DISABLED", "", None),
        ("DISABLED", "expiresAt", None),
        ("ENABLING", "expiresAt", "expiresAt"),
        ("ENABLED", "expiresAt", "expiresAt"),
        ("DISABLING", "expiresAt", None),
    ],
)
def test_a_change_that_is_under_way_counts_as_made(status: str, name: str, told: str | None) -> None:
    assert attribute(described(status, name)) == told


@pytest.mark.parametrize("state", ["CREATING", "DELETING"])
def test_of_a_table_that_is_not_made_or_leaving_nothing_is_told(state: str, fake: Callable[..., Any]) -> None:
    words = f"Cannot describe time to live while table is in {state} state: Current table state is {state}"

    assert time_to_live.described(fake({"describe_time_to_live": invalid(words)}), "results") is None


@pytest.mark.parametrize(
    ("there", "wanted", "sent"),
    [
        (None, "expiresAt", {"AttributeName": "expiresAt", "Enabled": True}),
        ("expiresAt", None, {"AttributeName": "expiresAt", "Enabled": False}),
        ("expiresAt", "deleteAt", {"AttributeName": "expiresAt", "Enabled": False}),
    ],
)
def test_one_attribute_goes_off_before_another_goes_on(
    there: str | None, wanted: str | None, sent: dict[str, Any], fake: Callable[..., Any]
) -> None:
    dynamodb = fake({})

    change(dynamodb, "results", there, wanted)

    assert dynamodb.sent("update_time_to_live")["TimeToLiveSpecification"] == sent


def test_a_change_within_the_hour_is_refused_with_what_to_do(fake: Callable[..., Any]) -> None:
    dynamodb = fake({"update_time_to_live": invalid(TOO_SOON), "describe_time_to_live": described("DISABLED")})

    with pytest.raises(AwsError, match="begin deleting items of results by expiresAt: Time to live has been") as raised:
        change(dynamodb, "results", None, "expiresAt")

    assert "one change of it an hour" in (raised.value.hint or "")


@pytest.mark.parametrize("words", [TOO_SOON, "TimeToLive is already enabled"])
def test_a_change_sent_again_after_a_lost_answer_is_done(words: str, fake: Callable[..., Any]) -> None:
    answers = {"update_time_to_live": invalid(words), "describe_time_to_live": described("ENABLING", "expiresAt")}

    change(fake(answers), "results", None, "expiresAt")


def test_any_other_refusal_is_told_as_it_is(fake: Callable[..., Any]) -> None:
    answers = {"update_time_to_live": invalid("no such name"), "describe_time_to_live": described("DISABLED")}

    with pytest.raises(ClientError, match="no such name"):
        change(fake(answers), "results", None, "")

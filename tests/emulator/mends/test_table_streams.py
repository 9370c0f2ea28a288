# ruff: noqa: SLF001 - MiniStack's own state, in this process, is what is looked at
from __future__ import annotations

import threading
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from ministack import app
from ministack.core.responses import request_scope
from ministack.services import dynamodb

from streamctl.emulator.encoding import decode, encode
from streamctl.emulator.mends import table_streams
from streamctl.emulator.mends.table_streams import REAPER, completed, get_state, load_state, tell_of_expiry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REGION = "eu-west-1"
ITEM = {"id": {"S": "a"}, "n": {"N": "7"}}


@pytest.fixture
def table() -> Iterator[dict[str, Any]]:
    """A table with a stream, in an account of its own of this process's MiniStack."""
    account = str(uuid.uuid4().int)[:12]
    arn = f"arn:aws:dynamodb:{REGION}:{account}:table/t"
    with request_scope(account, REGION):
        dynamodb._tables["t"] = {
            "TableName": "t",
            "TableArn": arn,
            "pk_name": "id",
            "sk_name": None,
            "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "OLD_IMAGE"},
            "LatestStreamArn": f"{arn}/stream/2026-11-25T10:00:00.000",
        }
        yield dynamodb._tables["t"]
        for store in (dynamodb._tables, *table_streams.KEPT.values()):
            for key in list(store):
                del store[key]


def as_reaper(call: Callable[[], Any]) -> None:
    thread = threading.Thread(target=call, name=REAPER)
    thread.start()
    thread.join()


def changes() -> list[dict[str, Any]]:
    return list(dynamodb.stream_live_records("t"))


def test_ministack_deletes_what_has_expired_in_a_thread_of_this_name() -> None:
    assert REAPER in {each.name for each in threading.enumerate()}


def test_an_item_that_expired_is_told_of(table: dict[str, Any]) -> None:
    as_reaper(lambda: tell_of_expiry(table, "a", None, ITEM))

    [told] = changes()
    assert (told["eventName"], told["dynamodb"]["OldImage"]) == ("REMOVE", ITEM)


def test_an_item_that_somebody_deleted_is_told_of_by_the_delete_itself(table: dict[str, Any]) -> None:
    tell_of_expiry(table, "a", None, ITEM)
    as_reaper(lambda: tell_of_expiry(table, "a", None, None))

    assert changes() == []


def test_only_the_record_of_an_expiry_names_dynamodb_as_the_one_who_did_it(table: dict[str, Any]) -> None:
    made: list[dict[str, Any]] = []

    def complete() -> None:
        made.append(completed(table, "REMOVE", ITEM, None, "OLD_IMAGE", {"dynamodb": {"Keys": {"id": {"S": "a"}}}}))

    complete()
    as_reaper(complete)

    assert "userIdentity" not in made[0]
    assert made[1]["userIdentity"] == {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}


def test_the_size_of_a_change_is_that_of_its_keys_and_images(table: dict[str, Any]) -> None:
    change = {"Keys": {"id": {"S": "a"}}, "OldImage": ITEM}
    made = completed(table, "REMOVE", ITEM, None, "OLD_IMAGE", {"dynamodb": change})

    assert made["dynamodb"]["SizeBytes"] == len("id" + "a") * 2 + len("n") + 2  # a number of two digits takes 2 bytes


def test_what_streams_hold_outlives_a_restart(table: dict[str, Any]) -> None:
    dynamodb._emit_stream_event("t", "INSERT", None, ITEM)
    dynamodb.drop_stream_records("t", table)
    dynamodb._emit_stream_event("t", "REMOVE", ITEM, None)
    before, closed = changes(), dynamodb.closed_stream(table["LatestStreamArn"])
    saved = "".join(encode(get_state()))
    for store in table_streams.KEPT.values():
        for key in list(store):
            del store[key]
    assert changes() == []

    load_state(decode(saved))

    assert changes() == before
    assert len(before) == 1
    assert dynamodb.closed_stream(table["LatestStreamArn"]) == closed


def test_streams_are_saved_after_the_tables_so_that_every_saved_change_is_told() -> None:
    services = list(app._state_map)
    assert services.index("dynamodb") < services.index("dynamodb_streams")

from __future__ import annotations

import json
from typing import Any

import pytest

from streamctl.functions.processor.item import build_item
from streamctl.functions.processor.record import Record
from streamctl.functions.processor.stamps import NO_STAMPS, Stamps

from .conftest import Bench
from .kpl import aggregate
from .lambda_events import ARRIVED_AT_MS, SHARD, Invocation, delivery, event, sequence

HEADER = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1"
EXPIRING = {"EXPIRY_ATTRIBUTE": "expiresAt", "EXPIRY_SECONDS": "86400"}
BATCH = Invocation()


def added(stamps: Stamps, environment: dict[str, str], payload: bytes = b"{}") -> dict[str, Any]:
    """What the item of a record has beside what it would have without stamps."""
    record = Record.from_lambda(delivery(payload, 7))
    bare, stamped = (
        json.loads(build_item(record, "{}", {}, 0, stamp=each.of_batch(BATCH, environment)).attributes)
        for each in (NO_STAMPS, stamps)
    )
    assert bare.items() <= stamped.items()
    return {name: value for name, value in stamped.items() if name not in bare}


def test_an_item_expires_so_long_after_its_record_arrived() -> None:
    assert added(Stamps.from_environment(EXPIRING), {}) == {"expiresAt": {"N": str(ARRIVED_AT_MS // 1000 + 86_400)}}


def test_an_item_tells_the_batch_it_came_with_and_its_place_in_the_stream() -> None:
    assert added(Stamps.from_environment({"TRACE_ITEMS": "1"}), {"_X_AMZN_TRACE_ID": HEADER}) == {
        "traceId": {"S": "1-5759e988-bd862e3fe1be46a994272793"},
        "traceSampled": {"BOOL": True},
        "requestId": {"S": BATCH.aws_request_id},
        "streamPlace": {"S": f"{SHARD}:{sequence(7)}"},
    }


@pytest.mark.parametrize("header", [HEADER.replace("Sampled=1", "Sampled=0"), "Root=1-5759e988-bd862e3fe1be46a9"])
def test_a_trace_that_x_ray_does_not_keep_is_told_from_one_that_it_does(header: str) -> None:
    assert added(Stamps(traced=True), {"_X_AMZN_TRACE_ID": header})["traceSampled"] == {"BOOL": False}


@pytest.mark.parametrize("header", ["", "Self=1-2-3", ";;", "Sampled=1"])
def test_without_a_trace_an_item_still_tells_its_batch(header: str) -> None:
    assert added(Stamps(traced=True), {"_X_AMZN_TRACE_ID": header}).keys() == {"requestId", "streamPlace"}


def test_without_a_feature_items_have_no_stamp() -> None:
    assert Stamps.from_environment({}) == NO_STAMPS
    assert added(NO_STAMPS, {"_X_AMZN_TRACE_ID": HEADER}) == {}


@pytest.mark.parametrize(
    "environment",
    [
        {"EXPIRY_ATTRIBUTE": "expiresAt"},
        {"EXPIRY_SECONDS": "60"},
        {**EXPIRING, "EXPIRY_SECONDS": "0"},
        {**EXPIRING, "EXPIRY_SECONDS": "soon"},
    ],
)
def test_a_function_that_is_told_half_of_it_stores_nothing(environment: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"fit together|invalid literal"):
        Stamps.from_environment(environment)


def test_a_batch_is_stamped_record_by_record() -> None:
    bench = Bench(stamps=Stamps("expiresAt", 60, traced=True))

    bench.run(event(eventId="a"), event(eventId="b"), aggregate(event(eventId="c")))

    rows = {event_id: row for (event_id, _), row in bench.dynamodb.rows.items()}
    assert {row["expiresAt"]["N"] for row in rows.values()} == {str(ARRIVED_AT_MS // 1000 + 60)}
    assert {row["requestId"]["S"] for row in rows.values()} == {BATCH.aws_request_id}
    assert [rows[name]["streamPlace"]["S"] for name in "abc"] == [
        f"{SHARD}:{sequence(0)}",
        f"{SHARD}:{sequence(1)}",
        f"{SHARD}:{sequence(2)}:0",
    ]

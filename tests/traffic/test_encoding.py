"""A request as bytes, read by other people's libraries."""

from __future__ import annotations

import base64
import json
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamctl.traffic.encoding import Cbor, Encoding, Json

KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=256)
RECORDS = st.lists(st.tuples(st.binary(max_size=700), KEYS), min_size=1, max_size=30)


def read(encoding: Encoding, body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = cbor2.loads(body) if isinstance(encoding, Cbor) else json.loads(body)
    for record in found["Records"]:
        if isinstance(encoding, Json):
            record["Data"] = base64.b64decode(record["Data"], validate=True)
    return found


@pytest.mark.parametrize("encoding", [Json(), Cbor()])
@given(records=RECORDS)
def test_a_request_holds_every_record_as_it_is(encoding: Encoding, records: list[tuple[bytes, str]]) -> None:
    body = encoding.request("analytics", [payload for payload, _ in records], [key for _, key in records])

    expected = [{"Data": payload, "PartitionKey": key} for payload, key in records]
    assert read(encoding, body) == {"StreamName": "analytics", "Records": expected}


@pytest.mark.parametrize("encoding", [Json(), Cbor()])
def test_a_shard_can_be_chosen(encoding: Encoding) -> None:
    body = encoding.request("analytics", [b"x", b"y"], ["k", "l"], ["0", str(2**127)])

    chosen = [record["ExplicitHashKey"] for record in read(encoding, body)["Records"]]
    assert chosen == ["0", "170141183460469231731687303715884105728"]


@pytest.mark.parametrize("length", [0, 23, 24, 255, 256, 65_535, 65_536, 1_048_576])
def test_payloads_of_every_length_can_be_read(length: int) -> None:
    assert read(Cbor(), Cbor().request("s", [b"x" * length], ["k"]))["Records"][0]["Data"] == b"x" * length


@pytest.mark.parametrize(
    ("answer", "all_taken"),
    [
        ({"FailedRecordCount": 0, "Records": []}, True),
        ({"FailedRecordCount": 1, "Records": []}, False),
        ({"FailedRecordCount": 500, "Records": []}, False),
        ({"Records": []}, False),
    ],
)
def test_an_answer_tells_whether_everything_was_taken(answer: dict[str, Any], all_taken: bool) -> None:
    assert Json().all_taken(json.dumps(answer).encode()) is all_taken
    assert Json().all_taken(json.dumps(answer, separators=(",", ":")).encode()) is all_taken
    assert Cbor().all_taken(cbor2.dumps(answer)) is all_taken


def test_a_map_in_cbor_is_told_from_json() -> None:
    assert Cbor().is_spoken(cbor2.dumps({"Shards": []}))
    assert not Cbor().is_spoken(b'{"Shards": []}')
    assert not Cbor().is_spoken(b"")

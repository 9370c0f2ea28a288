"""What is remembered, on moto's DynamoDB: conditions, transactions over two tables, and reads of many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from streamctl.functions.anomaly_detector.store import REMEMBERED_SECONDS, Change, Store
from streamctl.functions.anomaly_detector.watch import Finding
from streamctl.functions.aws.errors import CallError
from streamctl.functions.aws.service import JsonService

from ..aws.through_botocore import ThroughBotocore
from .bench import NOW, make_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

FOUND = Finding("clicks", 600, 60, 7.5, 3.0, 0.0, 5.0, 0.9, 0.95, 660)
ONE, OTHER = b"8 bytes1", b"8 bytes2"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        make_tables(boto3.client("dynamodb"))
        yield Store(JsonService("dynamodb", network=ThroughBotocore("dynamodb")), "state", "results")


def change(version: int, **parts: Any) -> Change:
    fields = {"windows": {"watermark": 5}, "applied": {}, "series": {}, "findings": [], "made_at": NOW}
    return Change(version, **(fields | parts))


def test_there_is_nothing_at_first(store: Store) -> None:
    assert store.snapshot() == (0, None)
    assert store.applied([1, 2]) == {}
    assert store.series(["clicks"]) == {}
    assert store.applied([]) == {}


def test_a_change_is_written_as_a_whole(store: Store) -> None:
    store.commit(change(0, applied={77: frozenset({ONE, OTHER})}, series={"clicks": {"seen": 3}}, findings=[FOUND]))

    assert store.snapshot() == (1, {"watermark": 5})
    assert store.applied([76, 77]) == {77: {ONE, OTHER}}
    assert store.series(["clicks", "purchases"]) == {"clicks": {"seen": 3}}
    (finding,) = boto3.client("dynamodb").scan(TableName="results")["Items"]
    assert (finding["eventId"], finding["timestamp"]) == ({"S": "anomaly:clicks"}, {"N": "600"})
    applied = boto3.client("dynamodb").get_item(TableName="state", Key={"id": {"S": "applied:77"}})["Item"]
    assert applied["expires"] == {"N": str(NOW + REMEMBERED_SECONDS)}


@pytest.mark.parametrize("version", [0, 2])
def test_a_change_of_another_version_is_refused_as_a_whole_and_may_be_made_anew(store: Store, version: int) -> None:
    store.commit(change(0))

    with pytest.raises(CallError) as refused:
        store.commit(change(version, windows={"watermark": 6}, findings=[FOUND], series={"clicks": {}}))

    assert refused.value.is_passing
    assert store.snapshot() == (1, {"watermark": 5})
    assert store.series(["clicks"]) == {}
    assert boto3.client("dynamodb").scan(TableName="results")["Count"] == 0
    store.commit(change(1, windows={"watermark": 6}))
    assert store.snapshot() == (2, {"watermark": 6})


def test_more_than_one_call_reads_many_seconds(store: Store) -> None:
    for first in range(0, 120, 60):
        store.commit(change(first // 60, applied={second: frozenset({ONE}) for second in range(first, first + 60)}))

    assert store.applied(range(130)) == {second: {ONE} for second in range(120)}


def test_a_missing_table_is_no_conflict(store: Store) -> None:
    elsewhere = Store(JsonService("dynamodb", network=ThroughBotocore("dynamodb")), "nowhere", "results")

    with pytest.raises(CallError) as refused:
        elsewhere.commit(change(0))

    assert not refused.value.is_passing


def test_a_lost_answer_is_asked_for_once_more_under_the_same_token() -> None:
    sent: list[bytes] = []

    class LosesTheFirst:
        def post(self, operation: str, body: bytes) -> Any:
            sent.append(body)
            if len(sent) == 1:
                raise CallError("TimeoutError", is_passing=True)
            return {}

    Store(LosesTheFirst(), "state", "results").commit(change(0))

    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert b"ClientRequestToken" in sent[0]


def test_what_dynamodb_leaves_out_of_a_read_is_asked_for_again() -> None:
    keys = [{"id": {"S": "series:clicks"}}, {"id": {"S": "series:purchases"}}]
    answers = iter(
        [
            {
                "Responses": {"state": [keys[0] | {"state": {"S": "1"}}]},
                "UnprocessedKeys": {"state": {"Keys": keys[1:]}},
            },
            {"Responses": {"state": [keys[1] | {"state": {"S": "2"}}]}, "UnprocessedKeys": {}},
            {"Responses": {}, "UnprocessedKeys": {"state": {"Keys": keys}}},
        ]
    )

    class Busy:
        def post(self, operation: str, body: bytes) -> Any:
            return next(answers)

    store = Store(Busy(), "state", "results")

    assert store.series(["clicks", "purchases"]) == {"clicks": 1, "purchases": 2}
    with pytest.raises(CallError) as refused:
        store.series(["clicks", "purchases"])
    assert refused.value.is_passing

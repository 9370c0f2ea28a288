from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from streamctl.errors import AwsError, DeadlineError
from streamctl.traffic.canary import prove_delivery

if TYPE_CHECKING:
    from collections.abc import Sequence


class Pipeline:
    """A stream whose records reach the table after some looks; also the clock."""

    def __init__(self, looks_needed: int, loses: int = 0, refusals: Sequence[str] = ()) -> None:
        self.refusals = list(refusals)
        self.looks_needed = looks_needed
        self.loses = loses
        self.sent: list[dict[str, Any]] = []
        self.looks = 0
        self.deleted: list[Any] = []
        self.now = 0.0

    def client(self, service: str) -> Pipeline:
        return self

    def put_record(self, *, StreamName: str, Data: bytes, PartitionKey: str) -> None:
        if self.refusals:
            raise ClientError({"Error": {"Code": self.refusals.pop(0)}}, "PutRecord")
        self.sent.append(json.loads(Data))

    def get_item(self, *, TableName: str, Key: Any, ConsistentRead: bool) -> dict[str, Any]:
        self.looks += 1
        return {"Item": Key} if self.looks >= self.looks_needed and len(self.sent) > self.loses else {}

    def delete_item(self, *, TableName: str, Key: Any) -> None:
        self.deleted.append(Key)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def prove(pipeline: Pipeline, *, may_be_missed: bool = False) -> float:
    aws: Any = pipeline
    return prove_delivery(
        aws,
        "stream",
        "table",
        window_seconds=5,
        may_be_missed=may_be_missed,
        deadline_seconds=60,
        clock=pipeline.clock,
        sleep=pipeline.sleep,
    )


def test_a_canary_that_arrives_is_taken_out_again() -> None:
    pipeline = Pipeline(looks_needed=3)

    took = prove(pipeline)

    (event,) = pipeline.sent
    assert event["eventId"].startswith("canary-")
    assert pipeline.deleted[0]["eventId"] == {"S": event["eventId"]}
    assert took == pytest.approx(pipeline.now)


def test_a_canary_missed_by_a_mapping_that_was_not_polling_yet_is_sent_again_under_the_same_id() -> None:
    pipeline = Pipeline(looks_needed=1, loses=1)

    prove(pipeline, may_be_missed=True)

    assert len(pipeline.sent) == 2
    assert pipeline.sent[0] == pipeline.sent[1]


def test_the_last_of_several_copies_is_waited_for_and_taken_out_as_well() -> None:
    pipeline = Pipeline(looks_needed=1, loses=1)

    prove(pipeline, may_be_missed=True)

    assert len(pipeline.deleted) == 2


def test_a_canary_that_cannot_be_missed_is_sent_once() -> None:
    pipeline = Pipeline(looks_needed=20)

    prove(pipeline)

    assert len(pipeline.sent) == 1


def test_a_canary_that_never_arrives_is_an_error_with_the_next_step() -> None:
    with pytest.raises(DeadlineError, match="did not arrive in the table within 60 s") as failure:
        prove(Pipeline(looks_needed=10_000))
    assert "streamctl up" in (failure.value.hint or "")


def test_a_stream_that_is_busy_for_a_moment_gets_its_canary_all_the_same() -> None:
    pipeline = Pipeline(looks_needed=1, refusals=["KMSThrottlingException"] * 3)

    prove(pipeline)

    assert len(pipeline.sent) == 1


@pytest.mark.parametrize("refusals", [["AccessDeniedException"], ["KMSThrottlingException"] * 4])
def test_a_stream_that_takes_no_canary_is_said(refusals: list[str]) -> None:
    with pytest.raises(AwsError, match=refusals[0]):
        prove(Pipeline(looks_needed=1, refusals=refusals))

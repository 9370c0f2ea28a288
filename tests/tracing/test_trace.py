from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.functions.processor.outcomes import Rejection
from streamctl.functions.processor.record import Record
from streamctl.functions.processor.rejected import message_body
from streamctl.ledger import Ledger, RunInfo
from streamctl.tracing.arrived import console_link
from streamctl.tracing.way import Outcome
from streamctl.verify.expiry import Expiry
from tests.tracing.conftest import LOG_GROUP
from tests.verify.conftest import AT, AT_MS, RUN_ID, letter, purchase

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamctl.tracing.way import Way
    from tests.verify.conftest import Pipeline

    Follow = Callable[..., Way]

EVENT = purchase(3)
EVENT_ID = f"{RUN_ID}-000000003"
EVENTS = [purchase(number) for number in range(5)]
TRACE_ID, REQUEST_ID = "1-5759e988-bd862e3fe1be46a994272793", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
SHARD, SEQUENCE = "shardId-000000000000", "49590338271490256608559692538361571095921575989136588898"
TRACED = {
    "traceId": {"S": TRACE_ID},
    "traceSampled": {"BOOL": True},
    "requestId": {"S": REQUEST_ID},
    "streamPlace": {"S": f"{SHARD}:{SEQUENCE}"},
}


def names(way: Way) -> list[str]:
    return [step.name for step in way.steps]


def facts(way: Way, name: str) -> Any:
    (found,) = [step.facts for step in way.steps if step.name == name]
    return found


def log(pipeline: Pipeline, *lines: tuple[int, str]) -> None:
    """Lines of one log stream, at milliseconds after `AT`."""
    logs = pipeline.aws.client("logs")
    logs.create_log_group(logGroupName=LOG_GROUP)
    logs.create_log_stream(logGroupName=LOG_GROUP, logStreamName="one")
    logs.put_log_events(
        logGroupName=LOG_GROUP,
        logStreamName="one",
        logEvents=[{"timestamp": AT_MS + ms, "message": message} for ms, message in lines],
    )


def test_a_stored_event_is_followed_from_its_making_to_its_item(pipeline: Pipeline, follow: Follow) -> None:
    event = {**EVENT, "timestamp": "2026-11-23T16:11:53.900Z"}
    pipeline.sent([*EVENTS[:3], event])
    pipeline.store(event)

    way = follow(EVENT_ID)

    assert (way.outcome, names(way)) == (Outcome.STORED, ["made", "sent", "arrived", "processed", "stored"])
    assert [after_ms for _, after_ms in way.after_ms()] == [None, None, 100, 150, None]
    assert facts(way, "sent") | {"from": None, "until": None} == {
        "run_id": RUN_ID,
        "number": 3,
        "source": "mine.jsonl",
        "from": None,
        "until": None,
        "outcome": "accepted",
    }
    item = facts(way, "stored")["item"]
    assert (item["eventId"], item["metrics"]["amount"]) == (EVENT_ID, Decimal("10.99"))


@pytest.mark.parametrize("payload", ["{}", "[]", "no JSON", '{"timestamp": 7}', '{"timestamp": "yesterday"}'])
def test_an_event_that_says_no_time_was_made_nobody_knows_when(
    payload: str, pipeline: Pipeline, follow: Follow
) -> None:
    pipeline.store(EVENT, rawData={"S": payload})

    assert names(follow(EVENT_ID)) == ["arrived", "processed", "stored"]


def test_a_traced_event_tells_its_batch_its_place_and_its_trace(pipeline: Pipeline, follow: Follow) -> None:
    pipeline.store(EVENT, **TRACED)
    log(
        pipeline,
        (90, "START RequestId: another Version: $LATEST"),
        (100, "processed records=1 stored=1 rejected=0 retried=0 duration_ms=3"),
        (140, f"START RequestId: {REQUEST_ID} Version: $LATEST"),
        (190, "processed records=10 stored=8 rejected=2 retried=0 duration_ms=40\n"),
        (191, f"END RequestId: {REQUEST_ID}"),
        (
            191,
            f"REPORT RequestId: {REQUEST_ID}\tDuration: 42.17 ms\tBilled Duration: 43 ms\tMemory Size: 512 MB\t"
            f"Max Memory Used: 61 MB\t\nXRAY TraceId: {TRACE_ID}\tSegmentId: 60b8ebf62d6bd2fe\tSampled: true\t",
        ),
    )

    way = follow(EVENT_ID)

    assert names(way) == ["arrived", "batch", "processed", "stored", "traced"]
    assert [after_ms for _, after_ms in way.after_ms()] == [None, 140, 10, 40, None]
    assert facts(way, "arrived") == {"shard_id": SHARD, "sequence_number": SEQUENCE}
    batch = facts(way, "batch")
    assert (batch["records"], batch["stored"], batch["set_aside"]) == (10, 8, 2)
    assert (batch["duration_ms"], batch["memory_mb"], batch["used_memory_mb"]) == (42.17, 512, 61)
    assert facts(way, "traced") == {"trace_id": TRACE_ID, "sampled": True, "link": f"console/{TRACE_ID}"}


@pytest.mark.parametrize("lines", [[], [(0, "START RequestId: another Version: $LATEST")]])
def test_a_batch_that_the_log_does_not_tell_of_is_known_by_its_invocation(
    lines: list[tuple[int, str]], pipeline: Pipeline, follow: Follow
) -> None:
    pipeline.store(EVENT, **TRACED)
    if lines:
        log(pipeline, *lines)

    way = follow(EVENT_ID)

    assert (facts(way, "batch")["request_id"], facts(way, "batch")["records"]) == (REQUEST_ID, None)
    assert next(step.at for step in way.steps if step.name == "stored") is None


def test_a_trace_that_x_ray_does_not_keep_has_no_link(pipeline: Pipeline, follow: Follow) -> None:
    pipeline.store(EVENT, **{**TRACED, "traceSampled": {"BOOL": False}})

    assert facts(follow(EVENT_ID), "traced") == {"trace_id": TRACE_ID, "sampled": False, "link": None}


def test_every_item_of_an_id_is_told(pipeline: Pipeline, follow: Follow) -> None:
    pipeline.store(EVENT, timestamp={"N": "1"})
    pipeline.store(EVENT, timestamp={"N": "2"})

    way = follow(EVENT_ID)

    assert [step.facts["item"]["timestamp"] for step in way.steps if step.name == "stored"] == [1, 2]


def test_what_makes_no_date_is_no_time(pipeline: Pipeline, follow: Follow) -> None:
    item = {"eventId": {"S": EVENT_ID}, "timestamp": {"N": "1" + "0" * 30}}
    pipeline.dynamodb.put_item(TableName="results", Item=item)

    way = follow(EVENT_ID)

    assert (way.outcome, {step.at for step in way.steps}) == (Outcome.STORED, {None})


@pytest.mark.parametrize(("kept", "outcome"), [(600, Outcome.EXPIRED), (7200, Outcome.STORED)])
def test_an_item_past_its_time_has_expired_though_it_is_there(
    kept: int, outcome: Outcome, pipeline: Pipeline, follow: Follow
) -> None:
    pipeline.places = replace(pipeline.places, expiry=Expiry("expiresAt", kept))
    pipeline.store(EVENT, expiresAt={"N": str(AT_MS // 1000 + kept)})

    way = follow(EVENT_ID)

    assert (way.outcome, way.steps[-1].name) == (outcome, "expires")
    assert way.steps[-1].at == AT + timedelta(seconds=kept)


def set_aside(pipeline: Pipeline, payload: bytes, event_id: str | None) -> None:
    record = Record("analytics", SHARD, SEQUENCE, "key", AT_MS, payload)
    body = message_body(record, Rejection("not_json", "The payload is not JSON.", event_id))
    for message in ("somebody else's", body):
        pipeline.sqs.send_message(QueueUrl=pipeline.places.rejected_queue_url, MessageBody=message)


@pytest.mark.parametrize("asked", [EVENT_ID, f"{SHARD}:{SEQUENCE}", "mine"])
def test_an_event_set_aside_is_found_by_its_payload_its_place_or_its_id_and_stays_there(
    asked: str, pipeline: Pipeline, follow: Follow
) -> None:
    pipeline.sent([*EVENTS[:3], EVENT])
    set_aside(pipeline, json.dumps(EVENT).encode(), "mine")

    ways = [follow(asked), follow(asked)]

    for way in ways:
        assert (way.outcome, names(way)[-2:]) == (Outcome.SET_ASIDE, ["arrived", "set aside"])
        assert facts(way, "set aside")["reason"] == "not_json"
        assert facts(way, "arrived") == {"shard_id": SHARD, "sequence_number": SEQUENCE}


def test_an_event_of_a_batch_that_lambda_gave_up_is_found_in_the_stream(pipeline: Pipeline, follow: Follow) -> None:
    pipeline.sent(EVENTS)
    places = pipeline.put(EVENTS)
    pipeline.dead_letter(places[1], places[4], 4)

    way = follow(EVENT_ID)

    assert (way.outcome, names(way)) == (Outcome.GIVEN_UP, ["sent", "arrived", "given up"])
    assert facts(way, "arrived")["sequence_number"] == places[3]
    assert facts(way, "given up") == {"condition": "RetryAttemptsExhausted", "records": 4}
    assert "kept in the stream until" in way.steps[-1].what
    assert follow(f"{RUN_ID}-000000000").outcome is Outcome.MISSING


def test_an_event_that_nobody_here_sent_is_found_in_a_bucket_by_the_id_in_its_payload(
    pipeline: Pipeline, follow: Follow
) -> None:
    kinesis = {
        "data": base64.b64encode(b'{"eventId": "theirs"}').decode(),
        "sequenceNumber": SEQUENCE,
        "partitionKey": "k",
        "approximateArrivalTimestamp": AT_MS / 1000,
    }
    record = {"kinesis": kinesis, "eventID": f"{SHARD}:{SEQUENCE}", "eventSourceARN": "a:stream/analytics"}
    s3 = pipeline.aws.client("s3")
    s3.create_bucket(Bucket="failed", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    body = {**json.loads(letter(SEQUENCE, SEQUENCE)), "payload": json.dumps({"Records": [record]})}
    s3.put_object(Bucket="failed", Key="aws/lambda/1", Body=json.dumps(body))
    pipeline.places = replace(pipeline.places, failures_bucket="failed")

    way = follow("theirs")

    assert (way.outcome, names(way)) == (Outcome.GIVEN_UP, ["arrived", "given up"])
    assert way.steps[-1].what.endswith("kept in the bucket failed")


@pytest.mark.parametrize(
    ("run", "minutes", "outcome"),
    [
        ({}, 0, Outcome.IN_FLIGHT),
        ({}, 60, Outcome.MISSING),
        ({"unsent": [3]}, 60, Outcome.UNSENT),
        ({"killed_after": 2}, 60, Outcome.UNCONFIRMED),
        ({"kept_seconds": 60}, 60, Outcome.EXPIRED),
        ({"kept_seconds": 7200}, 60, Outcome.MISSING),
    ],
)
def test_of_an_event_that_is_nowhere_its_run_tells(
    run: dict[str, Any], minutes: int, outcome: Outcome, pipeline: Pipeline, follow: Follow
) -> None:
    pipeline.sent(EVENTS, **run)

    way = follow(EVENT_ID, now=lambda: AT + timedelta(minutes=minutes))

    assert (way.outcome, names(way)) == (outcome, ["sent"])
    assert outcome.is_accounted_for is (outcome is not Outcome.MISSING)


@pytest.mark.parametrize("event_id", ["nobody", "é" * 1025, "\ud800"])
def test_an_event_that_nobody_knows_is_unknown(event_id: str, pipeline: Pipeline, follow: Follow) -> None:
    pipeline.sent(EVENTS)

    way = follow(event_id)

    assert (way.outcome, way.steps) == (Outcome.UNKNOWN, ())


def test_an_id_of_ones_own_is_looked_for_in_every_run_and_told_from_the_oldest_on(
    pipeline: Pipeline, follow: Follow
) -> None:
    later = "20261123T171200-aaaa"
    pipeline.sent([purchase(0), {"eventId": "mine"}])
    pipeline.sent([{"eventId": "mine"}], run_id=later, unsent=[0])
    pipeline.store({"eventId": "mine"})

    sent = [step.facts for step in follow("mine").steps if step.name == "sent"]

    assert {(each["run_id"], each["number"], each["outcome"]) for each in sent} == {
        (RUN_ID, 1, "accepted"),
        (later, 0, "unsent"),
    }


def test_what_a_replay_sent_is_told_after_the_run(pipeline: Pipeline, follow: Follow) -> None:
    pipeline.sent(EVENTS)
    again = datetime(2026, 11, 24, tzinfo=UTC)
    info = RunInfo(
        run_id="20261124T000000-bbbb", pipeline="p", stream="analytics", source="replay", seed=None, started_at=again
    )
    with Ledger(pipeline.folder / "replays", info) as book:
        book.add([(EVENT_ID, json.dumps(EVENT).encode())])
        book.finish(0, 1)

    assert [step.facts["source"] for step in follow(EVENT_ID).steps] == ["mine.jsonl", "replay"]


@pytest.mark.parametrize(
    ("partition", "region", "link"),
    [
        ("aws", "eu-west-1", f"https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#xray:traces/{TRACE_ID}"),
        ("aws-cn", "cn-north-1", f"https://cn-north-1.console.amazonaws.cn/cloudwatch/home?region=cn-north-1#xray:traces/{TRACE_ID}"),
        ("aws-iso", "us-iso-east-1", None),
    ],
)  # fmt: skip
def test_a_trace_is_shown_by_the_console_of_its_partition(partition: str, region: str, link: str | None) -> None:
    assert console_link(TRACE_ID, region, partition) == link

"""Where events are looked for, on moto: the table, the queue of rejected records, the dead letters."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, cast

import pytest

from streamctl.errors import AwsError
from streamctl.verify.reconcile import Places, reconcile
from tests.functions.processor.kpl import aggregate
from tests.verify.conftest import AT, RUN_ID, Time, account, counts, purchase, stored

if TYPE_CHECKING:
    from tests.verify.conftest import Pipeline

EVENTS = [purchase(number) for number in range(4)]


def each_scan(pipeline: Pipeline, *then: dict[str, Any]) -> list[str]:
    """After each scan of the table one of these events is written. Returns the growing list of the calls made."""
    calls: list[str] = []
    waiting = list(then)
    aws = pipeline.aws

    class Watched:
        def client(self, service: str) -> Any:
            return aws.client(service)

        def direct(self, service: str) -> Any:
            return self

        def post(self, operation: str, body: bytes) -> bytes:
            answer = aws.direct("dynamodb").post(operation, body)
            calls.append(operation)
            if waiting:
                pipeline.store(waiting.pop(0))
            return answer

    pipeline.aws = cast("Any", Watched())
    pipeline.dynamodb.meta.events.register("after-call.dynamodb.Query", lambda model, **_: calls.append(model.name))
    return calls


def test_a_row_written_behind_the_last_scan_is_found_by_its_id(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS[:1])
    calls = each_scan(pipeline, EVENTS[0])

    assert counts(account(pipeline, run)) == {"sent": 1, "stored": 1}
    assert calls == ["Query", "Scan", "Query"]


def test_while_two_looks_differ_nothing_is_lost(pipeline: Pipeline) -> None:
    """Their ids are not known, so that only another scan can tell."""
    events = [purchase(0) | {"eventId": f"order-{number}"} for number in range(2)]
    run = pipeline.sent(events)
    calls = each_scan(pipeline, events[0])

    assert counts(account(pipeline, run, timeout_seconds=0)) == {"sent": 2, "stored": 1, "in_flight": 1}
    assert calls == ["Scan", "Scan"]
    assert counts(account(pipeline, run, timeout_seconds=0)) == {"sent": 2, "stored": 1, "lost": 1}


def test_many_missing_events_take_two_scans_and_a_hundred_questions(pipeline: Pipeline) -> None:
    run = pipeline.sent([purchase(number) for number in range(300)])
    calls = each_scan(pipeline)

    assert counts(account(pipeline, run)) == {"sent": 300, "lost": 300}
    assert Counter(calls) == {"Scan": 2, "Query": 100}


def test_a_message_that_another_reader_holds_leaves_events_in_flight(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS[:1])
    pipeline.set_aside(EVENTS[0])
    url = pipeline.places.rejected_queue_url
    (held,) = pipeline.sqs.receive_message(QueueUrl=url, VisibilityTimeout=600)["Messages"]

    assert counts(account(pipeline, run, timeout_seconds=0)) == {"sent": 1, "in_flight": 1}

    pipeline.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=held["ReceiptHandle"], VisibilityTimeout=0)
    assert counts(account(pipeline, run, timeout_seconds=0)) == {"sent": 1, "set_aside": 1}


def test_a_record_set_aside_is_found_by_its_payload_and_stays_in_the_queue(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS[:2])
    pipeline.store(EVENTS[0])
    pipeline.set_aside(EVENTS[1], reason="too-large")

    for _ in range(2):
        result = account(pipeline, run)
        assert counts(result) == {"sent": 2, "stored": 1, "set_aside": 1}
        assert result.reasons == {"too-large": 1}
        assert result.holds


def test_foreign_messages_in_the_queues_are_let_pass(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS[:1])
    for url in (pipeline.places.rejected_queue_url, pipeline.places.failures_queue_url):
        for body in ("hello", "[1]", '{"reason": "x", "sha256": 7}', '{"reason": "x", "sha256": "zz"}'):
            pipeline.sqs.send_message(QueueUrl=url, MessageBody=body)

    assert counts(account(pipeline, run, timeout_seconds=0)) == {"sent": 1, "lost": 1}


def test_a_dead_lettered_batch_is_read_again_and_matched(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS[:3])
    numbers = pipeline.put(EVENTS)
    pipeline.store(EVENTS[0])
    pipeline.dead_letter(numbers[1], numbers[2], records=2)

    result = account(pipeline, run)

    assert counts(result) == {"sent": 3, "stored": 1, "dead_lettered": 2}
    assert len(result.dead_letters) == 1
    assert result.dead_letters[0].endswith("kept in the stream until 2026-11-24 16:11 UTC")


def test_what_lambda_gave_up_on_is_not_stored_so_the_proof_fails(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS[:1])
    (number,) = pipeline.put(EVENTS[:1])
    pipeline.dead_letter(number, number, records=1)

    assert not account(pipeline, run).holds


def test_a_loss_beside_a_dead_lettered_batch_is_a_loss(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS)
    numbers = pipeline.put(EVENTS)
    pipeline.store(EVENTS[0])
    pipeline.dead_letter(numbers[1], numbers[2], records=2)

    assert counts(account(pipeline, run)) == {"sent": 4, "stored": 1, "dead_lettered": 2, "lost": 1}


def test_a_range_with_more_missing_than_the_batch_had_accounts_for_none_of_them(pipeline: Pipeline) -> None:
    """Two batches of a shard at a time, and only the one with records 0 and 2 was given up: 1 or 3 is on its way."""
    run = pipeline.sent(EVENTS)
    numbers = pipeline.put(EVENTS)
    pipeline.dead_letter(numbers[0], numbers[2], records=2)
    pipeline.store(EVENTS[3])

    assert counts(account(pipeline, run, time=Time(at=AT))) == {"sent": 4, "stored": 1, "in_flight": 3}
    assert counts(account(pipeline, run)) == {"sent": 4, "stored": 1, "lost": 3}
    pipeline.store(EVENTS[1])
    assert counts(account(pipeline, run)) == {"sent": 4, "stored": 2, "dead_lettered": 2}


def test_batches_of_one_range_that_were_all_given_up_account_for_it_together(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS)
    numbers = pipeline.put(EVENTS)
    pipeline.dead_letter(numbers[0], numbers[2], records=2)
    pipeline.dead_letter(numbers[1], numbers[3], records=2)

    result = account(pipeline, run)

    assert counts(result) == {"sent": 4, "dead_lettered": 4}
    assert len(result.dead_letters) == 2


def put_together(pipeline: Pipeline, *records: list[dict[str, Any]]) -> list[str]:
    """Each as one Kinesis record: an aggregate of these events."""
    pipeline.put([])
    data = [aggregate(*(json.dumps(event).encode() for event in events)) for events in records]
    sent = [pipeline.kinesis.put_record(StreamName="analytics", Data=each, PartitionKey="k") for each in data]
    return [str(answer["SequenceNumber"]) for answer in sent]


def test_of_a_batch_given_up_every_event_in_its_aggregates_is_accounted_for(pipeline: Pipeline) -> None:
    """Lambda counts records: one letter about one record may be about three events."""
    run = pipeline.sent(EVENTS)
    numbers = put_together(pipeline, EVENTS[:3], EVENTS[3:])
    pipeline.store(EVENTS[3])
    pipeline.dead_letter(numbers[0], numbers[1], records=1)

    result = account(pipeline, run)

    assert counts(result) == {"sent": 4, "stored": 1, "dead_lettered": 3}
    assert result.dead_letters[0].startswith("1 record of ")


def test_of_an_aggregate_given_up_what_is_stored_is_stored(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS)
    (number,) = put_together(pipeline, EVENTS)
    pipeline.store(EVENTS[1])
    pipeline.dead_letter(number, number, records=1)

    assert counts(account(pipeline, run)) == {"sent": 4, "stored": 1, "dead_lettered": 3}


def test_a_range_with_more_incomplete_aggregates_than_the_batch_had_accounts_for_none_of_them(
    pipeline: Pipeline,
) -> None:
    run = pipeline.sent(EVENTS)
    numbers = put_together(pipeline, EVENTS[:2], EVENTS[2:])
    pipeline.store(EVENTS[2])
    pipeline.dead_letter(numbers[0], numbers[1], records=1)

    assert counts(account(pipeline, run)) == {"sent": 4, "stored": 1, "lost": 3}
    pipeline.dead_letter(numbers[1], numbers[1], records=1)
    assert counts(account(pipeline, run)) == {"sent": 4, "stored": 1, "dead_lettered": 3}


def test_dead_letters_of_before_the_run_are_not_its_own(pipeline: Pipeline) -> None:
    numbers = pipeline.put(EVENTS)
    pipeline.dead_letter(numbers[0], numbers[3], records=4, arrived_at="2026-11-22T00:00:00Z")

    result = account(pipeline, pipeline.sent(EVENTS), timeout_seconds=0)

    assert counts(result) == {"sent": 4, "lost": 4}
    assert result.dead_letters == ()


def test_canaries_and_other_runs_are_ignored(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS[:1])
    pipeline.store(EVENTS[0])
    pipeline.store(purchase(0) | {"eventId": "canary-1"})
    pipeline.store(purchase(0, run_id="20261123T161154-zzzz"))

    assert counts(account(pipeline, run)) == {"sent": 1, "stored": 1}


def test_events_with_ids_of_their_own_are_found_by_a_scan(pipeline: Pipeline) -> None:
    events = [purchase(0) | {"eventId": f"order-{number}"} for number in range(3)]
    run = pipeline.sent(events)
    for event in events[:2]:
        pipeline.store(event)

    result = account(pipeline, run, timeout_seconds=0)

    assert counts(result) == {"sent": 3, "stored": 2, "lost": 1}
    assert result.lost_examples == (f"event 3 of mine.jsonl (run {RUN_ID})",)


def test_more_than_a_page_of_rows_is_read(pipeline: Pipeline) -> None:
    events = [purchase(number) | {"padding": "x" * 200_000} for number in range(120)]
    run = pipeline.sent(events)
    for event in events:
        pipeline.store(event)

    assert counts(account(pipeline, run)) == {"sent": 120, "stored": 120}


def test_a_few_events_are_asked_for_without_reading_the_table(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS)
    for event in EVENTS:
        pipeline.store(event)
    asked: list[str] = []
    pipeline.dynamodb.meta.events.register("before-call", lambda model, **_: asked.append(model.name))

    account(pipeline, run)

    assert asked == ["Query"] * 4


def test_nothing_is_lost_before_the_whole_table_was_read(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS[:1])
    pipeline.store(EVENTS[0], eventId={"S": "shardId-000000000000:1"})  # where asking by id does not find it

    assert counts(account(pipeline, run, timeout_seconds=0)) == {"sent": 1, "changed": 1}


def test_a_table_that_is_missing_is_a_clear_error(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS)

    with pytest.raises(AwsError, match="Could not read the table nowhere"):
        reconcile([run], pipeline.aws, Places(table="nowhere"), settle_seconds=0)


def test_a_queue_cut_off_from_us_leaves_events_in_flight(pipeline: Pipeline) -> None:
    """A queue too long to be looked through may hold anything, so nothing can be called lost."""

    class Endless:
        def client(self, service: str) -> Any:
            return self if service == "sqs" else pipeline.aws.client(service)

        def direct(self, service: str) -> Any:
            return pipeline.aws.direct(service)

        def receive_message(self, **arguments: Any) -> Any:
            time.now += 1
            return {"Messages": [{"ReceiptHandle": "r", "Body": "{}"}]}

        def change_message_visibility_batch(self, **arguments: Any) -> Any:
            return {}

    time = Time()
    run = pipeline.sent(EVENTS[:1])
    result = reconcile(
        [run],
        cast("Any", Endless()),
        pipeline.places,
        settle_seconds=30,
        timeout_seconds=0,
        now=time.date,
        clock=time.clock,
        sleep=time.sleep,
    )

    assert counts(result) == {"sent": 1, "in_flight": 1}


@pytest.mark.parametrize("left_out", [["rawData"], []])
def test_a_row_without_its_payload_is_proved_by_its_checksum(pipeline: Pipeline, left_out: list[str]) -> None:
    run = pipeline.sent(EVENTS[:1])
    seen = EVENTS[0] | {"userId": "[redacted]"}
    item = stored(seen, userId={"S": "[redacted]"}, payloadSha256={"S": sha256(EVENTS[0])})
    pipeline.dynamodb.put_item(TableName="results", Item={name: item[name] for name in item if name not in left_out})

    found = account(pipeline, run)

    assert (found.stored, found.compared_by_checksum, found.holds) == (1, 1, True)


def test_a_checksum_of_something_else_or_under_another_id_is_not_what_was_sent(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS[:2])
    pipeline.store(EVENTS[0], payloadSha256={"S": sha256(EVENTS[3])})
    pipeline.store(EVENTS[2], payloadSha256={"S": sha256(EVENTS[1])})

    assert counts(account(pipeline, run)) == {"sent": 2, "changed": 2}


def sha256(event: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(event).encode()).hexdigest()

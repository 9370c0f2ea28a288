"""Every event of a run accounted for, on moto: what is there, what is set aside, what is lost."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamctl import ledger
from streamctl.errors import AwsError
from streamctl.ledger import Ledger, RunInfo
from streamctl.verify.latency import Latency
from streamctl.verify.reconcile import Places, Reconciliation, reconcile
from tests.verify.conftest import AT, AT_MS, RUN_ID, Time, purchase, stored

if TYPE_CHECKING:
    from streamctl.ledger import Run
    from tests.verify.conftest import Pipeline

EVENTS = [purchase(number) for number in range(4)]


def account(pipeline: Pipeline, *runs: Run, time: Time | None = None, **options: Any) -> Reconciliation:
    time = time or Time()
    options = {"timeout_seconds": 10, **options}
    return reconcile(runs, pipeline.aws, pipeline.places, clock=time.clock, sleep=time.sleep, **options)


COUNTS = [field.name for field in fields(Reconciliation) if field.type == "int"]


def counts(result: Reconciliation) -> dict[str, int]:
    """Those that are not zero."""
    return {name: getattr(result, name) for name in COUNTS if getattr(result, name)}


def test_a_run_that_is_stored_holds(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS)
    for event in EVENTS:
        pipeline.store(event)

    result = account(pipeline, run)

    assert counts(result) == {"sent": 4, "stored": 4}
    assert result.holds
    assert result.runs == (RUN_ID,)


def test_latency_is_measured_from_arrival_to_processing(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS)
    for number, event in enumerate(EVENTS):
        pipeline.store(event, processedAtMs={"N": str(AT_MS + 100 * (number + 1))})

    assert account(pipeline, run).latency == Latency(events=4, p50_ms=200, p90_ms=400, p99_ms=400, max_ms=400)


def test_a_missing_event_is_lost_once_the_time_is_up(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS)
    for event in EVENTS[:3]:
        pipeline.store(event)
    time = Time()

    result = account(pipeline, run, time=time)

    assert counts(result) == {"sent": 4, "stored": 3, "lost": 1}
    assert result.lost_examples == (f"{RUN_ID}-000000003",)
    assert not result.holds
    assert time.now == 10


def test_without_any_time_one_look_decides(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS)
    pipeline.store(EVENTS[0])

    assert counts(account(pipeline, run, timeout_seconds=0)) == {"sent": 4, "stored": 1, "lost": 3}


def test_what_arrives_while_waiting_is_found(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS)
    time = Time(*(lambda event=event: pipeline.store(event) for event in EVENTS))
    heard: list[int] = []

    result = account(pipeline, run, time=time, observe=lambda seen: heard.append(seen.in_flight))

    assert counts(result) == {"sent": 4, "stored": 4}
    assert heard == [4, 3, 2, 1, 0]


def test_looks_become_rarer(pipeline: Pipeline) -> None:
    time = Time()

    account(pipeline, pipeline.sent(EVENTS), time=time, timeout_seconds=60)

    assert time.pauses[:3] == [0.5, 0.75, 1.125]
    assert max(time.pauses) == 5


def test_what_is_missing_while_others_still_come_in_is_in_flight(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS)
    time = Time(lambda: pipeline.store(EVENTS[0]))

    result = account(pipeline, run, time=time, timeout_seconds=0.5)

    assert counts(result) == {"sent": 4, "stored": 1, "in_flight": 3}
    assert not result.holds


def test_two_rows_of_one_event_are_a_duplicate(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS[:1])
    pipeline.store(EVENTS[0])
    pipeline.store(EVENTS[0], timestamp={"N": "1"})

    result = account(pipeline, run)

    assert counts(result) == {"sent": 1, "stored": 1, "duplicates": 1}
    assert not result.holds


def test_a_payload_that_differs_from_the_one_sent_is_changed(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS[:1])
    pipeline.store(EVENTS[0], rawData={"S": '{"eventId": "other"}'})

    result = account(pipeline, run)

    assert counts(result) == {"sent": 1, "changed": 1}
    assert not result.holds


def test_a_number_that_differs_from_the_one_sent_is_changed(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS[:1])
    pipeline.store(EVENTS[0], metrics={"M": {"amount": {"N": "10.98"}}})

    assert counts(account(pipeline, run)) == {"sent": 1, "changed": 1}
    assert counts(account(pipeline, run, compare_metrics=False)) == {"sent": 1, "stored": 1}


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
    run = pipeline.sent(EVENTS)
    numbers = pipeline.put(EVENTS)
    pipeline.store(EVENTS[0])
    pipeline.dead_letter(numbers[1], numbers[2], records=2)

    result = account(pipeline, run, timeout_seconds=0)

    assert counts(result) == {"sent": 4, "stored": 1, "dead_lettered": 2, "lost": 1}
    assert len(result.dead_letters) == 1


def test_dead_letters_of_before_the_run_are_not_its_own(pipeline: Pipeline) -> None:
    numbers = pipeline.put(EVENTS)
    pipeline.dead_letter(numbers[0], numbers[3], records=4, arrived_at="2026-11-22T00:00:00Z")

    result = account(pipeline, pipeline.sent(EVENTS), timeout_seconds=0)

    assert counts(result) == {"sent": 4, "lost": 4}
    assert result.dead_letters == ()


def test_unsent_events_are_not_missed(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS[:2], unsent=[1])
    pipeline.store(EVENTS[0])

    result = account(pipeline, run)

    assert counts(result) == {"sent": 1, "unsent": 1, "stored": 1}
    assert result.holds


def test_an_event_thought_unsent_that_is_there_was_sent(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS[:1], unsent=[0])
    pipeline.store(EVENTS[0])

    assert counts(account(pipeline, run)) == {"sent": 1, "stored": 1}


def test_events_of_a_killed_run_are_unconfirmed_when_absent_and_stored_when_present(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS, killed_after=2)
    for event in EVENTS[:3]:
        pipeline.store(event)
    time = Time()

    result = account(pipeline, run, time=time)

    assert counts(result) == {"sent": 4, "stored": 3, "unconfirmed": 1}
    assert result.holds
    assert time.now == 0


def test_canaries_and_other_runs_are_ignored(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS[:1])
    pipeline.store(EVENTS[0])
    pipeline.store(purchase(0) | {"eventId": "canary-1"})
    pipeline.store(purchase(0, run_id="20261123T161154-zzzz"))

    assert counts(account(pipeline, run)) == {"sent": 1, "stored": 1}


def test_several_runs_are_accounted_for_together(pipeline: Pipeline) -> None:
    second = "20261123T161200-aaaa"
    runs = pipeline.sent(EVENTS[:2]), pipeline.sent([purchase(0, second)], run_id=second)
    for event in (*EVENTS[:2], purchase(0, second)):
        pipeline.store(event)

    result = account(pipeline, *runs)

    assert counts(result) == {"sent": 3, "stored": 3}
    assert result.runs == (RUN_ID, second)


def test_events_with_ids_of_their_own_are_found_by_a_scan(pipeline: Pipeline) -> None:
    events = [purchase(0) | {"eventId": f"order-{number}"} for number in range(3)]
    run = pipeline.sent(events)
    for event in events[:2]:
        pipeline.store(event)

    result = account(pipeline, run, timeout_seconds=0)

    assert counts(result) == {"sent": 3, "stored": 2, "lost": 1}
    assert result.lost_examples == (f"event 3 of mine.jsonl (run {RUN_ID})",)


def test_an_event_overwritten_by_another_of_its_id_does_not_hold(pipeline: Pipeline) -> None:
    events = [purchase(0) | {"eventId": "same", "itemsCount": 1}, purchase(0) | {"eventId": "same"}]
    run = pipeline.sent(events)
    pipeline.store(events[1])

    result = account(pipeline, run, timeout_seconds=0)

    assert counts(result) == {"sent": 2, "stored": 1, "superseded": 1}
    assert not result.holds


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


def test_an_empty_run_holds(pipeline: Pipeline) -> None:
    result = account(pipeline, pipeline.sent([]))

    assert counts(result) == {}
    assert result.holds
    assert result.latency is None


def test_a_table_that_is_missing_is_a_clear_error(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS)

    with pytest.raises(AwsError, match="Could not read the table nowhere"):
        reconcile([run], pipeline.aws, Places(table="nowhere"))


def test_a_queue_cut_off_from_us_leaves_events_in_flight(pipeline: Pipeline) -> None:
    """A queue too long to be looked through may hold anything, so nothing can be called lost."""

    class Endless:
        def client(self, service: str) -> Any:
            return self if service == "sqs" else pipeline.aws.client(service)

        def receive_message(self, **arguments: Any) -> Any:
            time.now += 1
            return {"Messages": [{"ReceiptHandle": "r", "Body": "{}"}]}

        def change_message_visibility_batch(self, **arguments: Any) -> Any:
            return {}

    time = Time()
    run = pipeline.sent(EVENTS[:1])
    result = reconcile(
        [run], cast("Any", Endless()), pipeline.places, timeout_seconds=0, clock=time.clock, sleep=time.sleep
    )

    assert counts(result) == {"sent": 1, "in_flight": 1}


class Tables:
    """A table of given items, and nothing else; one page holds two."""

    def __init__(self, items: list[dict[str, Any]]) -> None:
        self._items = items

    def client(self, service: str) -> Tables:
        return self

    def scan(self, ExclusiveStartKey: int = 0, **arguments: Any) -> dict[str, Any]:
        last = ExclusiveStartKey + 2
        more = {"LastEvaluatedKey": last} if last < len(self._items) else {}
        return {"Items": self._items[ExclusiveStartKey:last], **more}

    def query(self, ExpressionAttributeValues: dict[str, Any], **arguments: Any) -> dict[str, Any]:
        return {"Items": [item for item in self._items if item["eventId"] == ExpressionAttributeValues[":id"]]}


FATES = st.sampled_from(["stored", "twice", "changed", "absent"])
OUTCOMES = st.sampled_from(["accepted", "unsent", "unconfirmed"])


@given(st.lists(st.tuples(FATES, OUTCOMES), max_size=30))
def test_every_event_is_in_exactly_one_count(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("run")
    items: list[dict[str, Any]] = []
    info = RunInfo(run_id=RUN_ID, pipeline="p", stream="s", source="x", seed=1, started_at=AT)
    with Ledger(folder, info) as book:
        for number, (fate, outcome) in enumerate(events):
            event = purchase(number)
            item = stored(event)
            book.add([(event["eventId"], item["rawData"]["S"].encode())])
            if outcome != "unconfirmed":
                book.finish(number, 1, [number] if outcome == "unsent" else [])
            items += {
                "stored": [item],
                "twice": [item, stored(event, timestamp={"N": "1"})],
                "changed": [stored(event, userId={"S": "other"})],
                "absent": [],
            }[fate]
    time = Time()

    result = reconcile(
        [ledger.load(folder)],
        cast("Any", Tables(items)),
        Places(table="t"),
        timeout_seconds=1,
        clock=time.clock,
        sleep=time.sleep,
    )

    fates = [fate for fate, _ in events]
    absent = [outcome for fate, outcome in events if fate == "absent"]
    assert result.stored == fates.count("stored") + fates.count("twice")
    assert result.duplicates == fates.count("twice")
    assert result.changed == fates.count("changed")
    assert (result.lost, result.unsent, result.unconfirmed) == tuple(
        absent.count(outcome) for outcome in ("accepted", "unsent", "unconfirmed")
    )
    assert result.sent == result.stored + result.changed + result.lost + result.unconfirmed
    assert result.sent + result.unsent == len(events)
    assert result.holds == (not (result.duplicates or result.changed or result.lost))

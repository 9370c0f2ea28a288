"""Every event of a run accounted for, on moto: what is there, what is set aside, what is lost."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from hypothesis import given
from hypothesis import strategies as st

from streamctl import ledger
from streamctl.ledger import Ledger, RunInfo
from streamctl.verify.latency import Latency
from streamctl.verify.reconcile import Places, reconcile
from tests.verify.conftest import AT, AT_MS, RUN_ID, Time, account, counts, purchase, stored

if TYPE_CHECKING:
    import pytest

    from tests.verify.conftest import Pipeline

EVENTS = [purchase(number) for number in range(4)]


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


def test_what_is_missing_long_after_its_run_is_lost_without_waiting_for_the_deadline(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS)
    for event in EVENTS[:3]:
        pipeline.store(event)
    time = Time()

    result = account(pipeline, run, time=time)

    assert counts(result) == {"sent": 4, "stored": 3, "lost": 1}
    assert result.lost_examples == (f"{RUN_ID}-000000003",)
    assert not result.holds
    assert time.now == 0


def test_what_was_only_just_sent_is_in_flight_even_without_any_time(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS)
    pipeline.store(EVENTS[0])

    result = account(pipeline, run, time=Time(at=AT), timeout_seconds=0)

    assert counts(result) == {"sent": 4, "stored": 1, "in_flight": 3}
    assert not result.holds


def test_a_pipeline_slower_than_the_deadline_loses_nothing(pipeline: Pipeline) -> None:
    time = Time(at=AT)

    result = account(pipeline, pipeline.sent(EVENTS), time=time, timeout_seconds=120, settle_seconds=600)

    assert counts(result) == {"sent": 4, "in_flight": 4}
    assert time.now == 120


def test_what_is_missing_is_lost_as_soon_as_it_had_its_time(pipeline: Pipeline) -> None:
    time = Time(at=AT)

    result = account(pipeline, pipeline.sent(EVENTS), time=time, timeout_seconds=120, settle_seconds=30)

    assert counts(result) == {"sent": 4, "lost": 4}
    assert 30 < time.now <= 35


def test_the_events_of_a_killed_run_have_their_time_from_its_last_request(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS, killed_after=2, ended_at=AT + timedelta(minutes=5))
    soon, later = (Time(at=AT + timedelta(minutes=5, seconds=seconds)) for seconds in (20, 40))

    assert counts(account(pipeline, run, time=soon, timeout_seconds=0)) == {"sent": 4, "in_flight": 2, "unconfirmed": 2}
    assert counts(account(pipeline, run, time=later, timeout_seconds=0)) == {"sent": 4, "lost": 2, "unconfirmed": 2}


def test_each_run_has_its_own_time(pipeline: Pipeline) -> None:
    second, ended_at = "20261123T171200-aaaa", AT + timedelta(hours=1)
    runs = pipeline.sent(EVENTS[:1]), pipeline.sent([purchase(0, second)], run_id=second, ended_at=ended_at)
    time = Time()

    result = account(pipeline, *runs, time=time)

    assert counts(result) == {"sent": 2, "lost": 1, "in_flight": 1}
    assert result.lost_examples == (f"{RUN_ID}-000000000",)
    assert time.now == 10  # for what is in flight


def test_what_arrives_while_waiting_is_found(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS)
    time = Time(*(lambda event=event: pipeline.store(event) for event in EVENTS), at=AT)
    heard: list[int] = []

    result = account(pipeline, run, time=time, observe=lambda seen: heard.append(seen.in_flight))

    assert counts(result) == {"sent": 4, "stored": 4}
    assert heard == [4, 3, 2, 1, 0]


def test_looks_become_rarer(pipeline: Pipeline) -> None:
    time = Time(at=AT)

    account(pipeline, pipeline.sent(EVENTS), time=time, timeout_seconds=60)

    assert time.pauses[:3] == [0.5, 0.75, 1.125]
    assert max(time.pauses) == 5


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


def test_several_runs_are_accounted_for_together(pipeline: Pipeline) -> None:
    second = "20261123T161200-aaaa"
    runs = pipeline.sent(EVENTS[:2]), pipeline.sent([purchase(0, second)], run_id=second)
    for event in (*EVENTS[:2], purchase(0, second)):
        pipeline.store(event)

    result = account(pipeline, *runs)

    assert counts(result) == {"sent": 3, "stored": 3}
    assert result.runs == (RUN_ID, second)


def test_an_event_overwritten_by_another_of_its_id_does_not_hold(pipeline: Pipeline) -> None:
    events = [purchase(0) | {"eventId": "same", "itemsCount": 1}, purchase(0) | {"eventId": "same"}]
    run = pipeline.sent(events)
    pipeline.store(events[1])

    result = account(pipeline, run, timeout_seconds=0)

    assert counts(result) == {"sent": 2, "stored": 1, "superseded": 1}
    assert not result.holds


def test_an_empty_run_holds(pipeline: Pipeline) -> None:
    result = account(pipeline, pipeline.sent([]))

    assert counts(result) == {}
    assert result.holds
    assert result.latency is None


class Tables:
    """A table of given items, and nothing else; one page holds two."""

    def __init__(self, items: list[dict[str, Any]]) -> None:
        self._items = items

    def client(self, service: str) -> Tables:
        return self

    def direct(self, service: str) -> Tables:
        return self

    def post(self, operation: str, body: bytes) -> bytes:
        return json.dumps(self._scanned(**json.loads(body))).encode()

    def _scanned(
        self, ExclusiveStartKey: int = 0, Segment: int = 0, TotalSegments: int = 1, **arguments: Any
    ) -> dict[str, Any]:
        items, last = self._items[Segment::TotalSegments], ExclusiveStartKey + 2
        more = {"LastEvaluatedKey": last} if last < len(items) else {}
        return {"Items": items[ExclusiveStartKey:last], **more}

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
        book.end(replace(info, ended_at=AT))
    time = Time()

    result = reconcile(
        [ledger.load(folder)],
        cast("Any", Tables(items)),
        Places(table="t"),
        settle_seconds=30,
        timeout_seconds=1,
        now=time.date,
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

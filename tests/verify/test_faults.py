"""Faults on purpose, accounted for on moto: each ends as it was meant to, or is told."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from streamctl.ledger import Fault, Ledger, RunInfo, load
from streamctl.verify.reconciliation import FaultAccount
from tests.verify.conftest import AT, AT_MS, RUN_ID, Time, account, counts, purchase

if TYPE_CHECKING:
    from tests.verify.conftest import Pipeline

POISONED, TWICE, LATE, SOUND = EVENTS = [purchase(number) for number in range(4)]
CARRIED = AT_MS // 1000 - 3600
FAULTS = [
    (Fault.POISONED | Fault.HOT, 0),
    (Fault.SOUND | Fault.DUPLICATED | Fault.HOT, 0),
    (Fault.SOUND | Fault.LATE | Fault.HOT, CARRIED),
    (Fault.SOUND | Fault.HOT, 0),
]
AT_ITS_TIME = {"timestamp": {"N": str(CARRIED)}}


def kept(sent: int, as_expected: int, open_: int = 0, wrong: int = 0) -> FaultAccount:
    return FaultAccount(sent, as_expected, open_, wrong)


def test_each_fault_that_ends_as_expected_is_counted(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS, faults=FAULTS)
    pipeline.set_aside(POISONED)
    pipeline.store(TWICE)
    pipeline.store(LATE, **AT_ITS_TIME)
    pipeline.store(SOUND)

    result = account(pipeline, run)

    assert counts(result) == {"sent": 4, "stored": 3, "set_aside": 1}
    assert result.holds
    assert result.faults == {"poison": kept(1, 1), "duplicate": kept(1, 1), "late": kept(1, 1), "hot_key": kept(4, 4)}


def test_a_poisoned_event_that_is_stored_does_not_hold(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS[:1], faults=FAULTS[:1])
    pipeline.store(POISONED, rawData={"S": "whatever the processor made of it"})
    pipeline.set_aside(POISONED)

    result = account(pipeline, run)

    assert counts(result) == {"sent": 1, "poisoned_stored": 1}
    assert result.faults["poison"] == kept(1, 0, wrong=1)
    assert not result.holds


def test_a_mark_and_a_finding_have_no_payload_and_are_not_taken_for_a_poisoned_event_without_one(
    pipeline: Pipeline,
) -> None:
    info = RunInfo(
        run_id=RUN_ID, pipeline="p", stream="analytics", source="x", seed=None, started_at=AT, faults={"poison": "1%"}
    )
    with Ledger(pipeline.folder, info) as book:
        book.add_faults([(Fault.POISONED, 0)])
        book.add([("order-1", b"")])  # an id that nobody made: the table is scanned
        book.finish(0, 1, ())
        book.end(replace(info, ended_at=AT))
    for event_id in ("rejected:shardId-000000000000:49", "anomaly:page_views"):
        item = {"eventId": {"S": event_id}, "timestamp": {"N": "1"}, "eventType": {"S": "rejected"}}
        pipeline.dynamodb.put_item(TableName="results", Item=item)
    body = json.dumps({"reason": "empty", "sha256": hashlib.sha256(b"").hexdigest(), "eventId": None})
    pipeline.sqs.send_message(QueueUrl=pipeline.places.rejected_queue_url, MessageBody=body)

    result = account(pipeline, load(pipeline.folder, RUN_ID))

    assert counts(result) == {"sent": 1, "set_aside": 1}
    assert result.holds


def test_a_sound_event_that_is_set_aside_does_not_hold_in_a_run_with_faults(pipeline: Pipeline) -> None:
    faulty = pipeline.sent([SOUND], faults=[FAULTS[3]])
    plain = pipeline.sent([TWICE], run_id="20261123T161200-aaaa")
    pipeline.set_aside(SOUND)
    pipeline.set_aside(TWICE)

    assert counts(account(pipeline, faulty)) == {"sent": 1, "set_aside": 1, "sound_set_aside": 1}
    assert not account(pipeline, faulty).holds
    assert account(pipeline, plain).holds
    assert account(pipeline, plain).faults == {}
    assert counts(account(pipeline, plain, faulty)) == {"sent": 2, "set_aside": 2, "sound_set_aside": 1}


def test_a_duplicated_event_that_is_stored_twice_does_not_hold(pipeline: Pipeline) -> None:
    run = pipeline.sent([TWICE], faults=[FAULTS[1]])
    pipeline.store(TWICE)
    pipeline.store(TWICE, timestamp={"N": "1"})

    result = account(pipeline, run)

    assert counts(result) == {"sent": 1, "stored": 1, "duplicates": 1}
    assert result.faults["duplicate"] == kept(1, 0, wrong=1)
    assert not result.holds


def test_a_late_event_that_is_stored_under_another_time_does_not_hold(pipeline: Pipeline) -> None:
    run = pipeline.sent([LATE], faults=[FAULTS[2]])
    pipeline.store(LATE)

    result = account(pipeline, run)

    assert counts(result) == {"sent": 1, "changed": 1}
    assert result.faults["late"] == kept(1, 0, wrong=1)
    assert not result.holds


def test_a_poisoned_event_that_is_nowhere_is_lost(pipeline: Pipeline) -> None:
    result = account(pipeline, pipeline.sent([POISONED], faults=FAULTS[:1]))

    assert counts(result) == {"sent": 1, "lost": 1}
    assert result.faults["poison"] == kept(1, 0, wrong=1)


def test_what_is_on_its_way_is_not_wrong_yet(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS, faults=FAULTS, unsent=[1], killed_after=3)

    result = account(pipeline, run, time=Time(), settle_seconds=7200)

    assert result.faults == {
        "poison": kept(1, 0, open_=1),
        "duplicate": kept(0, 0),
        "late": kept(1, 0, open_=1),
        "hot_key": kept(3, 0, open_=3),
    }


@pytest.mark.parametrize("rule", ["schema_mismatch", "processor_refused"])
def test_what_the_owners_rules_sort_out_is_told_and_holds(pipeline: Pipeline, rule: str) -> None:
    run = pipeline.sent(EVENTS, faults=FAULTS)
    pipeline.set_aside(POISONED)
    for event in (TWICE, SOUND):
        pipeline.set_aside(event, rule)
    pipeline.store(LATE, **AT_ITS_TIME)

    result = account(pipeline, run)

    assert counts(result) == {"sent": 4, "stored": 1, "set_aside": 3, "sorted_out": 2}
    assert result.holds
    assert result.reasons == {"not-json": 1, rule: 2}
    assert result.faults["duplicate"] == kept(1, 1)
    assert result.faults["hot_key"] == kept(4, 4)


def test_a_mistake_in_the_owners_code_is_no_rule(pipeline: Pipeline) -> None:
    run = pipeline.sent([SOUND], faults=[FAULTS[3]])
    pipeline.set_aside(SOUND, "processor_error")

    assert counts(account(pipeline, run)) == {"sent": 1, "set_aside": 1, "sound_set_aside": 1}
    assert not account(pipeline, run).holds

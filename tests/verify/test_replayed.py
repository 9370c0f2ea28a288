"""Events that a replay sent again: what shows them, under another payload, and what does not."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from streamctl.ledger import payload_hash
from streamctl.origins import Origins
from tests.verify.conftest import AT, AT_MS, account, counts, purchase, stored

if TYPE_CHECKING:
    from tests.verify.conftest import Pipeline

HOUR_MS = 3_600_000
LATER: dict[str, Any] = {"arrivedAtMs": {"N": str(AT_MS + HOUR_MS)}, "processedAtMs": {"N": str(AT_MS + HOUR_MS)}}
OLD = {**purchase(0), "amount": "10,99"}
MENDED = purchase(0)


def hashed(event: dict[str, Any]) -> int:
    return payload_hash(json.dumps(event).encode())


def mended(*origins: dict[str, Any]) -> Origins:
    return Origins({hashed(MENDED): frozenset(map(hashed, origins))})


def test_an_event_that_was_repaired_is_stored_as_it_was_repaired(pipeline: Pipeline) -> None:
    run = pipeline.sent([OLD, purchase(1)])
    pipeline.store(MENDED, **LATER)
    pipeline.store(purchase(1))

    result = account(pipeline, run, origins=mended(OLD))

    assert counts(result) == {"sent": 2, "stored": 1, "repaired": 1}
    assert result.holds


def test_without_the_replays_own_word_it_is_stored_with_other_values(pipeline: Pipeline) -> None:
    run = pipeline.sent([OLD])
    pipeline.store(MENDED, **LATER)

    assert counts(account(pipeline, run)) == {"sent": 1, "changed": 1}


def test_a_repaired_event_that_says_something_else_in_the_table_is_changed(pipeline: Pipeline) -> None:
    run = pipeline.sent([OLD])
    pipeline.dynamodb.put_item(TableName="results", Item=stored(MENDED, **LATER, userId={"S": "somebody"}))

    assert counts(account(pipeline, run, origins=mended(OLD))) == {"sent": 1, "changed": 1}


def test_a_repaired_event_under_another_id_is_found(pipeline: Pipeline) -> None:
    other = {**purchase(0), "eventId": "n/a"}
    run = pipeline.sent([other])
    pipeline.store(MENDED, **LATER)

    assert counts(account(pipeline, run, origins=mended(other))) == {"sent": 1, "repaired": 1}


def test_a_repaired_event_whose_own_id_nobody_could_read_is_found_by_its_payload(pipeline: Pipeline) -> None:
    run = pipeline.sent([OLD])
    under_its_place = {**MENDED, "eventId": "shardId-000000000000:7"}
    pipeline.store(under_its_place, **LATER)
    origins = Origins({hashed(under_its_place): frozenset({hashed(OLD)})})

    assert counts(account(pipeline, run, origins=origins)) == {"sent": 1, "repaired": 1}


def test_an_event_sent_again_unchanged_is_stored(pipeline: Pipeline) -> None:
    run = pipeline.sent([MENDED])
    pipeline.store(MENDED, **LATER)

    assert counts(account(pipeline, run)) == {"sent": 1, "stored": 1}


def test_what_is_set_aside_in_its_repaired_form_is_set_aside(pipeline: Pipeline) -> None:
    run = pipeline.sent([OLD])
    pipeline.set_aside(MENDED, "not_json")

    assert counts(account(pipeline, run, origins=mended(OLD))) == {"sent": 1, "set_aside": 1}


def test_what_was_given_up_on_purpose_is_not_lost(pipeline: Pipeline) -> None:
    run = pipeline.sent([OLD, purchase(1)])

    result = account(pipeline, run, origins=Origins(given_up={hashed(OLD): AT + timedelta(minutes=1)}))

    assert counts(result) == {"sent": 2, "given_up": 1, "lost": 1}


def test_what_was_given_up_before_the_run_was_another_event(pipeline: Pipeline) -> None:
    run = pipeline.sent([OLD])

    assert counts(account(pipeline, run, origins=Origins(given_up={hashed(OLD): AT - timedelta(minutes=1)}))) == {
        "sent": 1,
        "lost": 1,
    }

"""What has expired is not lost; what cannot have expired is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.ledger import Fault
from streamctl.verify.expiry import Expiry
from tests.verify.conftest import AT, AT_MS, RUN_ID, Time, account, counts, purchase

if TYPE_CHECKING:
    from tests.verify.conftest import Pipeline

EVENTS = [purchase(number) for number in range(4)]
DAY = 86_400
EXPIRY = Expiry("expiresAt", DAY)
SOON, LATER = Time(at=AT + timedelta(hours=23)), Time(at=AT + timedelta(hours=25))


@pytest.fixture
def expiring(pipeline: Pipeline) -> Pipeline:
    """Items are kept for a day."""
    pipeline.places = replace(pipeline.places, expiry=EXPIRY)
    return pipeline


def stamp(seconds: int = DAY) -> dict[str, Any]:
    return {"expiresAt": {"N": str(AT_MS // 1000 + seconds)}}


def test_what_is_gone_when_its_time_is_over_has_expired(expiring: Pipeline) -> None:
    run = expiring.sent(EVENTS, kept_seconds=DAY)

    result = account(expiring, run, time=LATER)

    assert counts(result) == {"sent": 4, "expired": 4}
    assert result.holds
    assert result.remarks == ()


def test_what_is_gone_before_its_time_is_lost(expiring: Pipeline) -> None:
    run = expiring.sent(EVENTS, kept_seconds=DAY)

    result = account(expiring, run, time=SOON)

    assert counts(result) == {"sent": 4, "lost": 4}
    assert result.remarks == ()


def test_an_item_that_is_past_its_time_and_still_there_has_expired_whatever_it_holds(expiring: Pipeline) -> None:
    run = expiring.sent(EVENTS, kept_seconds=DAY)
    expiring.store(EVENTS[0], **stamp())
    expiring.store(EVENTS[1], **stamp(), rawData={"S": "{}"})
    expiring.store(EVENTS[2], **stamp(2 * DAY))
    expiring.store(EVENTS[3], **stamp(2 * DAY), userId={"S": "somebody"})

    assert counts(account(expiring, run, time=SOON)) == {"sent": 4, "stored": 2, "changed": 2}
    assert counts(account(expiring, run, time=LATER)) == {"sent": 4, "expired": 2, "stored": 1, "changed": 1}


def test_an_item_keeps_the_stamp_it_got_whatever_the_setting_is_now(expiring: Pipeline) -> None:
    run = expiring.sent(EVENTS[:2], kept_seconds=60)
    expiring.store(EVENTS[0], **stamp(60))

    result = account(expiring, run)

    assert counts(result) == {"sent": 2, "expired": 2}
    assert result.remarks == (f"Items of run {RUN_ID} are kept for 60 s, as when it was sent; what comes now for 1 d.",)


def test_a_run_from_before_the_items_expired_loses_what_is_missing(expiring: Pipeline) -> None:
    run = expiring.sent(EVENTS)

    result = account(expiring, run, time=LATER)

    assert counts(result) == {"sent": 4, "lost": 4}
    assert result.remarks == (f"Run {RUN_ID} was sent when items did not expire, so nothing of it counts as expired.",)


def test_where_items_do_not_expire_any_more_an_item_is_as_good_as_it_ever_was(pipeline: Pipeline) -> None:
    run = pipeline.sent(EVENTS[:2], kept_seconds=DAY)
    pipeline.store(EVENTS[0], **stamp())

    result = account(pipeline, run, time=LATER)

    assert counts(result) == {"sent": 2, "stored": 1, "expired": 1}
    assert "what comes now for ever" in result.remarks[0]


def test_while_a_long_run_expires_what_is_missing_counts_as_lost_and_the_doubt_is_said(expiring: Pipeline) -> None:
    run = expiring.sent(EVENTS, kept_seconds=DAY, ended_at=AT + timedelta(hours=2))

    result = account(expiring, run, time=LATER)

    assert counts(result) == {"sent": 4, "lost": 4}
    assert "some of what counts as lost may have expired" in result.remarks[0]


def test_an_expired_item_of_an_earlier_run_does_not_stand_for_an_event_of_the_same_id(expiring: Pipeline) -> None:
    run = expiring.sent(EVENTS[:1], kept_seconds=2 * DAY)
    expiring.store(EVENTS[0], **stamp(0), arrivedAtMs={"N": str(AT_MS - 60_000)})

    assert counts(account(expiring, run)) == {"sent": 1, "lost": 1}


def test_a_poisoned_event_was_never_in_the_table_so_it_cannot_have_expired(expiring: Pipeline) -> None:
    run = expiring.sent(EVENTS[:2], kept_seconds=DAY, faults=[(Fault.POISONED, 0), (Fault.SOUND, 0)])

    result = account(expiring, run, time=LATER)

    assert counts(result) == {"sent": 2, "lost": 1, "expired": 1}
    assert result.faults["poison"].wrong == 1


def test_what_was_set_aside_stays_set_aside(expiring: Pipeline) -> None:
    run = expiring.sent(EVENTS[:2], kept_seconds=DAY)
    expiring.set_aside(EVENTS[0])

    assert counts(account(expiring, run, time=LATER)) == {"sent": 2, "set_aside": 1, "expired": 1}


@pytest.mark.parametrize("attribute", ["expires-at", "expires.at", "ablaufZeit", "é"])
def test_the_attribute_may_have_any_name(attribute: str, pipeline: Pipeline) -> None:
    pipeline.places = replace(pipeline.places, expiry=Expiry(attribute, DAY))
    events = [purchase(number) for number in range(120)]  # too many to be asked for one by one
    run = pipeline.sent(events, kept_seconds=DAY)
    for event in events:
        pipeline.store(event, **{attribute: stamp()["expiresAt"]})

    assert counts(account(pipeline, run, time=LATER)) == {"sent": 120, "expired": 120}

"""What a change of the table brings to which series."""

from decimal import Decimal

import pytest

from streamctl.functions.anomaly_detector.arrival import CANARY, arrival
from streamctl.functions.anomaly_detector.series import SERIES
from streamctl.functions.processor.item import METRICS
from streamctl.pipeline.names import CANARY_ID_PREFIX

from .bench import record

AT = 1_795_000_000


def brought(**image: object) -> dict[str, Decimal] | None:
    event_type = image.pop("event_type", "page_view")
    found = arrival(record(1, AT, event_type=event_type, image=image), SERIES)
    return found and dict(found.brought)


@pytest.mark.parametrize(
    ("event_type", "metrics", "expected"),
    [
        ("page_view", {"load_time": {"N": "812.5"}}, {"page_views": "0", "page_load_time": "812.5"}),
        ("page_view", {"load_time": {"S": "fast"}}, {"page_views": "0"}),
        ("page_view", {}, {"page_views": "0"}),
        ("purchase", {"amount": {"N": "10.99"}}, {"purchases": "0", "purchase_amount": "10.99"}),
        ("purchase", {"amount": {"N": "1E+120"}}, {"purchases": "0"}),
        ("user_signup", {}, {"user_signups": "0"}),
        ("click", {}, {"clicks": "0"}),
        ("anything else", {}, {"other_events": "0"}),
    ],
)
def test_an_item_counts_by_its_type_and_brings_what_it_measured(event_type, metrics, expected):
    found = brought(event_type=event_type, metrics={"M": metrics})

    assert found == {name: Decimal(amount) for name, amount in expected.items()}


def test_every_type_the_processor_knows_has_a_series_of_its_own():
    assert {name for each in METRICS for name in brought(event_type=each)} == {
        "page_views",
        "purchases",
        "user_signups",
        "clicks",
    }


def test_a_mark_counts_as_a_rejected_record_only():
    assert brought(event_type="rejected", rejected={"S": "not_json"}) == {"rejected_records": Decimal(0)}


def test_only_series_that_are_watched_are_brought_anything():
    found = arrival(record(1, AT, image={"metrics": {"M": {"load_time": {"N": "5"}}}}), ["page_load_time"])

    assert found
    assert dict(found.brought) == {"page_load_time": Decimal(5)}


@pytest.mark.parametrize("name", ["MODIFY", "REMOVE"])
def test_an_item_that_is_not_new_brings_nothing(name):
    assert arrival(record(1, AT, eventName=name), SERIES) is None


def test_a_finding_or_somebody_elses_item_brings_nothing():
    assert brought(arrivedAtMs=None) is None
    assert brought(timestamp={"S": "today"}) is None
    assert brought(eventType=None) is None


def test_a_canary_is_no_traffic():
    assert CANARY == CANARY_ID_PREFIX
    assert brought(eventId={"S": f"{CANARY}0011"}) is None


def test_two_items_of_a_second_are_told_apart_by_id_and_time():
    items = [record(1, AT), record(2, AT), record(1, AT + 1, arrived_at=AT)]

    found = [arrival(each, SERIES) for each in items]

    assert len({each.identity for each in found if each}) == 3
    assert {each.arrived_at for each in found if each} == {AT}

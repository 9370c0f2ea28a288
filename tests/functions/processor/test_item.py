from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer

from streamctl.functions.processor.decode import decode
from streamctl.functions.processor.item import Item, build_item
from streamctl.functions.processor.outcomes import RejectedError
from streamctl.functions.processor.record import Record

from .lambda_events import ARRIVED_AT_MS, SHARD, delivery, event, sequence

PROCESSED_AT_MS = ARRIVED_AT_MS + 750


def item_of(payload: bytes) -> Item:
    record = Record.from_lambda(delivery(payload, 7))
    return build_item(record, *decode(payload), PROCESSED_AT_MS)


def stored(payload: bytes) -> dict[str, Any]:
    """The attributes as a reader of the table sees them."""
    return TypeDeserializer().deserialize({"M": json.loads(item_of(payload).attributes)})


PURCHASE = (
    b'{"eventId": "run-1", "eventType": "purchase", "userId": "user_1000", "sessionId": "session_100000",'
    b' "deviceType": "mobile", "timestamp": "2026-11-23T16:11:54.123Z", "amount": 10.99, "currency": "USD",'
    b' "itemsCount": 5, "location": {"country": "UK", "city": "London"}}'
)


def test_a_purchase_is_stored_whole_and_exact():
    assert stored(PURCHASE) == {
        "eventId": "run-1",
        "timestamp": 1_795_450_314,
        "processedAt": PROCESSED_AT_MS // 1000,
        "eventType": "purchase",
        "userId": "user_1000",
        "sessionId": "session_100000",
        "deviceType": "mobile",
        "location": {"country": "UK", "city": "London"},
        "metrics": {"amount": Decimal("10.99"), "currency": "USD", "items_count": 5},
        "rawData": PURCHASE.decode(),
        "arrivedAtMs": ARRIVED_AT_MS,
        "processedAtMs": PROCESSED_AT_MS,
    }


def test_an_empty_event_has_every_default():
    assert stored(b"{}") == {
        "eventId": f"{SHARD}:{sequence(7)}",
        "timestamp": ARRIVED_AT_MS // 1000,
        "processedAt": PROCESSED_AT_MS // 1000,
        "eventType": "unknown",
        "userId": "anonymous",
        "sessionId": "",
        "deviceType": "unknown",
        "location": {},
        "metrics": {},
        "rawData": "{}",
        "arrivedAtMs": ARRIVED_AT_MS,
        "processedAtMs": PROCESSED_AT_MS,
    }


@pytest.mark.parametrize(
    ("fields", "metrics"),
    [
        (
            {"eventType": "page_view", "pageUrl": "/page/7", "loadTime": 1200, "sessionLength": 29, "pagesViewed": 1},
            {"page_url": "/page/7", "load_time": 1200, "bounce_rate": 1},
        ),
        ({"eventType": "page_view"}, {"bounce_rate": 0}),
        ({"eventType": "purchase"}, {"currency": "USD"}),
        ({"eventType": "purchase", "amount": "a lot"}, {"amount": "a lot", "currency": "USD"}),
        ({"eventType": "user_signup"}, {"signup_method": "email", "campaign_source": "direct"}),
        (
            {"eventType": "user_signup", "signupMethod": "phone", "campaignSource": "google"},
            {"signup_method": "phone", "campaign_source": "google"},
        ),
        ({"eventType": "click", "amount": 5}, {}),
        ({"eventType": "heartbeat", "amount": 5}, {}),
    ],
)
def test_each_event_type_has_its_metrics(fields, metrics):
    assert stored(event(**fields))["metrics"] == metrics


@pytest.mark.parametrize(
    ("seconds", "pages", "bounced"),
    [(29, 1, 1), (29.9, 1.0, 1), (30, 1, 0), (29, 2, 0), (None, 1, 0), (29, None, 0), ("29", 1, 0), (29, True, 0)],
)
def test_a_bounce_is_one_page_in_less_than_30_seconds(seconds, pages, bounced):
    page_view = event(eventType="page_view", sessionLength=seconds, pagesViewed=pages)

    assert stored(page_view)["metrics"]["bounce_rate"] == bounced


@pytest.mark.parametrize(
    ("own", "key"), [("a", "a"), (" ", " "), (42, "42"), (4.2, "4.2"), ("\u20ac" * 682, "\u20ac" * 682)]
)
def test_an_event_is_stored_under_its_own_id(own, key):
    assert item_of(event(eventId=own)).key[0] == key


@pytest.mark.parametrize("fields", [{}, {"eventId": None}, {"eventId": ""}])
def test_an_event_without_id_is_stored_under_its_place(fields):
    assert item_of(event(**fields)).key[0] == f"{SHARD}:{sequence(7)}"


@pytest.mark.parametrize("own", [True, [], {"id": 1}, "i" * 2049, "\u20ac" * 683])
def test_an_id_that_cannot_be_a_key_is_not_replaced(own):
    with pytest.raises(RejectedError) as caught:
        item_of(event(eventId=own))

    assert caught.value.reason == "unusable_key"


def test_a_location_too_deep_for_dynamodb_is_kept_as_text():
    deep = '{"a":' * 40 + "0.10" + "}" * 40

    assert stored(f'{{"location": {deep}}}'.encode())["location"] == deep


def test_a_location_with_an_empty_name_is_kept_as_text():
    assert stored(b'{"location": {"": 1}}')["location"] == '{"":1}'


def test_a_long_number_in_a_location_is_kept_as_text_and_the_rest_as_it_is():
    location = stored(b'{"location": {"lat": 0.' + b"123456789" * 6 + b', "lon": 0.5}}')["location"]

    assert location == {"lat": "0." + "123456789" * 6, "lon": Decimal("0.5")}


def test_an_item_may_have_400_kib_and_not_a_byte_more():
    spare = 400 * 1024 - item_of(event(eventId="a", padding="")).size_bytes

    assert item_of(event(eventId="a", padding="p" * spare)).size_bytes == 400 * 1024
    with pytest.raises(RejectedError, match="would have 409601 bytes; DynamoDB holds at most 409600"):
        item_of(event(eventId="a", padding="p" * (spare + 1)))


@pytest.mark.parametrize(
    ("fields", "amount"),
    [
        ({"eventType": "purchase", "amount": 10.99}, 10.99),
        ({"eventType": "purchase", "amount": -5}, -5.0),
        ({"eventType": "purchase", "amount": "10.99"}, None),
        ({"eventType": "purchase", "amount": True}, None),
        ({"eventType": "purchase", "amount": 1e120}, None),
        ({"eventType": "purchase"}, None),
        ({"eventType": "click", "amount": 10.99}, None),
    ],
)
def test_only_a_number_cloudwatch_takes_is_a_purchase_amount(fields, amount):
    assert item_of(event(**fields)).purchase_amount == amount


def test_an_amount_beyond_every_float_is_no_purchase_amount():
    assert item_of(b'{"eventType": "purchase", "amount": 1e999999999999999999}').purchase_amount is None


def test_the_payload_is_kept_as_it_was_sent():
    payload = '\n{ "a" : 1.0,\t"a":"\\u20ac \u20ac \\ud800" }'.encode()

    assert stored(payload)["rawData"].encode() == payload
    assert json.loads(payload)

"""An item against the payload it was made from."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streamctl.verify.items import is_faithful, latency_ms, payload
from tests.verify.conftest import purchase, stored


def raw(text: str, **others: Any) -> dict[str, Any]:
    """An item of a payload, with what belongs to an event without type, user or metrics."""
    return {
        "eventId": {"S": "e"},
        "eventType": {"S": "unknown"},
        "userId": {"S": "anonymous"},
        "metrics": {"M": {}},
        "rawData": {"S": text},
        **others,
    }


def page_view(seconds: int, pages: int, bounce_rate: str, **fields: Any) -> dict[str, Any]:
    event = {"eventType": "page_view", "pageUrl": "/page/1", "loadTime": 1.5, "sessionLength": seconds}
    metrics = {"page_url": {"S": "/page/1"}, "load_time": {"N": "1.5"}, "bounce_rate": {"N": bounce_rate}}
    return raw(
        json.dumps({**event, "pagesViewed": pages}),
        eventType={"S": "page_view"},
        metrics={"M": {**metrics, **fields}},
    )


def test_an_item_as_the_recipe_makes_it_is_faithful() -> None:
    assert is_faithful(stored(purchase(1)))


@pytest.mark.parametrize(
    "others",
    [
        {"eventId": {"S": "shardId-000000000000:1"}},
        {"eventType": {"S": "click"}},
        {"userId": {"S": "anonymous"}},
        {"userId": {"S": ""}},
        {"metrics": {"M": {}}},
        {"metrics": {"M": {"amount": {"N": "10.98"}, "currency": {"S": "USD"}, "items_count": {"N": "2"}}}},
        {"metrics": {"M": {"amount": {"N": "10.99000001"}, "currency": {"S": "USD"}, "items_count": {"N": "2"}}}},
        {"metrics": {"M": {"amount": {"S": "10.99"}, "currency": {"S": "USD"}, "items_count": {"N": "2"}}}},
        {"metrics": {"M": {"amount": {"N": "10.99"}, "currency": {"S": "EUR"}, "items_count": {"N": "2"}}}},
        {"rawData": {"S": "not json"}},
        {"rawData": {"S": "[]"}},
    ],
)
def test_any_other_value_is_noticed(others: dict[str, Any]) -> None:
    assert not is_faithful(stored(purchase(1), **others))


def test_metrics_of_another_processor_are_not_judged() -> None:
    assert is_faithful(stored(purchase(1), metrics={"M": {"own": {"N": "1"}}}), compare_metrics=False)


@pytest.mark.parametrize("number", ["10.5", "10.50", "1.05E+1"])
def test_a_number_is_compared_by_its_value(number: str) -> None:
    event = purchase(1) | {"amount": 10.5}
    metrics = {"amount": {"N": number}, "currency": {"S": "USD"}, "items_count": {"N": "2"}}

    assert is_faithful(stored(event, metrics={"M": metrics}))


@pytest.mark.parametrize("digits", ["1" * 39, "1e126", "1e-131"])
def test_a_number_dynamodb_cannot_hold_is_kept_as_text(digits: str) -> None:
    text = f'{{"eventType": "purchase", "amount": {digits}}}'

    def with_amount(kind: str) -> dict[str, Any]:
        return raw(text, eventType={"S": "purchase"}, metrics={"M": {"amount": {kind: digits}}})

    assert is_faithful(with_amount("S"))
    assert not is_faithful(with_amount("N"))


@pytest.mark.parametrize("text", ["{}", '{"userId": null, "eventType": null}', '\ufeff{"x": 1}'])
def test_what_an_event_does_not_say_has_a_default(text: str) -> None:
    assert is_faithful(raw(text))


def test_a_default_where_the_event_says_something_is_noticed() -> None:
    assert not is_faithful(raw('{"userId": "user_1"}'))


def test_a_number_for_a_text_field_is_kept_as_its_digits() -> None:
    assert is_faithful(raw('{"userId": 17}', userId={"S": "17"}))
    assert not is_faithful(raw('{"userId": 17}', userId={"S": "18"}))


def test_a_number_for_a_text_among_the_metrics_is_kept_as_its_digits() -> None:
    text = '{"eventType": "purchase", "currency": 978}'

    def with_currency(kind: str, digits: str) -> dict[str, Any]:
        return raw(text, eventType={"S": "purchase"}, metrics={"M": {"currency": {kind: digits}}})

    assert is_faithful(with_currency("S", "978"))
    assert not is_faithful(with_currency("S", "979"))
    assert not is_faithful(with_currency("N", "978"))


def test_half_a_surrogate_pair_is_kept_as_its_escape() -> None:
    assert is_faithful(raw('{"userId": "\\ud800"}', userId={"S": "\\ud800"}))


def test_a_number_beyond_all_arithmetic_is_left_to_the_payload() -> None:
    assert is_faithful(raw('{"amount": 1e99999999999999999999}'))


@pytest.mark.parametrize(
    ("seconds", "pages", "bounce_rate"), [(29, 1, "1"), (30, 1, "0"), (29, 2, "0"), (1800, 10, "0")]
)
def test_a_short_visit_to_one_page_is_a_bounce(seconds: int, pages: int, bounce_rate: str) -> None:
    assert is_faithful(page_view(seconds, pages, bounce_rate))
    assert not is_faithful(page_view(seconds, pages, "1" if bounce_rate == "0" else "0"))


def test_a_page_view_without_its_load_time_is_noticed() -> None:
    assert not is_faithful(page_view(60, 3, "0", load_time={"NULL": True}))


def test_latency_is_processing_less_arrival() -> None:
    assert latency_ms(stored(purchase(1))) == 150
    assert latency_ms({"eventId": {"S": "e"}}) is None


def test_an_item_without_its_payload_has_an_empty_one() -> None:
    assert payload({"eventId": {"S": "e"}}) == b""

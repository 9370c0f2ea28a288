from __future__ import annotations

from decimal import Decimal

import pytest

from streamctl.functions.processor.decode import decode
from streamctl.functions.processor.outcomes import RejectedError


def test_numbers_are_exact():
    digits = "0." + "1234567890" * 6

    _, event = decode(f'{{"whole": 10, "amount": {digits}}}'.encode())

    assert event == {"whole": Decimal(10), "amount": Decimal(digits)}


def test_a_number_too_large_even_for_decimal_stays_text():
    _, event = decode(b'{"amount": 1e99999999999999999999, "other": 2.5}')

    assert event == {"amount": "1e99999999999999999999", "other": Decimal("2.5")}


def test_the_text_keeps_its_byte_order_mark():
    text, event = decode(b'\xef\xbb\xbf{"a": true}')

    assert text.encode() == b'\xef\xbb\xbf{"a": true}'
    assert event == {"a": True}


def test_of_a_repeated_name_the_last_value_counts():
    assert decode(b'{"a": 1, "a": 2}')[1] == {"a": 2}


@pytest.mark.parametrize(
    ("payload", "reason", "detail"),
    [
        (b"", "empty", "The payload is empty."),
        (b" \n", "empty", "The payload is white space only."),
        (b"ab\xff", "not_utf8", "The payload is not UTF-8: invalid start byte at byte 2."),
        (b"{'a'}", "not_json", "The payload is not JSON: Expecting property name"),
        (b'{"a": NaN}', "not_json", "The payload is not JSON: NaN is no JSON number."),
        (b"[]", "not_an_object", "The payload is an array, not a JSON object."),
        (b"1e5", "not_an_object", "The payload is a number, not a JSON object."),
        (b'"a"', "not_an_object", "The payload is a string, not a JSON object."),
        (b"false", "not_an_object", "The payload is a boolean, not a JSON object."),
        (b"null", "not_an_object", "The payload is null, not a JSON object."),
        (b"\x1f\x8b\x08\x00", "gzip", "The payload is gzip"),
        (b"\xf3\x89\x9a\xc2\x00", "kpl_aggregate", "The payload is a KPL aggregate"),
    ],
)
def test_what_is_no_event_is_named(payload, reason, detail):
    with pytest.raises(RejectedError) as caught:
        decode(payload)

    assert caught.value.reason == reason
    assert caught.value.detail.startswith(detail)

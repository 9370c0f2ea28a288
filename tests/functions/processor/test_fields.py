from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamctl.functions.processor.fields import json_text, number_field, object_field, present, text_field


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is", "as it is"),
        ("", ""),
        (Decimal("1.50"), "1.50"),
        (True, "true"),
        ([Decimal("0.1"), "a", None], '[0.1,"a",null]'),
        ({"id": Decimal(7)}, '{"id":7}'),
    ],
)
def test_a_text_field_is_always_text(value, text):
    assert text_field({"field": value}, "field", "default") == text


@pytest.mark.parametrize("event", [{}, {"field": None}])
def test_an_absent_or_null_field_has_its_default(event):
    assert text_field(event, "field", "default") == "default"
    assert text_field(event, "field") is None
    assert number_field(event, "field") is None
    assert object_field(event, "field") == {}


@pytest.mark.parametrize(
    ("value", "kept"),
    [(Decimal("19.99"), Decimal("19.99")), ("19.99", "19.99"), (True, "true"), ([Decimal(1)], "[1]")],
)
def test_a_number_field_keeps_as_text_what_is_no_number(value, kept):
    assert number_field({"field": value}, "field") == kept


@pytest.mark.parametrize(
    ("value", "kept"),
    [({"country": "UK"}, {"country": "UK"}), ("London", "London"), ([Decimal("51.5")], "[51.5]"), (False, "false")],
)
def test_an_object_field_keeps_as_text_what_is_no_object(value, kept):
    assert object_field({"field": value}, "field") == kept


def test_what_is_not_there_is_left_out():
    assert present(amount=None, currency="USD", items_count=0) == {"currency": "USD", "items_count": 0}


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.text() | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON_VALUES.filter(lambda value: not isinstance(value, str)))
def test_json_text_reads_back_as_the_same_value(value):
    assert json.loads(json_text(value), parse_float=Decimal, parse_int=Decimal) == value

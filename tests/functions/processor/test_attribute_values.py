from __future__ import annotations

import json
from decimal import Decimal

import pytest
from boto3.dynamodb.types import TypeDeserializer
from hypothesis import given
from hypothesis import strategies as st

from streamctl.functions.processor.attribute_values import (
    WIRE_BYTES_PER_STORED_BYTE,
    UnstorableError,
    attribute_value,
    named_bytes,
    storable_text,
    stored_bytes,
)

NINES = "9" * 38


def nested(levels, leaf="leaf"):
    for _ in range(levels):
        leaf = {"n": leaf}
    return leaf


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("text", {"S": "text"}),
        ("", {"S": ""}),
        (None, {"NULL": True}),
        (True, {"BOOL": True}),
        (7, {"N": "7"}),
        (Decimal("10.990"), {"N": "10.990"}),
        ([], {"L": []}),
        ({"a": ["b"]}, {"M": {"a": {"L": [{"S": "b"}]}}}),
    ],
)
def test_each_type_has_its_letter(value, sent):
    assert attribute_value(value) == sent


@pytest.mark.parametrize("digits", [NINES, f"-{NINES}", f"{NINES}E+88", "1E-130", "-9.9E+125", "1.5E-130"])
def test_the_largest_numbers_dynamodb_holds_are_numbers(digits):
    assert attribute_value(Decimal(digits)) == {"N": str(Decimal(digits))}


@pytest.mark.parametrize("digits", [NINES + "1", "0." + NINES + "1", "1E+126", "-1E+126", "1E-131", "1E+400", "1E-400"])
def test_a_number_dynamodb_cannot_hold_becomes_text(digits):
    assert attribute_value(Decimal(digits)) == {"S": str(Decimal(digits))}


def test_zeros_at_the_end_do_not_make_a_number_too_long():
    assert Decimal(attribute_value(Decimal("1." + "0" * 60))["N"]) == 1
    assert Decimal(attribute_value(Decimal("12" + "0" * 60))["N"]) == Decimal("12e60")


@pytest.mark.parametrize("digits", ["0", "-0.0", "0E-500", "0E+500"])
def test_a_zero_is_sent_without_exponent(digits):
    assert attribute_value(Decimal(digits)) == {"N": "0"}


def test_the_deepest_leaf_stands_on_level_32():
    assert TypeDeserializer().deserialize(attribute_value(nested(31))) == nested(31)
    with pytest.raises(UnstorableError, match="deeper than 32 levels"):
        attribute_value(nested(32))


@pytest.mark.parametrize("name", ["", "n" * 65_536, "\u20ac" * 21_846])
def test_a_name_that_is_empty_or_too_long_is_refused(name):
    with pytest.raises(UnstorableError, match="empty or too long"):
        attribute_value({name: 1})


def test_half_a_surrogate_pair_becomes_its_escape():
    assert storable_text("a\ud800b\U0001f680") == "a\\ud800b\U0001f680"
    assert attribute_value({"\udfff": "\ud83d"}) == {"M": {"\\udfff": {"S": "\\ud83d"}}}


def test_a_type_json_does_not_have_is_a_mistake_of_ours():
    with pytest.raises(TypeError, match="set"):
        attribute_value({1})


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ({"name": {"S": "\u20ac"}}, 4 + 3),
        ({"name": {"BOOL": True}}, 4 + 1),
        ({"name": {"NULL": True}}, 4 + 1),
        ({"name": {"L": []}}, 4 + 3),
        ({"name": {"M": {}}}, 4 + 3),
        ({"name": {"L": [{"S": "ab"}, {"BOOL": True}]}}, 4 + 3 + (2 + 1) + (1 + 1)),
        ({"name": {"M": {"k": {"S": "ab"}}}}, 4 + 3 + (1 + 2 + 1)),
    ],
)
def test_size_is_counted_as_dynamodb_publishes_it(attributes, size):
    assert named_bytes(attributes) == size


@pytest.mark.parametrize(("digits", "published"), [("1", 2), ("12", 2), ("123", 3), ("-123", 3), ("1.5E+100", 2)])
def test_the_size_of_a_number_is_never_counted_too_small(digits, published):
    assert published <= stored_bytes({"N": digits}) <= published + 4


STORABLE_NUMBERS = st.builds(
    lambda coefficient, exponent: Decimal(coefficient).scaleb(exponent),
    st.integers(-(10**28) + 1, 10**28 - 1),
    st.integers(-100, 90),
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
STORABLE = st.recursive(
    st.none() | st.booleans() | TEXT | STORABLE_NUMBERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT.filter(bool), inner, max_size=4),
    max_leaves=20,
)


@given(STORABLE)
def test_what_dynamodb_holds_reads_back_the_same(value):
    assert TypeDeserializer().deserialize(attribute_value(value)) == value


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_every_number_is_exact_as_number_or_as_text(number):
    ((_, sent),) = attribute_value(number).items()

    assert Decimal(sent) == number


@given(st.dictionaries(TEXT.filter(bool), STORABLE, min_size=1, max_size=4))
def test_on_the_wire_no_item_is_larger_than_we_allow_for(item):
    attributes = attribute_value(item)["M"]

    assert len(json.dumps(attributes)) <= named_bytes(attributes) * WIRE_BYTES_PER_STORED_BYTE + len("{}")

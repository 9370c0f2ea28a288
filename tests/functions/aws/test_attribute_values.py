from __future__ import annotations

import json
from decimal import Decimal

import pytest
from boto3.dynamodb.types import TypeDeserializer
from hypothesis import given
from hypothesis import strategies as st

from streamctl.functions.aws.attribute_values import (
    UnstorableError,
    attribute_value,
    named_values,
    storable_text,
    text_value,
    whole_number,
)

from ..processor import plain

NINES = "9" * 38


def sent(value):
    """What DynamoDB reads of a value."""
    return json.loads(attribute_value(value)[0])


def nested(levels, leaf="leaf"):
    for _ in range(levels):
        leaf = {"n": leaf}
    return leaf


@pytest.mark.parametrize(
    ("value", "typed"),
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
def test_each_type_has_its_letter(value, typed):
    assert sent(value) == typed


@pytest.mark.parametrize("digits", [NINES, f"-{NINES}", f"{NINES}E+88", "1E-130", "-9.9E+125", "1.5E-130"])
def test_the_largest_numbers_dynamodb_holds_are_numbers(digits):
    assert sent(Decimal(digits)) == {"N": str(Decimal(digits))}


@pytest.mark.parametrize("digits", [NINES + "1", "0." + NINES + "1", "1E+126", "-1E+126", "1E-131", "1E+400", "1E-400"])
def test_a_number_dynamodb_cannot_hold_becomes_text(digits):
    assert sent(Decimal(digits)) == {"S": str(Decimal(digits))}


def test_zeros_at_the_end_do_not_make_a_number_too_long():
    assert Decimal(sent(Decimal("1." + "0" * 60))["N"]) == 1
    assert Decimal(sent(Decimal("12" + "0" * 60))["N"]) == Decimal("12e60")


@pytest.mark.parametrize("digits", ["0", "-0.0", "0E-500", "0E+500"])
def test_a_zero_is_sent_without_exponent(digits):
    assert sent(Decimal(digits)) == {"N": "0"}


def test_the_deepest_leaf_stands_on_level_32():
    assert TypeDeserializer().deserialize(sent(nested(31))) == nested(31)
    with pytest.raises(UnstorableError, match="deeper than 32 levels"):
        attribute_value(nested(32))


@pytest.mark.parametrize("name", ["", "n" * 65_536, "\u20ac" * 21_846])
def test_a_name_that_is_empty_or_too_long_is_refused(name):
    with pytest.raises(UnstorableError, match="empty or too long"):
        attribute_value({name: 1})


def test_half_a_surrogate_pair_becomes_its_escape():
    assert storable_text("a\ud800b\U0001f680") == "a\\ud800b\U0001f680"
    assert sent({"\udfff": "\ud83d"}) == {"M": {"\\udfff": {"S": "\\ud83d"}}}


def test_a_type_json_does_not_have_is_a_mistake_of_ours():
    with pytest.raises(TypeError, match="set"):
        attribute_value({1})


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ("\u20ac", 3),
        ("\ud800", len("\\ud800")),
        (True, 1),
        (None, 1),
        ([], 3),
        ({}, 3),
        (["ab", True], 3 + (2 + 1) + (1 + 1)),
        ({"k": "ab"}, 3 + (1 + 2 + 1)),
        ({"\u20ac": "ab"}, 3 + (3 + 2 + 1)),
    ],
)
def test_size_is_counted_as_dynamodb_publishes_it(value, size):
    assert attribute_value(value)[1] == size
    assert named_values({"name": attribute_value(value)})[1] == 4 + size


@pytest.mark.parametrize(("digits", "published"), [("1", 2), ("12", 2), ("123", 3), ("-123", 3), ("1.5E+100", 2)])
def test_the_size_of_a_number_is_never_counted_too_small(digits, published):
    assert published <= attribute_value(Decimal(digits))[1] <= published + 4


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
    assert TypeDeserializer().deserialize(sent(value)) == value


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_every_number_is_exact_as_number_or_as_text(number):
    ((_, digits),) = sent(number).items()

    assert Decimal(digits) == number


WILD_TEXT = st.text(st.characters())  # half surrogate pairs, too
WILD = st.recursive(
    st.none()
    | st.booleans()
    | WILD_TEXT
    | st.integers(-(10**45), 10**45)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.sampled_from([Decimal("-0.00"), Decimal("1E+125"), Decimal("9.99E-130"), Decimal("1E-131"), Decimal(NINES)]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WILD_TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(WILD)
def test_a_value_and_its_size_are_those_of_the_plain_way(value):
    if not plain.holds(value):
        with pytest.raises(UnstorableError):
            attribute_value(value)
        return
    text, size = attribute_value(value)

    assert json.loads(text) == plain.typed(value)
    assert text.encode()
    assert size >= plain.stored_bytes(plain.typed(value))
    if len(set(map(plain.storable, names(value)))) == len(names(value)):
        assert size == plain.stored_bytes(plain.typed(value))


def names(value) -> set[str]:
    """Of every map in it."""
    if isinstance(value, dict):
        return set(value).union(*map(names, value.values()))
    return set().union(*map(names, value)) if isinstance(value, list) else set()


@given(WILD_TEXT, st.integers(-(10**20), 10**20))
def test_what_is_known_to_be_a_text_or_an_integer_is_the_same_as_a_value(text, number):
    assert text_value(text) == attribute_value(text)
    assert whole_number(number) == attribute_value(number)

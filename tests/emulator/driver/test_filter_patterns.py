from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamctl.emulator.driver.filter_patterns import check_pattern
from streamctl.emulator.driver.filters import matches

OPERATORS = ["exists", "prefix", "suffix", "equals-ignore-case", "wildcard", "anything-but", "numeric", "cidr"]
NAMES = st.sampled_from([*OPERATORS, "$or", "bogus", "field"])
WORDS = st.sampled_from(["", "a", "<", "=", "10.0.0.0/8"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=3),
)
OPERANDS = VALUES | st.just(["<", 1]) | st.just(["a", 1]) | st.just({"prefix": "a"})
RULES = VALUES | st.dictionaries(NAMES, OPERANDS, min_size=1, max_size=1)
PATTERNS = VALUES | st.dictionaries(NAMES, st.lists(RULES, min_size=1, max_size=3), max_size=2)


@pytest.mark.parametrize(
    "pattern",
    [
        {},
        {"partitionKey": ["a", 1, None, True]},
        {"data": {"order": {"amount": [{"numeric": ["=", 1]}, {"numeric": [">", 0, "<=", 5.5]}]}}},
        {"field": [{"exists": False}, {"prefix": "a"}, {"suffix": {"equals-ignore-case": "B"}}]},
        {"field": [{"equals-ignore-case": "a"}, {"wildcard": "a*"}, {"cidr": "10.0.0.0/24"}]},
        {"field": [{"anything-but": "a"}, {"anything-but": [1, 2]}, {"anything-but": {"prefix": "a"}}]},
        {"$or": [{"a": [1]}, {"b": [2]}]},
    ],
)
def test_a_pattern_as_lambda_documents_it_is_taken(pattern: Any) -> None:
    check_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        [],
        1,
        None,
        {"n": 5},
        {"n": []},
        {"n": {}},
        {"n": [[1]]},
        {"n": [{}]},
        {"bogus": 1},
        {"n": [{"bogus": 1}]},
        {"n": [{"prefix": "a", "suffix": "b"}]},
        {"n": [{"numeric": ["<"]}]},
        {"n": [{"numeric": ["!=", 3]}]},
        {"n": [{"numeric": ["<", "3"]}]},
        {"n": [{"numeric": ["<", 5, ">", 3]}]},
        {"n": [{"numeric": 3}]},
        {"n": [{"exists": "true"}]},
        {"n": [{"prefix": 5}]},
        {"n": [{"prefix": {"suffix": "a"}}]},
        {"n": [{"cidr": "10.0.0.0/99"}]},
        {"n": [{"cidr": 5}]},
        {"n": [{"anything-but": []}]},
        {"n": [{"anything-but": {"exists": True}}]},
        {"$or": {"a": [1]}},
        {"$or": []},
        {"$or": [5]},
    ],
)
def test_any_other_pattern_is_refused(pattern: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        check_pattern(pattern)


@given(pattern=PATTERNS, value=VALUES)
def test_a_pattern_that_was_taken_never_fails_on_a_value(pattern: Any, value: Any) -> None:
    try:
        check_pattern(pattern)
    except ValueError:
        return
    assert matches(pattern, value) in {True, False}

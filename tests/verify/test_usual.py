"""The quick look at an item: never yes where the exact comparison says no, and yes to what the recipe stores."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streamctl.functions.processor.handler import prepare
from streamctl.functions.processor.item import Item
from streamctl.functions.processor.record import Record
from streamctl.traffic.generators import RecipeEvents
from streamctl.verify.items import METRICS, is_faithful
from streamctl.verify.usual import is_evident

AT = datetime(2026, 11, 23, 16, 11, 54, tzinfo=UTC)

NUMBERS = [
    "0", "-0", "0.0", "1", "1.0", "1.50", "1.5", "-1", "29", "29.99999999999999999999", "30", "1e1", "1E+1", "10",
    "10.99", "10.990000000000000001", "1" * 38, "1" * 39, "0." + "1" * 38, "1e126", "1e-131", "1e99999999999999999999",
    "NaN", "Infinity",
]  # fmt: skip
TEXTS = ["", "a", "unknown", "anonymous", "page_view", "purchase", "user_signup", "click", "é", "\ud800", "1", "1.5"]
KEYS = ["eventId", "eventType", "userId", "sessionLength", "pagesViewed"]
FIELDS = KEYS + [field for carried in METRICS.values() for field in carried.values()]
BOUNCE = "bounce_rate"

tokens = (
    st.sampled_from(NUMBERS)
    | st.sampled_from(TEXTS).map(json.dumps)
    | st.text(max_size=3).map(json.dumps)
    | st.integers().map(str)
    | st.floats(allow_nan=False, allow_infinity=False).map(str)
    | st.sampled_from(["null", "true", "[]", '["a"]', "{}", '{"a":1}'])
)
members = st.lists(st.tuples(st.sampled_from(FIELDS), tokens), max_size=12)
"""Of an object, in its order; names may repeat."""
values = st.builds(
    lambda kind, text: {kind: text.encode("utf-8", "backslashreplace").decode()},
    st.sampled_from(["S", "N"]),
    st.sampled_from([*NUMBERS, *TEXTS]) | st.text(max_size=3),
)
"""What a table may hold: UTF-8."""


def payload(pairs: list[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{json.dumps(name)}: {token}" for name, token in pairs) + "}"


def stored(text: str) -> dict[str, Any] | None:
    """What the processor makes of it, if anything."""
    end = prepare(Record("s", "shardId-000000000000", "1", "k", 1, text.encode()), 2)
    return json.loads(end.attributes) if isinstance(end, Item) else None


def agree(item: dict[str, Any]) -> None:
    for compare_metrics in (True, False):
        if is_evident(item, compare_metrics=compare_metrics):
            assert is_faithful(item, compare_metrics=compare_metrics)


@given(members, st.data())
def test_whatever_was_sent_and_stored_the_quick_look_is_right(
    pairs: list[tuple[str, str]], data: st.DataObject
) -> None:
    item = stored(payload(pairs)) or {"rawData": {"S": payload(pairs)}}
    assert is_faithful(item) or "metrics" not in item
    agree(item)
    metrics = dict(item.get("metrics", {}).get("M", {}))
    changed = data.draw(st.dictionaries(st.sampled_from(["eventId", "eventType", "userId"]), values, max_size=2))
    names = sorted({*metrics, BOUNCE, "amount", "load_time"})
    changed_metrics = data.draw(st.dictionaries(st.sampled_from(names), values, max_size=2))
    agree({**item, **changed, "metrics": {"M": {**metrics, **changed_metrics}}})


@given(members, st.dictionaries(st.sampled_from(["eventId", "eventType", "userId"]), values), st.data())
def test_an_item_of_anybodys_making_is_no_more_evident_than_faithful(
    pairs: list[tuple[str, str]], attributes: dict[str, Any], data: st.DataObject
) -> None:
    every_metric = [metric for carried in METRICS.values() for metric in carried]
    metrics = data.draw(st.dictionaries(st.sampled_from([*every_metric, BOUNCE]), values))
    agree({"rawData": {"S": payload(pairs)}, **attributes, "metrics": {"M": metrics}})


LENGTHS = ["1", "1.0", "29", "30", "29.99999999999999999999", '"1"', "null"]


@st.composite
def near_misses(draw: st.DrawFn) -> dict[str, Any]:
    """What the processor makes of an event, but for one metric at most."""
    kind = draw(st.sampled_from(list(METRICS)))
    sent = {field: draw(tokens) for field in METRICS[kind].values()}
    sent |= {field: draw(st.sampled_from(LENGTHS)) for field in ("sessionLength", "pagesViewed")}
    text = payload([("eventType", json.dumps(kind)), *sent.items()])
    item = stored(text) or {"rawData": {"S": text}, "metrics": {"M": {}}}
    metrics = dict(item["metrics"]["M"])
    names = sorted({*metrics, *METRICS[kind], BOUNCE})
    flipped = {"N": "0" if metrics.get(BOUNCE) == {"N": "1"} else "1"}
    spelled = {
        metric: {draw(st.sampled_from("NS")): sent[field].strip(chr(34))} for metric, field in METRICS[kind].items()
    }
    changes = [{}, {BOUNCE: flipped}, spelled, {draw(st.sampled_from(names)): draw(values)}]
    return {**item, "metrics": {"M": metrics | draw(st.sampled_from(changes))}}


@settings(max_examples=1000)
@given(near_misses())
def test_what_is_nearly_right_is_no_more_evident_than_faithful(item: dict[str, Any]) -> None:
    agree(item)


@given(st.sampled_from(["", "[]", "1", '"a"', "{", "{}x", " {}", "\ufeff{}", "[" * 100_000]) | st.text())
def test_a_payload_that_is_no_event_is_left_to_the_exact_comparison(text: str) -> None:
    item = {"eventType": {"S": "unknown"}, "userId": {"S": "anonymous"}, "eventId": {"S": "e"}, "metrics": {"M": {}}}
    agree({"rawData": {"S": text}, **item})
    agree(item)


@given(st.integers(0, 2**32))
@example(0)
def test_what_the_recipe_sends_is_evident_once_it_is_stored(seed: int) -> None:
    event = RecipeEvents().event(random.Random(seed), 1, AT)
    item = stored(json.dumps({"eventId": "e-1", **event}))

    assert item
    assert is_evident(item, compare_metrics=True)
    for name in ("eventId", "eventType", "userId"):
        assert not is_evident({**item, name: {"S": "other"}}, compare_metrics=True)
    for name, value in item["metrics"]["M"].items():
        ((kind, content),) = value.items()
        other = {kind: str(Decimal(content) + 1) if kind == "N" else content + "x"}
        wrong = {**item, "metrics": {"M": {**item["metrics"]["M"], name: other}}}
        assert not is_evident(wrong, compare_metrics=True)
        assert not is_faithful(wrong)


@pytest.mark.parametrize("compare_metrics", [True, False])
def test_an_event_without_an_id_of_its_own_is_evident(compare_metrics: bool) -> None:
    item = stored('{"userId": "user_1", "eventType": "click"}')

    assert item
    assert is_evident(item, compare_metrics=compare_metrics)


@pytest.mark.parametrize(
    ("length", "bounce"), [("29", "1"), ("30", "0"), ("29.99999999999999999999", "1"), ("30.00000000000000000001", "0")]
)
def test_a_length_of_stay_is_compared_with_all_its_digits(length: str, bounce: str) -> None:
    item = stored(payload([("eventType", '"page_view"'), ("sessionLength", length), ("pagesViewed", "1")]))

    assert item
    assert item["metrics"] == {"M": {BOUNCE: {"N": bounce}}}
    assert is_evident(item, compare_metrics=True)
    other = {"M": {BOUNCE: {"N": "0" if bounce == "1" else "1"}}}
    assert not is_evident({**item, "metrics": other}, compare_metrics=True)

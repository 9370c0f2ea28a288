"""What the owner of a pipeline adds: a function, a schema, event types; and what its mistakes become."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import OrderedDict
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamctl.functions.aws.attribute_values import attribute_value
from streamctl.functions.processor.handler import Processor
from streamctl.functions.processor.outcomes import RejectedError
from streamctl.functions.processor.own import Own
from streamctl.functions.processor.redaction import KEEP_ALL, Redaction
from streamctl.functions.processor.rejected import RejectedQueue
from streamctl.functions.processor.schema import Schema
from streamctl.functions.processor.stamps import NO_STAMPS, Stamps
from streamctl.functions.processor.table import BatchWriter
from streamctl.pipeline.names import CANARY_ID_PREFIX

from .fake_aws import QUEUE_URL, FakeDynamoDB, FakeSQS
from .lambda_events import STARTED_AT, Invocation, OneThread, batch, delivery, event, sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

REDACTING = Redaction(fields=("userId",))


class Colour(StrEnum):
    RED = "red"


def metrics(process: Callable[[Any], Any], given: Any = None, redaction: Redaction = KEEP_ALL) -> Any:
    return Own(process, redaction=redaction).metrics("reading", given or {})


def refusal(process: Callable[[Any], Any], redaction: Redaction = KEEP_ALL) -> tuple[str, str]:
    with pytest.raises(RejectedError) as refused:
        metrics(process, redaction=redaction)
    return refused.value.reason, refused.value.detail


@pytest.mark.parametrize(
    ("answer", "stored"),
    [
        (None, {}),
        ({}, {}),
        ({"a": 1, "b": True, "c": "x", "d": None}, {"a": 1, "b": True, "c": "x", "d": None}),
        ({"a": Decimal("1.50")}, {"a": Decimal("1.50")}),
        ({"a": 0.1, "b": 1e300, "c": -2.5e-8}, {"a": Decimal("0.1"), "b": Decimal("1E+300"), "c": Decimal("-2.5E-8")}),
        ({"a": (1, [2, {"b": 3}])}, {"a": [1, [2, {"b": 3}]]}),
        (OrderedDict(a=Colour.RED), {"a": "red"}),
    ],
)  # fmt: skip
def test_what_an_item_can_hold_is_stored_a_float_by_its_shortest_digits(answer: Any, stored: Any) -> None:
    found = metrics(lambda _: answer)

    assert found == stored
    assert [type(found[name]) for name in found if isinstance(stored[name], bool)] == [
        bool for value in stored.values() if isinstance(value, bool)
    ]


def nested(levels: int) -> Any:
    return {"a": nested(levels - 1)} if levels else 1


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ([1], "metrics are a list, not a mapping"),
        ({"a": {1, 2}}, "a is a set"),
        ({"a": [0, {"b": float("nan")}]}, "a[1].b is NaN, which is no number to DynamoDB"),
        ({"a": float("-inf")}, "a is -Infinity"),
        ({"a": Decimal("sNaN")}, "a is sNaN"),
        ({"a": b"x"}, "a is a bytes"),
        ({"a": object()}, "a is an object"),
        ({1: "x"}, "metrics has an int for a name, not text"),
        ({"a": {"": 1}}, "a has a name that is empty or too long"),
        (nested(40), "is nested deeper than 32 levels"),
    ],
)
def test_what_no_item_can_hold_is_set_aside_with_its_place(answer: Any, told: str) -> None:
    reason, detail = refusal(lambda _: answer)

    assert reason == "processor_error"
    assert detail.startswith("What `process` returned cannot be stored: ")
    assert told in detail


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
))  # fmt: skip
def test_whatever_is_returned_is_stored_or_set_aside(answer: Any) -> None:
    try:
        attribute_value(metrics(lambda _: {"a": answer}))
    except RejectedError as error:
        assert error.reason == "processor_error"  # noqa: PT017  either outcome is right


def test_a_value_error_refuses_the_event_and_anything_else_is_a_mistake() -> None:
    def refuse(_: Any) -> None:
        raise ValueError("no such sensor")

    assert refusal(refuse) == ("processor_refused", "ValueError: no such sensor")
    assert refusal(lambda e: e["x"]) == ("processor_error", "KeyError: 'x'")
    assert refusal(lambda _: sys.exit(3)) == ("processor_error", "SystemExit: 3")
    assert refusal(cancel) == ("processor_error", "CancelledError.")
    assert refusal(recurse)[0] == "processor_error"


def cancel(_: Any) -> None:
    raise asyncio.CancelledError


def recurse(given: Any) -> Any:
    return recurse(given)


def test_words_and_places_are_left_out_where_the_pipeline_redacts() -> None:
    def refuse(_: Any) -> None:
        raise ValueError("user_1234 is unknown")

    for process in (refuse, lambda _: {"user_1234": {1}}, lambda _: {"a": {"user_1234": {1}}}):
        assert "user_1234" not in refusal(process, REDACTING)[1]


def test_an_error_whose_words_fail_is_told_without_them() -> None:
    class BrokenError(ValueError):
        def __str__(self) -> str:
            raise RuntimeError

    def refuse(_: Any) -> None:
        raise BrokenError

    assert refusal(refuse) == ("processor_refused", "BrokenError.")


def test_what_the_function_does_to_its_event_changes_nothing_else() -> None:
    def spoil(given: Any) -> None:
        given["list"].append(1)
        given["object"].clear()

    sent = {"list": [], "object": {"a": 1}}
    metrics(spoil, sent)

    assert sent == {"list": [], "object": {"a": 1}}


# What is shipped.

SHIPPED = """
PROCESSOR = {processor!r}
SCHEMA = {schema!r}
EVENT_TYPES = ("reading",)
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The package beside the processor's, as a zip unpacked would have it."""
    folder = tmp_path / "own_processor"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder
    for name in [name for name in sys.modules if name.startswith("own_processor")]:
        del sys.modules[name]


def test_without_the_package_the_recipe_holds() -> None:
    own = Own.shipped()

    assert own.metrics("page_view", {"pageUrl": "/"}) == {"page_url": "/", "bounce_rate": 0}
    assert own.event_types == {"page_view", "purchase", "user_signup", "click"}
    assert not own.may_be_slow


def test_the_shipped_function_is_told_with_its_line(package: Path) -> None:
    (package / "__init__.py").write_text(SHIPPED.format(processor="mine", schema='{"required": ["value"]}'))
    (package / "mine.py").write_text("def process(event):\n    return {'half': event['value'] / 2}\n")
    own = Own.shipped()

    with pytest.raises(RejectedError) as refused:
        own.metrics("reading", {"value": "x"})
    with pytest.raises(RejectedError) as sorted_out:
        own.check({})

    assert own.metrics("reading", {"value": Decimal(3)}) == {"half": Decimal("1.5")}
    assert own.event_types == {"reading"}
    assert refused.value.detail.startswith("TypeError in mine.py, line 2: unsupported operand")
    assert (sorted_out.value.reason, sorted_out.value.detail) == (
        "schema_mismatch",
        'By the schema: the event breaks the rule required "value".',
    )


@pytest.mark.parametrize(
    ("text", "error"),
    [("import nowhere_to_be_found", ModuleNotFoundError), ("1 / 0", ZeroDivisionError), ("x = 1", AttributeError)],
)
def test_a_module_that_cannot_be_loaded_fails_the_batch_and_judges_no_record(
    package: Path, text: str, error: type[Exception]
) -> None:
    (package / "__init__.py").write_text(SHIPPED.format(processor="mine", schema=None))
    (package / "mine.py").write_text(text)

    for _ in range(2):  # also when Lambda delivers it again
        with pytest.raises(error):
            Own.shipped()


# Within a batch.


class Bench:
    def __init__(
        self,
        own: Own,
        invocation: Invocation | None = None,
        redaction: Redaction = KEEP_ALL,
        stamps: Stamps = NO_STAMPS,
    ) -> None:
        self.dynamodb, self.sqs, self.log = FakeDynamoDB(), FakeSQS(), list[str]()
        self.invocation = invocation or Invocation()
        pool = OneThread()
        self.processor = Processor(
            BatchWriter(self.dynamodb, "results", pool),
            RejectedQueue(self.sqs, QUEUE_URL, pool),
            redaction,
            own,
            stamps,
            clock=lambda: STARTED_AT,
            sleep=self.invocation.sleep,
            log=self.log.append,
        )

    def handle(self, delivered: Any) -> Any:
        return self.processor.handle(delivered, self.invocation)

    @property
    def ids(self) -> set[str]:
        return {event_id for event_id, _ in self.dynamodb.rows}

    @property
    def reasons(self) -> dict[str | None, str]:
        return {message["eventId"]: message["reason"] for message in self.sqs.messages}


def halved(given: Any) -> Any:
    if given["value"] < 0:
        raise ValueError("below zero")
    return {"half": given["value"] / 2}


def test_what_code_of_ones_own_makes_is_stamped_like_any_item() -> None:
    bench = Bench(Own(halved), stamps=Stamps("expiresAt", 60, traced=True))

    bench.handle(batch(event(eventId="good", value=3)))

    (row,) = bench.dynamodb.rows.values()
    assert {"expiresAt", "requestId", "streamPlace"} <= row.keys()


def test_each_record_ends_in_its_own_way_and_the_log_says_nothing_of_it() -> None:
    bench = Bench(Own(halved, schema=Schema('{"properties": {"value": {"maximum": 9}}}')))

    answer = bench.handle(
        batch(
            event(eventId="good", value=3),
            event(eventId="refused", value=-77),
            event(eventId="mistaken", value="secret"),
            event(eventId="sorted", value=10),
            b"junk",
            event(eventId="canary-1", eventType="canary"),
        )
    )

    assert answer == {"batchItemFailures": []}
    assert bench.ids == {"good", "canary-1"}
    assert bench.reasons == {
        "refused": "processor_refused",
        "mistaken": "processor_error",
        "sorted": "schema_mismatch",
        None: "not_json",
    }
    assert not any("77" in line or "secret" in line for line in bench.log)


def test_the_canary_of_up_is_bound_by_no_rule_of_the_owners_and_anything_like_it_is() -> None:
    refuse_all = Own(lambda _: 1 / 0, schema=Schema("false"))
    canary = {"eventId": f"{CANARY_ID_PREFIX}1", "eventType": "canary"}

    refuse_all.check(canary)
    assert refuse_all.metrics("canary", canary) == {}
    for other in ({**canary, "eventId": "1"}, {**canary, "eventType": "reading"}):
        with pytest.raises(RejectedError):
            refuse_all.check(other)


def test_the_schema_sees_what_was_sent_and_the_function_what_may_be_stored() -> None:
    seen: list[Any] = []
    own = Own(seen.append, schema=Schema('{"properties": {"userId": {"const": "u1"}}}'))

    Bench(own, redaction=REDACTING).handle(batch(event(userId="u1")))

    assert seen == [{"userId": "[redacted]"}]


def test_own_event_types_take_the_place_of_the_recipes_in_the_metrics() -> None:
    bench = Bench(Own(event_types=frozenset({"reading"})))

    bench.handle(batch(event(eventType="reading"), event(eventType="click"), event(eventType="x")))

    counted = {json.loads(line).get("EventType"): json.loads(line)["EventsProcessed"] for line in bench.log[:-1]}
    assert counted == {None: 3, "reading": 1, "other": 2}


def test_an_event_nested_too_deep_to_be_copied_is_no_mistake_of_the_owners() -> None:
    deep: Any = []
    for _ in range(sys.getrecursionlimit()):
        deep = [deep]

    with pytest.raises(RecursionError):  # the handler's own reason for it: nested_too_deep
        metrics(lambda _: {}, {"a": deep})


def test_a_slow_function_leaves_the_rest_to_the_next_delivery() -> None:
    invocation = Invocation(remaining_ms=10_000)
    bench = Bench(Own(lambda _: invocation.sleep(2)), invocation)

    answer = bench.handle(batch(*(event(eventId=str(number)) for number in range(8))))

    assert bench.ids == {"0", "1", "2"}
    assert answer == {"batchItemFailures": [{"itemIdentifier": sequence(3)}]}
    assert bench.log[-1] == (
        f"to be delivered again from sequence={sequence(3)}: the owner's code took too long for a batch of this size"
    )


@pytest.mark.parametrize("seconds", [6, 9])
def test_the_first_record_is_done_however_long_it_takes(seconds: float) -> None:
    invocation = Invocation(remaining_ms=10_000)
    bench = Bench(Own(lambda _: invocation.sleep(seconds)), invocation)

    answer = bench.handle({"Records": [delivery(event(eventId="a"), 0), delivery(event(eventId="b"), 1)]})

    assert bench.ids == {"a"}
    assert answer == {"batchItemFailures": [{"itemIdentifier": sequence(1)}]}

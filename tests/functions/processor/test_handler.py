from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamctl.functions.aws.attribute_values import LARGEST_ITEM_BYTES
from streamctl.functions.processor.decode import decode
from streamctl.functions.processor.handler import prepare
from streamctl.functions.processor.item import Item
from streamctl.functions.processor.record import Record
from streamctl.functions.processor.redaction import Redaction

from ..awkward_payloads import AWKWARD, STORED
from . import plain
from .conftest import Bench
from .kpl import aggregate
from .lambda_events import SHARD, STARTED_AT, delivery, event, refusal, sequence

if TYPE_CHECKING:
    from .fake_aws import Puts

GOOD = [event(eventId=f"e{number}", timestamp="2026-11-23T16:11:54Z") for number in range(100)]
NONE_FAILED = {"batchItemFailures": []}


def failed_from(position: int) -> dict:
    return {"batchItemFailures": [{"itemIdentifier": sequence(position)}]}


def throttle(*event_ids: str):
    """Leave these events unprocessed, always."""
    return lambda puts: [put for put in puts if put["PutRequest"]["Item"]["eventId"]["S"] in event_ids]


def sqs_is_down(entries: Puts) -> None:
    raise refusal("InternalFailure", status=500)


def counted(bench: Bench) -> dict[str, int]:
    first = json.loads(bench.log[0])
    return {"stored": first["EventsProcessed"], "rejected": first["RecordsRejected"]}


@pytest.mark.parametrize("awkward", AWKWARD, ids=lambda awkward: awkward.name)
def test_an_awkward_payload_ends_as_its_table_says(awkward, bench):
    assert bench.run(awkward.payload) == NONE_FAILED

    if awkward.outcome == STORED:
        (row,) = bench.dynamodb.rows.values()
        assert row["rawData"]["S"].encode() == awkward.payload
        assert bench.sqs.messages == []
    else:
        assert [message["reason"] for message in bench.sqs.messages] == [awkward.outcome]
        assert bench.dynamodb.rows == {}


def test_all_awkward_payloads_in_one_batch_are_stored_or_set_aside(bench):
    assert bench.run(*(awkward.payload for awkward in AWKWARD)) == NONE_FAILED

    stored = {row["rawData"]["S"].encode() for row in bench.dynamodb.rows.values()}
    assert stored == {awkward.payload for awkward in AWKWARD if awkward.outcome == STORED}
    assert len(stored) + len(bench.sqs.messages) == len(AWKWARD)


def test_a_batch_is_stored_in_as_few_calls_as_possible(bench):
    assert bench.run(*GOOD) == NONE_FAILED
    assert [len(call) for call in bench.calls] == [25, 25, 25, 25]
    assert bench.ids == {f"e{number}" for number in range(100)}


def test_no_record_is_no_work_but_a_line(bench):
    assert bench.run() == NONE_FAILED
    assert bench.log == ["processed records=0 stored=0 rejected=0 retried=0 duration_ms=0"]
    assert bench.calls == bench.sqs.calls == []


def test_a_batch_ends_with_one_line_for_people(bench):
    bench.run(*GOOD[:3], b"bad")

    assert bench.log[-1] == "processed records=4 stored=3 rejected=1 retried=0 duration_ms=0"
    assert counted(bench) == {"stored": 3, "rejected": 1}


def test_of_several_records_with_one_key_the_last_is_stored(bench):
    twice = event(eventId="e1", timestamp="2026-11-23T16:11:54Z", userId="later")

    assert bench.run(*GOOD[:3], twice) == NONE_FAILED
    assert [len(call) for call in bench.calls] == [3]
    assert bench.dynamodb.rows["e1", "1795450314"]["userId"] == {"S": "later"}


def test_one_id_at_two_times_is_two_items(bench):
    bench.run(
        event(eventId="e", timestamp="2026-11-23T16:11:54Z"), event(eventId="e", timestamp="2026-11-23T16:11:55Z")
    )

    assert len(bench.dynamodb.rows) == 2


def test_when_the_stored_duplicate_fails_its_first_record_is_delivered_again(bench):
    bench.dynamodb.before = throttle("e1")

    assert bench.run(*GOOD[:3], GOOD[1]) == failed_from(1)


def test_unprocessed_items_are_written_before_the_time_is_over(bench):
    bench.dynamodb.before = lambda puts: puts[5:] if len(bench.calls) < 4 else None

    assert bench.run(*GOOD[:25]) == NONE_FAILED
    assert len(bench.ids) == 25


def test_what_is_throttled_to_the_end_is_delivered_again_from_the_first_on(bench):
    bench.dynamodb.before = throttle("e60", "e30", "e90")

    assert bench.run(*GOOD) == failed_from(30)
    assert bench.log[-2] == ("processed records=100 stored=30 rejected=0 retried=70 duration_ms=0")
    assert bench.log[-1] == f"to be delivered again from sequence={sequence(30)}: not accepted"
    assert counted(bench) == {"stored": 30, "rejected": 0}
    assert bench.invocation.remaining_ms > 25_000


def test_a_batch_that_fails_whole_counts_nothing(bench):
    def refuse(puts: Puts) -> None:
        raise refusal("AccessDeniedException")

    bench.dynamodb.before = refuse

    assert bench.run(*GOOD) == failed_from(0)
    assert bench.log[0] == "processed records=100 stored=0 rejected=0 retried=100 duration_ms=0"


def test_redelivery_leaves_the_same_rows(bench):
    payloads = [*GOOD[:30], b'{"userId": "without id and time"}', b'{"eventId": 7, "amount": 0.1}']
    bench.dynamodb.before = throttle("e10")
    bench.run(*payloads)
    bench.dynamodb.before = lambda puts: None

    bench.run(*payloads)
    first = dict(bench.dynamodb.rows)
    bench.run(*payloads)

    assert bench.dynamodb.rows == first
    assert len(first) == len(payloads)


def test_a_record_that_cannot_be_set_aside_now_is_delivered_again(bench):
    bench.sqs.before = sqs_is_down

    assert bench.run(*GOOD[:3], b"bad", *GOOD[3:6]) == failed_from(3)
    assert counted(bench) == {"stored": 3, "rejected": 0}


def test_without_bad_records_a_queue_that_is_down_does_not_matter(bench):
    bench.sqs.before = sqs_is_down

    assert bench.run(*GOOD) == NONE_FAILED


def test_the_first_failure_counts_whether_table_or_queue(bench):
    bench.sqs.before = sqs_is_down
    bench.dynamodb.before = throttle("e1")

    assert bench.run(GOOD[0], GOOD[1], b"bad") == failed_from(1)
    assert bench.run(b"bad", GOOD[0], GOOD[1]) == failed_from(0)


def test_what_comes_after_the_first_failure_is_not_set_aside_twice(bench):
    bench.dynamodb.before = throttle("e1")
    bench.run(b"bad before", GOOD[1], b"bad after")

    assert [message["payloadStart"] for message in bench.sqs.messages] == ["bad before"]


def test_setting_aside_has_time_left_when_the_table_has_used_up_its_own(bench):
    bench.dynamodb.before = throttle("e1")
    bench.sqs.before = lambda entries: (
        [{"Id": "0", "SenderFault": False, "Code": "InternalError"}] if bench.invocation.remaining_ms > 20_000 else None
    )

    assert bench.run(b"bad", GOOD[1]) == failed_from(1)
    assert len(bench.sqs.messages) == 1


def test_one_item_dynamodb_refuses_is_set_aside_with_its_words(bench):
    def refuse(puts: Puts) -> None:
        if any(put["PutRequest"]["Item"]["eventId"]["S"] == "e7" for put in puts):
            raise refusal("ValidationException", "One or more parameter values were invalid")

    bench.dynamodb.before = refuse

    assert bench.run(*GOOD[:25]) == NONE_FAILED
    assert len(bench.ids) == 24
    (message,) = bench.sqs.messages
    assert message["reason"] == "refused_by_dynamodb"
    assert message["detail"] == "DynamoDB refuses the item: One or more parameter values were invalid"
    assert (message["eventId"], message["sequenceNumber"]) == ("e7", sequence(7))


@pytest.mark.parametrize(
    ("payload", "event_id"),
    [
        (event(eventId="run-1", padding="p" * 410_000), "run-1"),
        (event(eventId="i" * 3000), "i" * 2048),
        (event(eventId=True), "true"),
        (event(eventId=["a"]), None),
        (b'{"eventId": "run-1"', None),
    ],
)
def test_a_message_names_the_event_where_its_id_could_be_read(payload, event_id, bench):
    bench.run(payload)

    assert [message["eventId"] for message in bench.sqs.messages] == [event_id]


def test_payloads_are_never_logged(bench):
    bench.dynamodb.before = throttle("e1")
    bench.run(event(userId="secret", eventType="secret"), b"secret", GOOD[1])

    assert len(bench.log) == 4
    assert not any("secret" in line for line in bench.log)


def test_every_metric_line_is_one_line_of_json(bench):
    bench.run(*(awkward.payload for awkward in AWKWARD))

    for line in bench.log[:-1]:
        assert "\n" not in line
        assert json.loads(line)["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "RealTimeAnalytics"
    assert re.fullmatch(r"processed records=\d+ stored=\d+ rejected=\d+ retried=0 duration_ms=\d+", bench.log[-1])


def test_each_record_of_an_aggregate_is_stored_like_any_other(bench):
    assert bench.run(GOOD[0], aggregate(GOOD[1], b"{}", GOOD[2]), GOOD[3]) == NONE_FAILED

    assert bench.ids == {"e0", "e1", "e2", "e3", f"{SHARD}:{sequence(1)}:1"}
    assert bench.dynamodb.rows["e2", "1795450314"]["rawData"]["S"].encode() == GOOD[2]
    assert [len(call) for call in bench.calls] == [5]
    assert bench.log[-1] == "processed records=5 stored=5 rejected=0 retried=0 duration_ms=0"


def test_a_bad_record_of_an_aggregate_is_set_aside_on_its_own(bench):
    assert bench.run(GOOD[0], aggregate(GOOD[1], b"bad", GOOD[2])) == NONE_FAILED

    (message,) = bench.sqs.messages
    assert (message["sequenceNumber"], message["subSequenceNumber"]) == (sequence(1), 1)
    assert (message["partitionKey"], message["payloadStart"]) == ("user_2", "bad")
    assert (message["sha256"], message["size"]) == (hashlib.sha256(b"bad").hexdigest(), 3)
    assert counted(bench) == {"stored": 3, "rejected": 1}


@pytest.mark.parametrize("damaged", [aggregate(GOOD[0])[:-1], aggregate(), aggregate(aggregate(GOOD[0]))])
def test_an_aggregate_that_cannot_be_taken_apart_is_set_aside_whole(damaged, bench):
    assert bench.run(GOOD[1], damaged) == NONE_FAILED

    assert [message["reason"] for message in bench.sqs.messages] == ["kpl_aggregate"]
    assert bench.ids == {"e1"}


def test_when_one_record_of_an_aggregate_fails_all_of_it_is_delivered_again(bench):
    bench.dynamodb.before = throttle("e2")
    batch = (GOOD[0], aggregate(b"bad 1", GOOD[1], GOOD[2], b"bad 2"), b"bad 3")

    assert bench.run(*batch) == failed_from(1)
    assert bench.sqs.messages == []
    assert counted(bench) == {"stored": 1, "rejected": 0}
    assert bench.log[-2] == "processed records=6 stored=1 rejected=0 retried=5 duration_ms=0"

    bench.log.clear()
    bench.dynamodb.before = lambda puts: None
    bench.run(*batch[1:])
    assert [message["payloadStart"] for message in bench.sqs.messages] == ["bad 1", "bad 2", "bad 3"]
    assert counted(bench) == {"stored": 2, "rejected": 3}


def test_when_a_record_of_an_aggregate_cannot_be_set_aside_none_of_it_is_counted(bench):
    bench.sqs.before = sqs_is_down

    assert bench.run(GOOD[0], aggregate(GOOD[1], b"bad", GOOD[2]), GOOD[3]) == failed_from(1)
    assert counted(bench) == {"stored": 1, "rejected": 0}


def test_what_comes_before_an_aggregate_that_fails_is_set_aside(bench):
    bench.dynamodb.before = throttle("e1")

    assert bench.run(b"bad before", aggregate(b"bad within", GOOD[1])) == failed_from(1)
    assert [message["payloadStart"] for message in bench.sqs.messages] == ["bad before"]


def test_100_aggregates_of_100_events_are_one_batch(bench):
    events = [event(eventId=f"e{number}") for number in range(10_000)]
    batch = [aggregate(*events[start : start + 100]) for start in range(0, 10_000, 100)]

    assert bench.run(*batch) == NONE_FAILED
    assert len(bench.ids) == 10_000
    assert [len(call) for call in bench.calls] == [25] * 400


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.text() | st.floats() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["eventId", "eventType", "timestamp", "userId", "deviceType", "location", "amount", "loadTime"]
)
EVENTS = st.dictionaries(FIELDS, JSON_VALUES | st.sampled_from(["purchase", "page_view", "e1"])).map(json.dumps)
PAYLOADS = st.binary(max_size=64) | EVENTS.map(str.encode) | st.sampled_from(GOOD[:3])


AGGREGATES = st.lists(PAYLOADS, max_size=4).map(lambda payloads: aggregate(*payloads))


@given(st.lists(PAYLOADS | AGGREGATES, max_size=30), st.booleans(), st.booleans())
def test_every_record_is_stored_or_set_aside_or_delivered_again(payloads, throttled, queue_down):
    bench = Bench()
    if throttled:
        bench.dynamodb.before = throttle("e1")
    if queue_down:
        bench.sqs.before = sqs_is_down

    answer = bench.run(*payloads)

    told = [(message["sequenceNumber"], message["subSequenceNumber"]) for message in bench.sqs.messages]
    for position, payload in enumerate(payloads):
        for record in inside(payload, position):
            prepared = prepare(record, int(STARTED_AT * 1000))
            if isinstance(prepared, Item):
                done = prepared.key in bench.dynamodb.rows
            else:
                done = told.count((record.sequence_number, record.sub)) == 1
            if not done:
                assert answer == failed_from(position)
                assert f" retried={records(payloads[position:])} " in "".join(bench.log)
                assert queue_down or all(number < sequence(position) for number, _ in told)
                return
    assert answer == NONE_FAILED
    assert f"records={records(payloads)} stored={records(payloads) - len(told)} rejected={len(told)} " in bench.log[-1]


def inside(payload: bytes, position: int = 0) -> list[Record]:
    return Record.from_lambda(delivery(payload, position)).expanded()


def records(payloads: list[bytes]) -> int:
    return sum(len(inside(payload)) for payload in payloads)


@given(PAYLOADS, st.sampled_from([Redaction(), Redaction(fields=("userId", "location.city")), Redaction(False)]))
def test_an_item_is_the_one_made_the_plain_way(payload, redaction):
    is_made_the_plain_way(payload, redaction)


@pytest.mark.parametrize("awkward", AWKWARD, ids=lambda awkward: awkward.name)
def test_an_awkward_payloads_item_is_the_one_made_the_plain_way(awkward):
    is_made_the_plain_way(awkward.payload, Redaction())


def is_made_the_plain_way(payload: bytes, redaction: Redaction) -> None:
    record = Record.from_lambda(delivery(payload))
    prepared = prepare(record, int(STARTED_AT * 1000), redaction)
    if not isinstance(prepared, Item):
        return
    attributes = plain.item(record, *decode(payload), int(STARTED_AT * 1000), redaction)

    assert json.loads(prepared.attributes) == attributes
    assert prepared.key == (attributes["eventId"]["S"], attributes["timestamp"]["N"])
    assert plain.named_bytes(attributes) <= prepared.size_bytes <= LARGEST_ITEM_BYTES


WORDS = {
    "RealTimeAnalytics", "EventsProcessed", "RecordsRejected", "PurchaseAmount", "Count", "None", "EventType",
    "DeviceType", "page_view", "purchase", "user_signup", "click", "desktop", "mobile", "tablet", "other",
}  # fmt: skip
LINES = (
    r"processed records=\d+ stored=\d+ rejected=\d+ retried=\d+ duration_ms=\d+"
    r"|to be delivered again from sequence=\d+: (not accepted|InternalFailure|out of time)"
)


def texts(value: object) -> set[str]:
    """Every text in a document, but for the names of its fields."""
    if isinstance(value, dict | list):
        return set().union(*map(texts, value.values() if isinstance(value, dict) else value))
    return {value} if isinstance(value, str) else set()


def says_nothing_of_payloads(log: list[str]) -> bool:
    metrics = [line for line in log if line.startswith("{")]
    return all(texts(json.loads(line)) <= WORDS for line in metrics) and all(
        re.fullmatch(LINES, line) for line in log if line not in metrics
    )


@pytest.mark.parametrize("queue_down", [False, True])
def test_no_text_of_an_awkward_payload_is_logged(queue_down, bench):
    if queue_down:
        bench.sqs.before = sqs_is_down

    bench.run(*(awkward.payload for awkward in AWKWARD))

    assert says_nothing_of_payloads(bench.log)


@given(st.lists(PAYLOADS, max_size=10))
def test_no_text_of_any_payload_is_logged(payloads):
    bench = Bench()

    bench.run(*payloads)

    assert says_nothing_of_payloads(bench.log)


@given(st.binary(max_size=64) | EVENTS.map(str.encode))
def test_no_payload_is_a_mistake_of_ours(payload):
    prepared = prepare(Record.from_lambda(delivery(payload)), int(STARTED_AT * 1000))

    assert isinstance(prepared, Item) or prepared.reason != "processor_error"


def test_a_mistake_of_ours_sets_one_record_aside_and_names_its_place(bench):
    class Mistake(bytes):
        def strip(self, *arguments: object) -> bytes:
            raise ZeroDivisionError("secret")

    record = Record.from_lambda(delivery(b""))
    prepared = prepare(record._replace(payload=Mistake()), 0)

    assert prepared.reason == "processor_error"
    assert re.fullmatch(r"ZeroDivisionError in test_handler.py, line \d+\.", prepared.detail)

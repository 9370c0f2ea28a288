from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamctl.functions.processor.decode import decode
from streamctl.functions.processor.outcomes import RejectedError
from streamctl.functions.processor.redaction import KEEP_ALL, MARKER, Redaction

from ..awkward_payloads import AWKWARD, STORED
from .conftest import Bench
from .lambda_events import SHARD, delivery, event, sequence

SECRET = "Xq7secretXq7"
SECRET_ESCAPED = "".join(f"\\u{ord(letter):04x}" for letter in SECRET)
PATHS = ("userId", "sessionId", "deviceType", "location.city", "amount", "pageUrl", "items.name", "a.b.c")
ALL = Redaction(fields=PATHS)


@pytest.mark.parametrize(
    ("path", "sent", "kept"),
    [
        ("userId", {"userId": "u", "x": 1}, {"userId": MARKER, "x": 1}),
        ("userId", {"x": 1}, {"x": 1}),
        ("userId", {"userId": None}, {"userId": MARKER}),
        ("userId", {"userid": "u"}, {"userid": "u"}),
        ("userId", {"inner": {"userId": "u"}}, {"inner": {"userId": "u"}}),
        ("location", {"location": {"city": "Berlin"}}, {"location": MARKER}),
        ("location.city", {"location": {"city": "B", "on": "DE"}}, {"location": {"city": MARKER, "on": "DE"}}),
        ("location.city", {"location": {"cityCode": 1}}, {"location": {"cityCode": 1}}),
        ("location.city", {"location": None}, {"location": None}),
        ("location.city", {"location": "Berlin, DE"}, {"location": MARKER}),
        ("location.city", {"location.city": "Berlin"}, {"location.city": MARKER}),
        ("a.b.c", {"a.b": {"c": 1}, "a": {"b.c": 2}}, {"a.b": {"c": MARKER}, "a": {"b.c": MARKER}}),
        ("items.name", {"items": [{"name": 1, "n": 2}, {"n": 3}]}, {"items": [{"name": MARKER, "n": 2}, {"n": 3}]}),
        ("items.name", {"items": [[{"name": 1}], "pen", 5]}, {"items": [[{"name": MARKER}], MARKER, MARKER]}),
    ],
)  # fmt: skip
def test_a_path_takes_out_what_stands_there(path: str, sent: dict, kept: dict) -> None:
    before = json.dumps(sent)

    assert Redaction(fields=(path,)).applied(sent) == kept
    assert json.dumps(sent) == before


def test_a_redacted_item_says_so_wherever_the_value_would_stand() -> None:
    payload = event(
        eventId="e1", eventType="purchase", userId="u", deviceType="mobile", location={"city": "B", "country": "DE"},
        amount=19.99, itemsCount=2,
    )  # fmt: skip
    bench = Bench(Redaction(fields=("userId", "deviceType", "location.city", "amount")))

    bench.run(payload)

    (row,) = bench.dynamodb.rows.values()
    assert row["userId"] == row["deviceType"] == {"S": MARKER}
    assert row["location"] == {"M": {"city": {"S": MARKER}, "country": {"S": "DE"}}}
    assert row["metrics"]["M"] == {"amount": {"S": MARKER}, "currency": {"S": "USD"}, "items_count": {"N": "2"}}
    assert row["payloadSha256"] == {"S": hashlib.sha256(payload).hexdigest()}
    assert row["rawData"]["S"] == (
        '{"eventId":"e1","eventType":"purchase","userId":"[redacted]","deviceType":"[redacted]",'
        '"location":{"city":"[redacted]","country":"DE"},"amount":"[redacted]","itemsCount":2}'
    )
    assert not [line for line in bench.log if "PurchaseAmount" in line]
    assert [json.loads(line)["DeviceType"] for line in bench.log if "DeviceType" in line] == ["other"]


def test_without_payloads_an_item_has_a_checksum_instead() -> None:
    payload = event(eventId="e1", userId="u")
    bench = Bench(Redaction(keeps_raw_data=False))

    bench.run(payload)

    (row,) = bench.dynamodb.rows.values()
    assert "rawData" not in row
    assert (row["userId"], row["payloadSha256"]) == ({"S": "u"}, {"S": hashlib.sha256(payload).hexdigest()})


def test_unless_asked_an_item_is_as_it_was(bench: Bench) -> None:
    bench.run(event(eventId="e1"))

    (row,) = bench.dynamodb.rows.values()
    assert (row["rawData"]["S"], "payloadSha256" in row) == ('{"eventId": "e1"}', False)


@pytest.mark.parametrize("redaction", [Redaction(keeps_raw_data=False), Redaction(fields=("userId",))])
def test_a_message_about_a_rejected_record_shows_nothing_of_it(redaction: Redaction) -> None:
    bench = Bench(redaction)

    bench.run(b'{"userId": "' + SECRET.encode())

    (message,) = bench.sqs.messages
    assert (message["payloadStart"], message["partitionKey"], message["eventId"]) == (None, None, None)
    assert (message["reason"], message["shardId"], message["sequenceNumber"]) == ("not_json", SHARD, sequence(0))


@pytest.mark.parametrize(
    "payload",
    [
        f'{{"userId": "{SECRET}", "userId": "other"}}',
        f'{{"userId": "other", "userId": "{SECRET}"}}',
        f'{{"\\u0075serId": "{SECRET}"}}',
        f'{{"userId": "{SECRET_ESCAPED}"}}',
        f'{{"location": {{"city": "{SECRET}"}}, "location": {{"country": "DE"}}}}',
        f'{{"location": "{{\\"city\\": \\"{SECRET}\\"}}"}}',
        f'\ufeff{{"userId": {{"{SECRET}": 1}}}}',
        f'{{"eventId": true, "userId": "{SECRET}"}}',
        f'{{"eventId": "{"x" * 3000}", "userId": "{SECRET}"}}',
        f'{{"userId": "{SECRET}", "amount": NaN}}',
        f'{{"userId": "{SECRET}", "x": "{"y" * 500_000}"}}',
        f'{{"userId": "{SECRET}", "x": {"[" * 400}{"]" * 400}}}',
        f'["{SECRET}"]',
        f'"{SECRET}"',
        SECRET,
    ],
)
def test_however_a_payload_spells_it_a_redacted_value_is_nowhere(payload: str) -> None:
    assert SECRET not in left_behind(payload.encode())


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
HIDDEN = st.recursive(
    st.just(SECRET),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just(SECRET) | st.text(max_size=3), inner),
    max_leaves=3,
)
TYPES = st.sampled_from(["purchase", "page_view", "user_signup", "click", "other"])


@st.composite
def payloads(draw: st.DrawFn) -> bytes:
    """Events with the secret at redacted places and nowhere else; some with a hole or some bytes in them, unless that
    makes another event of them: another field is not redacted."""
    sent: dict[str, Any] = draw(st.dictionaries(st.text(max_size=5), JSON_VALUES, max_size=3))
    sent |= {"eventId": draw(st.text(max_size=5)), "eventType": draw(TYPES)}
    for path in draw(st.lists(st.sampled_from(PATHS), min_size=1, unique=True)):
        outer, _, inner = path.partition(".")
        hidden = draw(HIDDEN)
        for name in reversed(inner.split(".") if inner else []):
            hidden = draw(st.sampled_from([{name: hidden}, [{name: hidden}], {name: hidden, "more": 1}]))
        sent[outer] = hidden
    text = json.dumps(sent, ensure_ascii=draw(st.booleans())).encode("utf-8", "replace")
    at, hole = draw(st.integers(0, len(text))), draw(st.sampled_from([0, 0, 0, 1, 5]))
    damaged = text[:at] + draw(st.just(b"") | st.binary(max_size=4)) + text[at + hole :]
    return text if is_readable(damaged) else damaged


def is_readable(payload: bytes) -> bool:
    try:
        return bool(decode(payload))
    except RejectedError:
        return False


def left_behind(*sent: bytes) -> str:
    """Everything a processor stores, sends and logs of payloads whose partition key is the secret."""
    bench = Bench(ALL)
    records = [delivery(payload, position) for position, payload in enumerate(sent)]
    for record in records:
        record["kinesis"]["partitionKey"] = SECRET
    bench.handle({"Records": records})
    assert len(bench.dynamodb.rows) + len(bench.sqs.messages) > 0
    return json.dumps([list(bench.dynamodb.rows.values()), bench.sqs.messages, bench.log])


@given(payloads())
def test_no_redacted_value_is_in_the_table_the_queue_or_the_log(payload: bytes) -> None:
    assert SECRET not in left_behind(payload)


@pytest.mark.parametrize("awkward", [each for each in AWKWARD if each.outcome == STORED], ids=lambda each: each.name)
def test_what_is_left_of_an_awkward_payload_says_the_same(awkward) -> None:
    bench = Bench(Redaction(fields=("nothing",)))

    bench.run(awkward.payload)

    (row,) = bench.dynamodb.rows.values()
    _, sent = decode(awkward.payload)
    _, kept = decode(row["rawData"]["S"].encode())
    assert kept == sent


def test_the_environment_says_what_is_kept() -> None:
    assert Redaction.from_environment({}) == KEEP_ALL
    assert Redaction.from_environment({"RAW_DATA": "omit"}) == Redaction(keeps_raw_data=False)
    assert Redaction.from_environment({"REDACTED_FIELDS": '["userId"]'}) == Redaction(fields=("userId",))


@pytest.mark.parametrize(
    "environment", [{"RAW_DATA": "no"}, {"REDACTED_FIELDS": "userId"}, {"REDACTED_FIELDS": '"userId"'}]
)
def test_an_environment_that_cannot_be_understood_stores_nothing(environment: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Redaction.from_environment(environment)

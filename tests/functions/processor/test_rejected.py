from __future__ import annotations

import hashlib
import json

from streamctl.functions.aws.retrying import Retry
from streamctl.functions.processor.outcomes import Failure, Rejection
from streamctl.functions.processor.record import Record
from streamctl.functions.processor.rejected import RejectedQueue, message_body

from .fake_aws import QUEUE_URL, FakeSQS, Puts
from .lambda_events import ARRIVED_AT_MS, SHARD, Invocation, OneThread, delivery, refusal, sequence

BAD = Rejection("not_json", "The payload is not JSON.")


def rejections(count: int, payload: bytes = b"{", reason: Rejection = BAD) -> dict[int, tuple[Record, Rejection]]:
    return {position: (Record.from_lambda(delivery(payload, position)), reason) for position in range(count)}


def sent(sqs: FakeSQS, wanted: dict[int, tuple[Record, Rejection]]) -> dict[int, Failure]:
    invocation = Invocation()
    retry = Retry(invocation.get_remaining_time_in_millis, reserve=0.1, most_seconds=9, sleep=invocation.sleep)
    return RejectedQueue(sqs, QUEUE_URL, OneThread()).send(wanted, retry)


def failed(entry: dict, *, sender_fault: bool = False) -> dict:
    return {"Id": entry["Id"], "SenderFault": sender_fault, "Code": "InternalError", "Message": "again, please"}


def test_a_message_says_why_and_where_to_find_the_record():
    payload = b'{"userId": \xff'
    body = message_body(Record.from_lambda(delivery(payload, 7)), Rejection("not_utf8", "It is not.", "run-1"))

    assert json.loads(body) == {
        "reason": "not_utf8",
        "detail": "It is not.",
        "stream": "analytics-stream-a1b2c3",
        "shardId": SHARD,
        "sequenceNumber": sequence(7),
        "subSequenceNumber": None,
        "partitionKey": "user_1000",
        "arrivedAtMs": ARRIVED_AT_MS,
        "sha256": hashlib.sha256(payload).hexdigest(),
        "size": len(payload),
        "payloadStart": '{"userId": \\xff',
        "eventId": "run-1",
    }


def test_the_start_of_a_payload_is_its_first_1000_characters():
    for payload in ("\U0001f680" * 1500, "a" + "\U0001f680" * 1500, "a" * 5000):
        body = json.loads(message_body(Record.from_lambda(delivery(payload.encode())), BAD))

        assert body["payloadStart"] == payload[:1000]


def test_a_message_is_ascii_and_far_below_the_limit_whatever_is_in_it():
    wild = "\U0001f680\x00\ud800" * 100_000
    record = Record.from_lambda(delivery(("\U0001f680\x00" * 100_000).encode()))
    body = message_body(record, Rejection("too_large", wild, wild))

    assert body.isascii()
    assert body.isprintable()
    assert len(body) < 64 * 1024


def test_messages_are_sent_ten_at_a_time():
    sqs = FakeSQS()

    assert sent(sqs, rejections(23)) == {}
    assert [len(call) for call in sqs.calls] == [10, 10, 3]


def test_no_call_exceeds_256_kib():
    sqs = FakeSQS()

    assert (
        sent(sqs, rejections(10, "\U0001f680".encode() * 1000, Rejection("too_large", "", "\U0001f680" * 2048))) == {}
    )
    assert len(sqs.messages) == 10
    assert len(sqs.calls) > 1
    assert max(sum(len(entry["MessageBody"]) for entry in call) for call in sqs.calls) <= 256 * 1024


def test_entries_that_failed_alone_are_sent_again():
    sqs = FakeSQS()
    sqs.before = lambda entries: [failed(entries[3])] if len(sqs.calls) == 1 else None

    assert sent(sqs, rejections(10)) == {}
    assert [entry["Id"] for entry in sqs.calls[1]] == ["3"]
    assert len(sqs.messages) == 10


def test_an_entry_that_fails_to_the_end_has_failed():
    sqs = FakeSQS(lambda entries: [failed(entry) for entry in entries if entry["Id"] == "3"])

    assert sent(sqs, rejections(10)) == {3: Failure("not accepted")}


def test_an_entry_that_sqs_will_never_take_is_not_sent_again():
    sqs = FakeSQS(lambda entries: [failed(entry, sender_fault=True) for entry in entries if entry["Id"] == "3"])

    assert sent(sqs, rejections(10)) == {3: Failure("InternalError")}
    assert len(sqs.calls) == 1


def test_a_missing_queue_fails_every_message_at_once():
    def refuse(entries: Puts) -> None:
        raise refusal("QueueDoesNotExist")

    sqs = FakeSQS(refuse)

    assert sent(sqs, rejections(2)) == dict.fromkeys((0, 1), Failure("QueueDoesNotExist"))
    assert len(sqs.calls) == 1

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from streamctl.functions.aws.retrying import Retry
from streamctl.functions.processor.decode import decode
from streamctl.functions.processor.item import Item, build_item
from streamctl.functions.processor.outcomes import Failure, Rejection
from streamctl.functions.processor.record import Record
from streamctl.functions.processor.table import CALL_BYTES, BatchWriter

from .fake_aws import FakeDynamoDB, Puts
from .lambda_events import Invocation, OneThread, delivery, event, refusal


def items(count: int, **fields) -> list[Item]:
    payloads = [event(eventId=f"e{number}", **fields) for number in range(count)]
    return [build_item(Record.from_lambda(delivery(payload)), *decode(payload), 0) for payload in payloads]


def written(dynamodb: FakeDynamoDB, wanted: list[Item], pool=None):
    invocation = Invocation()
    retry = Retry(invocation.get_remaining_time_in_millis, reserve=0.1, most_seconds=9, sleep=invocation.sleep)
    return BatchWriter(dynamodb, "results", pool or OneThread()).write(wanted, retry)


def ids(puts: Puts) -> list[str]:
    return [put["PutRequest"]["Item"]["eventId"]["S"] for put in puts]


def test_items_are_written_25_at_a_time():
    dynamodb = FakeDynamoDB()

    assert written(dynamodb, items(60)) == {}
    assert [len(call) for call in dynamodb.calls] == [25, 25, 10]
    assert len(dynamodb.rows) == 60


@pytest.mark.parametrize("user", ["u" * 190_000, "\x01" * 50_000, "\u20ac" * 40_000, '"' * 130_000])
def test_a_call_stays_below_15_mb_whatever_the_items_look_like_on_the_wire(user):
    class Listening(FakeDynamoDB):
        def post(self, operation, body):
            sizes.append(len(body))
            return super().post(operation, body)

    sizes: list[int] = []

    assert written(Listening(), items(75, userId=user)) == {}
    assert max(sizes) <= CALL_BYTES
    assert sum(sizes) / len(sizes) > CALL_BYTES / 3


def test_what_is_sent_is_the_json_that_the_sdk_sends():
    class Listening(FakeDynamoDB):
        def post(self, operation, body):
            bodies.append(body)
            return super().post(operation, body)

    bodies: list[bytes] = []
    wanted = items(2)

    written(Listening(), wanted)

    puts = [{"PutRequest": {"Item": json.loads(item.attributes)}} for item in wanted]
    assert [json.loads(body) for body in bodies] == [{"RequestItems": {"results": puts}}]


def test_unprocessed_items_alone_are_sent_again():
    dynamodb = FakeDynamoDB()
    dynamodb.before = lambda puts: puts[20:] if len(dynamodb.calls) == 1 else None

    assert written(dynamodb, items(25)) == {}
    assert [ids(call) for call in dynamodb.calls][1] == ["e20", "e21", "e22", "e23", "e24"]


def test_an_unprocessed_item_is_known_again_when_its_number_is_written_differently():
    dynamodb = FakeDynamoDB()

    def rewrite(puts: Puts) -> Puts | None:
        if len(dynamodb.calls) > 1:
            return None
        item = puts[1]["PutRequest"]["Item"]
        return [{"PutRequest": {"Item": item | {"timestamp": {"N": f"0{item['timestamp']['N']}"}}}}]

    dynamodb.before = rewrite

    assert written(dynamodb, items(3)) == {}
    assert [ids(call) for call in dynamodb.calls] == [["e0", "e1", "e2"], ["e1"]]


def test_what_is_left_unprocessed_to_the_end_has_failed():
    dynamodb = FakeDynamoDB(lambda puts: puts[-1:])
    wanted = items(3)

    assert written(dynamodb, wanted) == {wanted[2].key: Failure("not accepted")}
    assert len(dynamodb.calls) > 5


def test_one_invalid_item_is_rejected_and_the_other_24_are_written():
    def refuse_the_seventh(puts: Puts) -> None:
        if "e7" in ids(puts):
            raise refusal("ValidationException", "The parameter cannot be converted to a numeric value: x")

    dynamodb = FakeDynamoDB(refuse_the_seventh)
    wanted = items(25)

    assert written(dynamodb, wanted) == {
        wanted[7].key: Rejection(
            "refused_by_dynamodb",
            "DynamoDB refuses the item: The parameter cannot be converted to a numeric value: x",
            "e7",
        )
    }
    assert len(dynamodb.rows) == 24


@pytest.mark.parametrize(
    "words",
    [
        "The provided key element does not match the schema",
        "One or more parameter values were invalid: Missing the key id in the item",
        "One or more parameter values were invalid: Type mismatch for key timestamp expected: S actual: N",
    ],
)
def test_a_table_with_another_key_is_no_fault_of_the_items(words):
    def refuse(puts: Puts) -> None:
        raise refusal("ValidationException", words)

    dynamodb = FakeDynamoDB(refuse)
    wanted = items(3)

    assert written(dynamodb, wanted) == {item.key: Failure("the table has another key") for item in wanted}
    assert len(dynamodb.calls) == 1


def test_a_passing_failure_while_items_are_written_one_by_one_is_no_rejection():
    def refuse(puts: Puts) -> None:
        if len(puts) > 1:
            raise refusal("ValidationException")
        if ids(puts) == ["e1"]:
            raise refusal("ThrottlingException")

    wanted = items(3)

    assert written(FakeDynamoDB(refuse), wanted) == {wanted[1].key: Failure("ThrottlingException")}


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException"])
def test_a_call_that_waiting_does_not_cure_fails_at_once(code):
    def refuse(puts: Puts) -> None:
        raise refusal(code)

    dynamodb = FakeDynamoDB(refuse)
    wanted = items(2)

    assert written(dynamodb, wanted) == {item.key: Failure(code) for item in wanted}
    assert len(dynamodb.calls) == 1


def test_calls_run_side_by_side():
    together = threading.Barrier(4, timeout=20)

    def wait_for_the_others(puts: Puts) -> None:
        together.wait()

    with ThreadPoolExecutor(4) as pool:
        assert written(FakeDynamoDB(wait_for_the_others), items(100), pool) == {}

"""What was set aside leaves a mark in the table, where somebody counts it there."""

import json

from streamctl.functions.aws.errors import CallError
from streamctl.functions.processor.handler import Processor
from streamctl.functions.processor.marks import MarkedRejected
from streamctl.functions.processor.rejected import RejectedQueue
from streamctl.functions.processor.stamps import NO_STAMPS, Stamps
from streamctl.functions.processor.table import BatchWriter

from .conftest import Bench
from .fake_aws import QUEUE_URL
from .lambda_events import ARRIVED_AT_MS, SHARD, STARTED_AT, OneThread, batch, event, sequence


def handle(bench: Bench, *payloads: bytes, stamps: Stamps = NO_STAMPS) -> dict:
    pool = OneThread()
    table = BatchWriter(bench.dynamodb, "results", pool)
    rejected = MarkedRejected(RejectedQueue(bench.sqs, QUEUE_URL, pool), table, stamps.of_mark)
    processor = Processor(table, rejected, clock=lambda: STARTED_AT, sleep=bench.invocation.sleep, log=bench.log.append)
    return processor.handle(batch(*payloads), bench.invocation)


def test_a_record_set_aside_is_marked_with_its_place_its_second_and_the_reason(bench: Bench) -> None:
    answer = handle(bench, event(eventId="a"), b"bad")

    assert answer == {"batchItemFailures": []}
    mark = bench.dynamodb.rows[f"rejected:{SHARD}:{sequence(1)}", str(ARRIVED_AT_MS // 1000)]
    assert mark["rejected"] == {"S": "not_json"}
    assert mark["arrivedAtMs"] == {"N": str(ARRIVED_AT_MS)}
    assert [message["reason"] for message in bench.sqs.messages] == ["not_json"]
    assert '"EventsProcessed":1,"RecordsRejected":1' in bench.log[0]


def test_marks_expire_where_items_do(bench: Bench) -> None:
    handle(bench, b"bad", stamps=Stamps("expiresAt", 60, traced=True))

    (mark,) = bench.dynamodb.rows.values()
    assert mark["expiresAt"] == {"N": str(ARRIVED_AT_MS // 1000 + 60)}
    assert "requestId" not in mark


def test_a_batch_delivered_again_leaves_the_same_marks(bench: Bench) -> None:
    handle(bench, b"bad", b"worse")
    first = dict(bench.dynamodb.rows)
    handle(bench, b"bad", b"worse")

    assert bench.dynamodb.rows == first
    assert len(first) == 2


def test_a_record_that_cannot_be_marked_is_told_to_nobody_and_delivered_again(bench: Bench) -> None:
    def no_marks(puts: list) -> None:
        if any("rejected" in put["PutRequest"]["Item"] for put in puts):
            raise CallError("AccessDeniedException")

    bench.dynamodb.before = no_marks

    answer = handle(bench, event(eventId="a"), b"bad", event(eventId="b"))

    assert answer == {"batchItemFailures": [{"itemIdentifier": sequence(1)}]}
    assert bench.sqs.messages == []
    assert bench.ids == {"a", "b"}


def test_without_anything_set_aside_nothing_more_is_written(bench: Bench) -> None:
    handle(bench, event(eventId="a"))

    assert len(bench.calls) == 1
    assert json.dumps(bench.calls).count("rejected") == 0

"""What Lambda put into a bucket, replayed from there: the stream need not hold the records any more."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from streamctl.replay.bucket_shelf import BucketShelf
from tests.functions.processor.kpl import aggregate
from tests.replay.conftest import SHARD, World
from tests.verify.conftest import account, counts, letter, purchase

if TYPE_CHECKING:
    from streamctl.replay.replay import Replay

BUCKET = "failed"


def give_up(world: World, *payloads: bytes) -> None:
    """Lambda's object about a batch that the stream does not hold any more."""
    records = [
        {
            "kinesis": {
                "sequenceNumber": str(number),
                "partitionKey": "k",
                "data": base64.b64encode(payload).decode(),
                "approximateArrivalTimestamp": time.time() - 60,
            },
            "eventID": f"{SHARD}:{number}",
            "eventSourceARN": "arn:aws:kinesis:eu-west-1:123456789012:stream/analytics",
        }
        for number, payload in enumerate(payloads, 1)
    ]
    body = json.loads(letter("1", str(len(payloads)), len(payloads))) | {"payload": json.dumps({"Records": records})}
    key = f"aws/lambda/uuid/{SHARD}/2026/11/23/2026-11-23T16.11.54-{len(payloads)}"
    world.pipeline.aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=json.dumps(body).encode())


def made(world: World) -> Replay:
    world.pipeline.aws.client("s3").create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    work = world.replay()
    return replace(work, shelves=[*work.shelves, BucketShelf(world.pipeline.aws.client("s3"), BUCKET)])


def objects(world: World) -> int:
    return int(world.pipeline.aws.client("s3").list_objects_v2(Bucket=BUCKET)["KeyCount"])


def test_the_events_of_an_aggregate_are_sent_one_by_one(world: World) -> None:
    work = made(world)
    give_up(world, aggregate(b'{"eventId": "one"}', b'{"eventId": "two"}'), b'{"eventId": "three"}')
    world.put(b'{"eventId": "two"}')
    world.process()

    done = work.send(None, 10)

    assert {str(fate): count for fate, count in done.counts.items()} == {"stored": 2, "stored before": 1}
    assert {row["eventId"]["S"] for row in world.rows()} == {"one", "two", "three"}
    assert objects(world) == 0


def test_verify_finds_the_events_of_an_aggregate_in_it(world: World) -> None:
    made(world)
    events = [purchase(number) for number in range(3)]
    run = world.pipeline.sent(events)
    give_up(world, aggregate(*(json.dumps(event).encode() for event in events[:2])))
    world.pipeline.places = replace(world.pipeline.places, failures_bucket=BUCKET)

    assert counts(account(world.pipeline, run)) == {"sent": 3, "dead_lettered": 2, "lost": 1}


def test_a_batch_is_listed_and_does_not_expire_with_the_stream(world: World) -> None:
    work = made(world)
    give_up(world, b'{"eventId": "one"}', b'{"eventId": "two"}')

    [listed] = work.listed()

    assert (listed.kept.shelf, listed.kept.count, listed.kept_until, listed.is_expired) == (BUCKET, 2, None, False)


def test_a_batch_is_sent_again_and_its_object_goes(world: World) -> None:
    work = made(world)
    give_up(world, b'{"eventId": "one"}', b'{"eventId": "two"}')

    done = work.send(None, 10)

    assert done.is_settled
    assert {row["eventId"]["S"] for row in world.rows()} == {"one", "two"}
    assert objects(world) == 0


def test_a_batch_that_is_not_stored_in_time_stays(world: World) -> None:
    work = made(world)
    give_up(world, b'{"eventId": "one"}')
    world.works = False

    assert not work.send(None, 5).is_settled
    assert objects(world) == 1


def test_another_object_is_left_alone(world: World) -> None:
    work = made(world)
    s3 = world.pipeline.aws.client("s3")
    s3.put_object(Bucket=BUCKET, Key="aws/lambda/notes.txt", Body=b"\xff")
    s3.put_object(Bucket=BUCKET, Key="mine.txt", Body=b"mine")

    assert work.send(None, 5).foreign == 1
    assert objects(world) == 2


def test_verify_counts_what_the_bucket_holds_as_given_up(world: World) -> None:
    made(world)
    run = world.pipeline.sent([purchase(0), purchase(1)])
    world.pipeline.store(purchase(0))
    give_up(world, *(json.dumps(purchase(number)).encode() for number in range(2)))
    world.pipeline.places = replace(world.pipeline.places, failures_bucket=BUCKET)

    result = account(world.pipeline, run)

    assert counts(result) == {"sent": 2, "stored": 1, "dead_lettered": 1}
    assert "kept in the bucket failed" in result.dead_letters[0]

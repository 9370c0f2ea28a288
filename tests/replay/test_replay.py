"""A replay from end to end, on a pipeline whose processor works while the replay waits."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from streamctl import origins
from streamctl.functions.processor.outcomes import Rejection
from streamctl.functions.processor.rejected import message_body
from streamctl.replay.pieces import Fate
from streamctl.replay.repair import Repair
from tests.functions.processor.kpl import aggregate
from tests.replay.conftest import SHARD, World, record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from streamctl.replay.replay import Replayed

BROKEN = b'{"eventId": "a-1", "eventType": "click"'


@pytest.fixture
def mending(tmp_path: Path) -> Callable[[str], Repair]:
    """A repair with this body."""

    def made(body: str) -> Repair:
        path = tmp_path / "repair.py"
        path.write_text(f"def repair(payload):\n    {body}\n")
        return Repair(path)

    return made


def fates(done: Replayed) -> dict[str, int]:
    return {str(fate): count for fate, count in done.counts.items()}


def stored(world: World) -> dict[str, Any]:
    return {row["eventId"]["S"]: row for row in world.rows()}


def test_what_was_set_aside_is_listed_with_reason_and_time(world: World) -> None:
    world.put(BROKEN)
    world.process()

    [listed] = world.replay().listed()

    assert (listed.kept.shelf, listed.kept.reason, listed.kept.count) == ("rejected", "not_json", 1)
    assert listed.kept.arrived_at
    assert not listed.is_expired
    assert world.messages() == 1


def test_a_large_record_says_until_when_the_stream_holds_it(world: World) -> None:
    world.put(b"x" * 5000)
    world.set_aside(record(b"y" * 5000, arrived_at_ms=int((time.time() - 25 * 3600) * 1000)), Rejection("not_json", ""))
    world.process()

    old, new = world.replay().listed()

    assert (old.is_expired, new.is_expired) == (True, False)
    assert new.kept_until
    assert old.kept_until
    assert (new.kept_until - old.kept_until).total_seconds() == pytest.approx(25 * 3600, abs=60)


def test_a_message_of_somebody_else_is_listed_and_left_alone(world: World) -> None:
    world.pipeline.sqs.send_message(QueueUrl=world.pipeline.places.rejected_queue_url, MessageBody="hello")

    assert [each.kept.reason for each in world.replay().listed()] == ["unknown"]
    done = world.replay().send(None, 10)

    assert (done.messages, done.foreign, done.removed) == (1, 1, 0)
    assert world.messages() == 1


def test_a_large_record_is_read_again_from_the_stream(world: World) -> None:
    payload = b'{"broken": "' + b"x" * 5000
    world.put(b'{"eventId": "good"}')
    world.put(payload)
    world.process()

    shown, _ = world.replay().shown()

    assert [each.record.payload for each in shown] == [payload]


def test_a_repaired_record_is_stored_under_its_own_id_and_first_time_and_its_message_goes(
    world: World, mending: Callable[[str], Repair]
) -> None:
    sequence_number = world.put(b'{"eventType": "click"')
    world.process()
    [piece] = world.replay().listed()
    assert piece.kept.arrived_at

    done = world.replay().send(mending("return payload + b'}'"), 10)

    assert fates(done) == {"stored": 1}
    assert done.is_settled
    assert world.messages() == 0
    [row] = world.rows()
    assert row["eventId"]["S"] == f"shardId-000000000000:{sequence_number}"
    assert row["timestamp"]["N"] == str(int(piece.kept.arrived_at.timestamp()))


def test_sent_as_it_is_a_bad_record_is_set_aside_again_with_one_message(world: World) -> None:
    world.put(BROKEN)
    world.process()

    for _ in range(2):
        done = world.replay().send(None, 10)
        assert fates(done) == {"set aside again": 1}
        assert not done.is_settled
        assert done.pieces[0].detail.startswith("not_json: ")
        assert world.messages() == 1


def test_a_repair_in_vain_leaves_the_first_message_alone(world: World, mending: Callable[[str], Repair]) -> None:
    world.put(BROKEN)
    world.process()

    done = world.replay().send(mending("return b'worse'"), 10)

    assert fates(done) == {"set aside again": 1}
    assert [shown.record.payload for shown in world.replay().shown()[0]] == [BROKEN]


def test_a_record_given_up_on_purpose_is_counted_and_written_down(
    world: World, mending: Callable[[str], Repair]
) -> None:
    world.put(BROKEN)
    world.process()

    done = world.replay().send(mending("return None"), 10)

    assert fates(done) == {"given up on purpose": 1}
    assert done.is_settled
    assert world.messages() == 0
    assert len(origins.read(world.pipeline.folder).given_up) == 1


def test_a_repair_that_fails_is_told_with_its_line_and_stops_nothing_else(
    world: World, mending: Callable[[str], Repair]
) -> None:
    world.put(BROKEN)
    world.put(b'{"eventId": "b-2"')
    world.process()

    done = world.replay().send(mending("assert b'a-1' not in payload, 'no'; return payload + b'}'"), 10)

    assert fates(done) == {"stored": 1, "not repaired": 1}
    assert [piece.detail for piece in done.pieces if piece.detail] == ["AssertionError: no (repair.py:2)"]
    assert world.messages() == 1


def test_each_record_of_an_aggregate_that_was_set_aside_is_repaired_on_its_own(
    world: World, mending: Callable[[str], Repair]
) -> None:
    long = b'{"eventId": "long", "note": "' + b"x" * 5000 + b'"'
    number = world.put(aggregate(b'{"eventId": "good"}', b'{"userId": "u1"', long, b'{"userId": "u2"'))
    world.process()

    done = world.replay().send(mending("return payload + b'}'"), 10)

    assert fates(done) == {"stored": 3}
    assert world.messages() == 0
    assert set(stored(world)) == {"good", "long", f"{SHARD}:{number}:1", f"{SHARD}:{number}:3"}


def test_an_event_within_an_aggregate_is_listed_and_shown_at_its_own_place(world: World) -> None:
    bad = b'{"userId": "' + b"x" * 5000
    number = world.put(aggregate(b'{"eventId": "good"}', bad, keys=("one", "two")))
    world.process()

    [listed] = world.replay().listed()
    [shown], _ = world.replay().shown()

    assert (listed.kept.place, listed.kept.count) == (f"{SHARD}:{number}:1", 1)
    assert (shown.record.payload, shown.record.partition_key) == (bad, "two")


def test_a_message_about_a_whole_aggregate_is_about_every_event_in_it(world: World) -> None:
    """As a processor of before sent them: it took no aggregates apart."""
    whole = record(aggregate(b'{"eventId": "one"}', b'{"eventId": "two"}', b'{"note": "' + b"x" * 5000 + b'"}'))
    number = world.put(whole.payload)
    world.processed = number
    world.set_aside(whole._replace(sequence_number=number), Rejection("kpl_aggregate", ""))
    world.put(b'{"eventId": "two"}')
    world.process()

    done = world.replay().send(None, 10)

    assert fates(done) == {"stored": 2, "stored before": 1}
    assert set(stored(world)) == {"one", "two", f"{SHARD}:{number}:2"}
    assert world.messages() == 0


def test_another_record_of_the_same_number_is_not_taken_for_what_was_set_aside(world: World) -> None:
    """The stream was made anew, and counts as the old one did."""
    number = world.put(aggregate(b'{"eventId": "other"}'))
    world.processed = number
    for sub in (None, 0):
        gone = record(b"x" * 5000, number)._replace(sub=sub)
        world.set_aside(gone, Rejection("not_json", ""))

    done = world.replay().send(None, 10)

    assert fates(done) == {"expired": 2}
    assert world.messages() == 2


def test_of_an_aggregate_given_up_only_what_is_not_stored_is_sent(world: World) -> None:
    number = world.put(aggregate(b'{"eventId": "one"}', b'{"eventId": "two"}', b'{"eventId": "three"}'))
    world.processed = number
    world.give_up(number, number)
    world.put(b'{"eventId": "two"}')
    world.process()

    done = world.replay().send(None, 10)

    assert fates(done) == {"stored": 2, "stored before": 1}
    assert set(stored(world)) == {"one", "two", "three"}


def test_of_a_batch_given_up_only_what_is_not_stored_is_sent(world: World) -> None:
    first = world.put(b'{"eventId": "one"}')
    world.process()
    world.gives_up = True
    last = world.put(b'{"eventId": "two"}')
    world.processed = last
    world.give_up(first, last, records=2)
    world.gives_up = False

    shown, pieces = world.replay().shown()
    done = world.replay().send(None, 10)

    assert [each.piece.event_id for each in shown] == ["two"]
    assert [piece.fate for piece in pieces if piece.event_id == "one"] == [Fate.STORED_BEFORE]
    assert fates(done) == {"stored": 1, "stored before": 1}
    assert set(stored(world)) == {"one", "two"}
    assert world.messages() == 0


def test_a_batch_given_up_once_more_is_told_and_the_newer_message_stands_for_it(world: World) -> None:
    world.gives_up = True
    world.put(b'{"eventId": "one"}')
    world.process()

    done = world.replay().send(None, 10)

    assert fates(done) == {"given up by Lambda again": 1}
    assert world.messages() == 1


def test_what_the_stream_no_longer_holds_is_named_and_stays_in_the_count(world: World) -> None:
    world.set_aside(record(b"x" * 5000), Rejection("not_json", "bad"))
    world.give_up("5", "9", records=3)

    done = world.replay().send(None, 10)

    assert fates(done) == {"expired": 4}
    assert not done.is_settled
    assert world.messages() == 2


def test_two_messages_about_one_record_are_one_record(world: World) -> None:
    sequence_number = world.put(b'{"eventId": "one"}')
    world.processed = sequence_number
    world.give_up(sequence_number, sequence_number)
    world.give_up(sequence_number, sequence_number)

    done = world.replay().send(None, 10)

    assert fates(done) == {"stored": 1}
    assert world.messages() == 0


def test_two_records_of_one_event_are_sent_once(world: World) -> None:
    for _ in range(2):
        world.processed = world.put(b'{"eventId": "one", "timestamp": 1795000000}')
        world.give_up(world.processed, world.processed)

    done = world.replay().send(None, 10)

    assert fates(done) == {"stored": 1}
    assert world.messages() == 0


def test_what_does_not_arrive_in_time_stays_and_is_not_sent_again_once_it_is_stored(world: World) -> None:
    world.processed = world.put(b'{"eventId": "one"}')
    world.give_up(world.processed, world.processed)
    world.works = False

    late = world.replay().send(None, 5)
    assert fates(late) == {"not there yet": 1}
    assert world.messages() == 1

    world.process()
    again = world.replay().send(None, 5)
    assert fates(again) == {"stored before": 1}
    assert again.run_id is None
    assert world.messages() == 0
    assert len(world.rows()) == 1


def test_ctrl_c_while_waiting_keeps_the_message(world: World) -> None:
    world.processed = world.put(b'{"eventId": "one"}')
    world.give_up(world.processed, world.processed)

    def interrupt() -> None:
        raise KeyboardInterrupt

    world.interruptions = [interrupt]
    done = world.replay().send(None, 10)

    assert done.interrupted
    assert world.messages() == 1


@pytest.mark.parametrize("answer", ["payload", "b'worse'"], ids=["as it is", "repaired in vain"])
def test_a_replay_that_was_cut_off_does_not_double_the_messages(
    world: World, mending: Callable[[str], Repair], answer: str
) -> None:
    world.set_aside(record(BROKEN, arrived_at_ms=int(time.time() * 1000) - 60_000), Rejection("not_json", ""))
    world.works = False
    world.replay().send(mending(f"return {answer}"), 0)  # nobody waits for it
    world.works = True
    world.process()
    assert world.messages() == 2

    done = world.replay().send(None, 10)

    assert fates(done) == {"set aside again": 1}
    assert world.messages() == 1
    assert [each.record.payload for each in world.replay().shown()[0]] == [BROKEN]


def test_an_event_the_stream_does_not_take_stays(world: World, mending: Callable[[str], Repair]) -> None:
    world.put(BROKEN)
    world.process()

    done = world.replay().send(mending("return b'x' * 2_000_000"), 10)

    assert fates(done) == {"not sent": 1}
    assert done.pieces[0].detail == "RecordTooLarge"
    assert world.messages() == 1
    assert not list(world.pipeline.folder.rglob("unsent.jsonl"))


def test_nothing_set_aside_is_nothing_to_do(world: World) -> None:
    done = world.replay().send(None, 10)

    assert (done.messages, done.run_id, done.is_settled) == (0, None, True)
    assert not (world.pipeline.folder / "replays").exists()


def test_an_event_keeps_every_byte_it_had(world: World, mending: Callable[[str], Repair]) -> None:
    event = {"eventId": "one", "timestamp": "2026-11-23T16:11:54Z", "amount": 1.10}
    payload = json.dumps(event, indent=1).encode()
    world.processed = world.put(payload)
    world.give_up(world.processed, world.processed)

    world.replay().send(mending("return payload"), 10)

    assert stored(world)["one"]["rawData"]["S"].encode() == payload


def test_an_expired_batch_of_one_does_not_stand_for_the_record_that_was_set_aside(world: World) -> None:
    """Both have one place in the stream; what nobody can read again is never removed as settled."""
    world.set_aside(record(b"y" * 5000, sequence_number="7"), Rejection("not_json", ""))
    world.give_up("7", "7")
    world.give_up("7", "7")

    done = world.replay().send(None, 1)

    assert done.removed == 0
    assert fates(done) == {"expired": 2}
    assert world.messages() == 3


def test_a_range_whose_beginning_has_expired_is_not_settled_by_others_that_lie_in_it(world: World) -> None:
    world.works = False
    first, *_, last = [world.put(json.dumps({"eventId": f"e-{number}"}).encode()) for number in range(4)]
    world.give_up(str(int(first) - 1), last, records=2)
    world.works = True

    done = world.replay().send(None, 60)

    assert fates(done) == {"stored": 4, "expired": 1}
    assert (done.removed, world.messages()) == (0, 1)


@pytest.mark.parametrize("sha256", ["zz", None, 7])
def test_a_message_with_a_checksum_that_is_none_is_somebody_elses(world: World, sha256: object) -> None:
    body = json.loads(message_body(record(BROKEN), Rejection("not_json", "")))
    world.pipeline.sqs.send_message(
        QueueUrl=world.pipeline.places.rejected_queue_url, MessageBody=json.dumps({**body, "sha256": sha256})
    )

    assert world.replay().send(None, 1).foreign == 1

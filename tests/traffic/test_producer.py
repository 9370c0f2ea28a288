"""Every event is accepted or kept as unsent, whatever the stream does."""

from __future__ import annotations

import base64
import io
import json
import random
import shutil
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from streamctl import ledger
from streamctl.aws import Aws
from streamctl.errors import AwsError, UsageError
from streamctl.ledger import Fault
from streamctl.traffic.faults import Faults, FaultyEvents
from streamctl.traffic.generators import RecipeEvents
from streamctl.traffic.pacing import AsItComes, Batches, Pace
from streamctl.traffic.producer import Producer, Production
from streamctl.traffic.sources import GeneratedEvents, LineEvents

from ..cbor import refuse_cbor

if TYPE_CHECKING:
    from streamctl.traffic.progress import Progress

AT = datetime(2026, 11, 23, 16, 11, 54, tzinfo=UTC)
TAKE, REFUSE = None, "ProvisionedThroughputExceededException"
Answer = Callable[[list[dict[str, Any]]], list[str | None]]


class Stream:
    """A stream of one shard that answers as its script says, and takes everything once the script is over."""

    def __init__(self, script: Sequence[Answer] = ()) -> None:
        self.taken: list[str] = []
        self.requests: list[int] = []
        self._script = list(script)

    def client(self, service: str) -> Stream:
        assert service == "kinesis"
        return self

    direct = client

    def post(self, operation: str, body: bytes, content_type: str | None) -> bytes:
        """A direct request; JSON is all that it speaks."""
        if content_type:
            raise failure("SerializationException", 400)
        assert operation == "PutRecords"
        asked = json.loads(body)
        records = [{**record, "Data": base64.b64decode(record["Data"])} for record in asked["Records"]]
        answers = self.put_records(asked["StreamName"], records)["Records"]
        failed = sum(1 for answer in answers if "ErrorCode" in answer)
        return json.dumps({"FailedRecordCount": failed, "Records": answers}).encode()

    def read(self, operation: str, answer: bytes, content_type: str | None) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(answer)
        return found

    def list_shards(self, StreamName: str, ShardFilter: dict[str, str]) -> dict[str, Any]:
        return {"Shards": [shard("shard-1", 0)]}

    def describe_stream_summary(self, StreamName: str) -> dict[str, Any]:
        if StreamName == "missing":
            raise ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "no"}}, "Describe")
        return {"ResponseMetadata": {"HTTPHeaders": {"date": "Mon, 23 Nov 2026 16:12:04 GMT"}}}

    def put_records(self, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:
        self.requests.append(len(Records))
        answer = self._script.pop(0) if self._script else take
        codes = answer(Records)
        accepted = [record for record, code in zip(Records, codes, strict=True) if code is None]
        self.taken += [json.loads(record["Data"])["eventId"] for record in accepted]
        return {"Records": [{"ShardId": "shard-1"} if code is None else {"ErrorCode": code} for code in codes]}


class Payloads(Stream):
    """Takes everything, and reads nothing."""

    def put_records(self, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:
        codes = self._script.pop(0)(Records) if self._script else take(Records)
        assert not any(codes)
        return {"Records": [{"ShardId": "shard-1"}] * len(Records)}


def shard(name: str, first_hash_key: int) -> dict[str, Any]:
    """An open shard as ListShards tells of it."""
    return {
        "ShardId": name,
        "HashKeyRange": {"StartingHashKey": str(first_hash_key)},
        "SequenceNumberRange": {"StartingSequenceNumber": "1"},
    }


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def take(records: list[dict[str, Any]]) -> list[str | None]:
    return [TAKE] * len(records)


def refuse(records: list[dict[str, Any]]) -> list[str | None]:
    return [REFUSE] * len(records)


def refuse_odd(records: list[dict[str, Any]]) -> list[str | None]:
    return [REFUSE if number % 2 else TAKE for number in range(len(records))]


def time_out(records: list[dict[str, Any]]) -> list[str | None]:
    raise ReadTimeoutError(endpoint_url="http://stream")


def server_error(records: list[dict[str, Any]]) -> list[str | None]:
    raise failure("InternalFailure", 500)


def deny(records: list[dict[str, Any]]) -> list[str | None]:
    raise failure("AccessDeniedException", 400)


def interrupt(records: list[dict[str, Any]]) -> list[str | None]:
    raise KeyboardInterrupt


def failure(code: str, status: int) -> ClientError:
    answer = {"Error": {"Code": code, "Message": "said so"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(cast("Any", answer), "PutRecords")


def producer(folder: Path, kinesis: Stream, **settings: Any) -> Producer:
    time = Time()
    defaults: dict[str, Any] = {
        "aws": cast("Aws", kinesis),
        "pipeline": "a1b2c3",
        "stream": "analytics",
        "folder": folder,
        "now": lambda: AT,
        "clock": time.clock,
        "sleep": time.sleep,
        "rng": random.Random(1),
    }
    return Producer(**(defaults | settings))


def produce(folder: Path, stream: Stream, pace: Pace | None = None, **settings: Any) -> Production:
    source = GeneratedEvents(RecipeEvents(), name="recipe", seed=1, now=lambda: AT)
    return producer(folder, stream, **settings).run(source, pace or Batches(count=1, size=4))


def faulty(faults: Faults) -> FaultyEvents:
    source = GeneratedEvents(RecipeEvents(), name="recipe", seed=1, now=lambda: AT)
    return FaultyEvents(source, faults, seed=1, now=lambda: AT)


def saved_ids(production: Production) -> list[str]:
    return [json.loads(line)["eventId"] for file in production.unsent_files for line in file.read_text().splitlines()]


def ids(production: Production, *numbers: int) -> list[str]:
    return [f"{production.run.run_id}-{number:09d}" for number in numbers]


def outcomes(folder: Path) -> list[int]:
    return list(ledger.load(folder).read().outcomes)


def test_a_batch_goes_out_in_one_request(tmp_path: Path) -> None:
    stream = Stream()

    production = produce(tmp_path, stream)

    assert stream.requests == [4]
    assert stream.taken == ids(production, 0, 1, 2, 3)
    assert production.run.accepted == 4


def test_only_refused_records_are_sent_again(tmp_path: Path) -> None:
    stream = Stream([refuse_odd])

    production = produce(tmp_path, stream)

    assert stream.requests == [4, 2]
    assert stream.taken == ids(production, 0, 2, 1, 3)
    assert (production.progress.refused, production.progress.retried) == (2, 1)


@pytest.mark.parametrize("lose", [time_out, server_error])
def test_a_lost_answer_means_the_whole_request_again(tmp_path: Path, lose: Answer) -> None:
    stream = Stream([lose])

    production = produce(tmp_path, stream)

    assert stream.requests == [4, 4]
    assert production.run.accepted == 4


def test_what_nobody_takes_is_kept_with_its_reason(tmp_path: Path) -> None:
    production = produce(tmp_path, Stream([refuse] * 1000), patience_seconds=30)

    assert saved_ids(production) == ids(production, 0, 1, 2, 3)
    assert production.progress.reasons == {REFUSE: 4}
    assert outcomes(tmp_path) == [ledger.Outcome.UNSENT] * 4
    assert production.run.accepted == 0


def test_giving_up_takes_as_long_as_the_patience_lasts(tmp_path: Path) -> None:
    time = Time()

    produce(tmp_path, Stream([refuse] * 1000), patience_seconds=30, clock=time.clock, sleep=time.sleep)

    assert 20 < time.now <= 30


def test_after_giving_up_each_request_gets_one_try(tmp_path: Path) -> None:
    stream = Stream([refuse] * 1000)
    time = Time()

    pace = Batches(count=50, size=1, interval_seconds=0)
    production = produce(tmp_path, stream, pace, clock=time.clock, sleep=time.sleep)

    assert production.progress.unsent == 50
    assert time.now <= 60


def test_patience_comes_back_with_the_first_record_taken(tmp_path: Path) -> None:
    stream = Stream([refuse] * 3)

    pace = Batches(count=4, size=1, interval_seconds=0)
    production = produce(tmp_path, stream, pace, patience_seconds=0.0001)

    assert saved_ids(production) == ids(production, 0, 1, 2)
    assert stream.taken == ids(production, 3)


def test_a_record_too_large_is_never_sent(tmp_path: Path) -> None:
    stream = Stream()
    lines = b'{"eventId":"small"}\n{"eventId":"large","x":"' + b"x" * 1_048_576 + b'"}\n'

    source = LineEvents(io.BufferedReader(io.BytesIO(lines)), name="events.jsonl")
    production = producer(tmp_path, stream).run(source, AsItComes())

    assert stream.taken == ["small"]
    assert saved_ids(production) == ["large"]
    assert production.progress.reasons == {"RecordTooLarge": 1}


def test_a_refusal_for_good_ends_the_run_with_everything_accounted_for(tmp_path: Path) -> None:
    with pytest.raises(AwsError, match=r"permission denied.* 2 events had been sent before; 2 kept"):
        produce(tmp_path, Stream([take, deny]), Batches(count=3, size=2, interval_seconds=0))

    assert outcomes(tmp_path) == [1, 1, 2, 2]
    assert ledger.load(tmp_path).ended_at == AT


def test_a_stream_that_is_not_there_is_named_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no stream missing"):
        producer(tmp_path, Stream(), stream="missing").run(LineEvents(io.BytesIO(b""), name="x"), AsItComes())

    assert list(tmp_path.iterdir()) == []


def test_a_run_knows_how_far_the_clock_of_aws_is_ahead(tmp_path: Path) -> None:
    assert produce(tmp_path, Stream()).run.clock_ahead_seconds == 10


def test_a_bad_line_ends_the_run_after_what_stands_before_it_was_sent(tmp_path: Path) -> None:
    stream = Stream()
    source = LineEvents(io.BufferedReader(io.BytesIO(b'{"eventId":"a"}\nbad\n')), name="events.jsonl")

    with pytest.raises(UsageError, match=r"Line 2 of events\.jsonl .* 1 event had been sent before"):
        producer(tmp_path, stream).run(source, AsItComes())

    assert stream.taken == ["a"]
    assert outcomes(tmp_path) == [1]


def test_ctrl_c_within_a_request_keeps_what_may_not_have_arrived(tmp_path: Path) -> None:
    production = produce(tmp_path, Stream([take, interrupt]), Batches(count=9, size=2, interval_seconds=0))

    assert production.interrupted
    assert (production.run.events, production.run.accepted, production.run.unsent) == (4, 2, 2)
    assert saved_ids(production) == ids(production, 2, 3)
    assert production.progress.reasons == {"Interrupted": 2}


def test_ctrl_c_within_a_chunk_of_several_requests_keeps_all_that_may_not_have_arrived(tmp_path: Path) -> None:
    """The chunk is already taken from the source: nobody else still has those events."""
    stream = Stream([take, interrupt])

    production = produce(tmp_path, stream, Batches(count=1, size=6), request_bytes=1)

    assert stream.requests == [1, 1]
    assert stream.taken == ids(production, 0)
    assert saved_ids(production) == ids(production, 1, 2, 3, 4, 5)
    assert outcomes(tmp_path) == [1, 2, 2, 2, 2, 2]
    assert (production.run.events, production.run.accepted, production.run.unsent) == (6, 1, 5)


def test_a_refusal_for_good_within_a_chunk_of_several_requests_keeps_the_rest(tmp_path: Path) -> None:
    with pytest.raises(AwsError, match=r"1 event had been sent before; 3 kept"):
        produce(tmp_path, Stream([take, deny]), Batches(count=1, size=4), request_bytes=1)

    assert outcomes(tmp_path) == [1, 2, 2, 2]
    assert len((ledger.load(tmp_path).folder / "unsent.jsonl").read_text().splitlines()) == 3


def test_ctrl_c_between_batches_leaves_nothing_unsent(tmp_path: Path) -> None:
    def stop(seconds: float) -> None:
        raise KeyboardInterrupt

    production = produce(tmp_path, Stream(), Batches(count=9, size=2), sleep=stop)

    assert production.interrupted
    assert (production.run.events, production.run.accepted) == (2, 2)
    assert ledger.load(tmp_path).ended_at == AT


def test_a_killed_run_leaves_its_last_request_unconfirmed(tmp_path: Path) -> None:
    seen: list[list[int]] = []

    def kill(records: list[dict[str, Any]]) -> list[str | None]:
        seen.append(outcomes(tmp_path))  # what a kill at this moment would leave
        return take(records)

    produce(tmp_path, Stream([kill, kill]), Batches(count=2, size=2, interval_seconds=0))

    assert seen == [[0, 0], [1, 1, 0, 0]]


def test_mistakes_of_our_own_are_not_taken_for_a_lost_answer(tmp_path: Path) -> None:
    def mistake(records: list[dict[str, Any]]) -> list[str | None]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        produce(tmp_path, Stream([mistake]))


def test_unsent_events_can_be_sent_again_as_a_file(tmp_path: Path) -> None:
    first = produce(tmp_path / "first", Stream([refuse] * 99), patience_seconds=0.1)
    (unsent_file,) = first.unsent_files
    stream = Stream()

    with unsent_file.open("rb") as file:
        producer(tmp_path / "second", stream).run(LineEvents(file, name="unsent.jsonl"), AsItComes())

    assert stream.taken == ids(first, 0, 1, 2, 3)


def test_the_observer_hears_of_every_retry_and_every_request(tmp_path: Path) -> None:
    heard: list[tuple[int, int, int]] = []

    def observe(progress: Progress) -> None:
        heard.append((progress.accepted, progress.refused, progress.retried))

    produce(tmp_path, Stream([refuse_odd]), observe=observe)

    assert heard == [(0, 2, 1), (4, 2, 1)]


def test_figures_are_kept_by_type_in_the_ledger(tmp_path: Path) -> None:
    production = produce(tmp_path, Stream(), Batches(count=1, size=200))

    kept = ledger.load(tmp_path).info
    assert kept == production.run
    assert sum(kept.by_type.values()) == 200
    assert kept.bytes == production.progress.bytes > 200 * 100


def test_figures_by_type_do_not_grow_without_bound(tmp_path: Path) -> None:
    data = b"".join(b'{"eventType":"type-%d"}\n' % number for number in range(200))
    source = LineEvents(io.BufferedReader(io.BytesIO(data)), name="events.jsonl")

    production = producer(tmp_path, Stream()).run(source, AsItComes())

    assert production.progress.by_type == {f"type-{number}": 1 for number in range(50)}
    assert production.progress.accepted == 200


def test_a_duplicated_event_goes_out_in_two_records_and_stays_one_event(tmp_path: Path) -> None:
    stream = Stream()

    production = producer(tmp_path, stream).run(faulty(Faults(duplicate=Decimal(1))), Batches(count=1, size=3))

    assert stream.requests == [3, 3]
    assert stream.taken == ids(production, 0, 1, 2) * 2
    assert (production.run.events, production.run.accepted, production.progress.copies) == (3, 3, 3)
    assert production.progress.by_shard == {"shard-1": 6}
    assert outcomes(tmp_path) == [1, 1, 1]


def test_what_was_not_accepted_is_not_sent_twice(tmp_path: Path) -> None:
    stream = Stream([refuse] * 99)
    source = faulty(Faults(duplicate=Decimal(1)))

    production = producer(tmp_path, stream, patience_seconds=0.1).run(source, Batches(count=1, size=2))

    assert (stream.taken, saved_ids(production)) == ([], ids(production, 0, 1))
    assert production.progress.by_fault[Fault.DUPLICATED] == 0


def test_a_copy_that_nobody_takes_is_no_event_unsent(tmp_path: Path) -> None:
    stream = Stream([take, *[refuse] * 99])
    source = faulty(Faults(duplicate=Decimal(1)))

    production = producer(tmp_path, stream, patience_seconds=0.1).run(source, Batches(count=1, size=2))

    assert (production.progress.accepted, production.progress.copies, production.progress.unsent) == (2, 0, 0)
    assert production.unsent_files == ()


def test_a_poisoned_event_that_nobody_takes_is_kept_as_it_was_before(tmp_path: Path) -> None:
    production = producer(tmp_path, Stream([refuse] * 99), patience_seconds=0.1).run(
        faulty(Faults(poison=Decimal(1))), Batches(count=1, size=5)
    )

    assert saved_ids(production) == ids(production, 0, 1, 2, 3, 4)


def test_faults_are_counted_where_their_events_were_accepted(tmp_path: Path) -> None:
    faults = Faults(poison=Decimal("0.25"), duplicate=Decimal("0.25"), late=Decimal("0.25"), hot_key=True)

    production = producer(tmp_path, Payloads()).run(faulty(faults), Batches(count=1, size=100))

    assert production.progress.by_fault == {
        Fault.SOUND: 75, Fault.POISONED: 25, Fault.DUPLICATED: 25, Fault.LATE: 25, Fault.HOT: 100,
    }  # fmt: skip
    assert production.run.faults == {"poison": "25%", "duplicate": "25%", "late": "25%", "hot_key": "100%"}


def test_faults_are_in_the_ledger_before_their_events_are_sent(tmp_path: Path) -> None:
    seen: list[list[int]] = []

    def kill(records: list[dict[str, Any]]) -> list[str | None]:
        seen.append(list(ledger.load(tmp_path).read().faults))
        return take(records)

    producer(tmp_path, Payloads([kill])).run(faulty(Faults(poison=Decimal(1))), Batches(count=1, size=2))

    assert seen == [[Fault.POISONED, Fault.POISONED]]


ANSWERS = st.sampled_from(["take", "refuse", "time_out", "server_error", "interrupt"]) | st.lists(
    st.booleans(), min_size=8, max_size=8
)


def scripted(answer: str | list[bool]) -> Answer:
    if isinstance(answer, str):
        return cast("Answer", globals()[answer])
    return lambda records: [TAKE if taken else REFUSE for taken in answer[: len(records)]]


@given(
    answers=st.lists(ANSWERS, max_size=60),
    sizes=st.integers(1, 8),
    patience=st.sampled_from([0.01, 1, 60]),
    request_bytes=st.sampled_from([1, 500, 1_000_000]),
)
def test_every_event_taken_from_the_source_is_accepted_or_kept_exactly_once(
    answers: list[str | list[bool]], sizes: int, patience: float, request_bytes: int
) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        stream = Stream([scripted(answer) for answer in answers])
        pace = Batches(count=5, size=sizes, interval_seconds=0)

        production = produce(folder, stream, pace, patience_seconds=patience, request_bytes=request_bytes)

        accounted = sorted(stream.taken + saved_ids(production))
        assert accounted == ids(production, *range(production.run.events))
        assert production.run.events == 5 * sizes or (production.interrupted and production.run.events % sizes == 0)
        assert production.run.accepted == len(stream.taken)
        assert production.run.unsent == len(saved_ids(production))
        kept = [number for number, outcome in enumerate(outcomes(folder)) if outcome == ledger.Outcome.UNSENT]
        assert ids(production, *kept) == saved_ids(production)
    finally:
        shutil.rmtree(folder)


@mock_aws
def test_events_arrive_in_a_stream(tmp_path: Path) -> None:
    aws = Aws(region="eu-west-1", credentials=("key", "secret"))
    refuse_cbor(aws)
    kinesis = aws.client("kinesis")
    kinesis.create_stream(StreamName="analytics", ShardCount=1)

    production = produce(tmp_path, cast("Any", aws), Batches(count=2, size=3, interval_seconds=0))

    shard = kinesis.list_shards(StreamName="analytics")["Shards"][0]["ShardId"]
    start = kinesis.get_shard_iterator(StreamName="analytics", ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    records = kinesis.get_records(ShardIterator=start["ShardIterator"])["Records"]
    assert [json.loads(record["Data"])["eventId"] for record in records] == ids(production, *range(6))
    assert records[0]["PartitionKey"] == json.loads(records[0]["Data"])["userId"]

"""Requests under way side by side: every event is settled, whatever order the answers come in."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from streamctl import ledger
from streamctl.errors import AwsError
from streamctl.traffic.pacing import Batches

from .test_producer import REFUSE, Stream, deny, failure, ids, outcomes, produce, saved_ids, shard, take

if TYPE_CHECKING:
    from pathlib import Path

    from streamctl.traffic.producer import Production


class Gate(Stream):
    """A stream that lets a request pass when the test says so."""

    def __init__(self, together: int) -> None:
        super().__init__()
        self._met = threading.Barrier(together)
        self.most_at_a_time = 0
        self._now = 0
        self._lock = threading.Lock()

    def put_records(self, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:
        with self._lock:
            self._now += 1
            self.most_at_a_time = max(self.most_at_a_time, self._now)
        self._met.wait(timeout=10)
        with self._lock:
            self._now -= 1
            return super().put_records(StreamName, Records)


def sent(folder: Path, stream: Stream, requests: int, **settings: Any) -> Production:
    """Requests of two events each."""
    pace = Batches(count=requests, size=2, interval_seconds=0)
    return produce(folder, stream, pace, clock=time.monotonic, sleep=time.sleep, **settings)


def test_so_many_requests_are_under_way_at_a_time(tmp_path: Path) -> None:
    stream = Gate(together=4)

    production = sent(tmp_path, stream, 8, connections=4)

    assert stream.most_at_a_time == 4
    assert production.run.accepted == 16
    assert sorted(stream.taken) == ids(production, *range(16))
    assert outcomes(tmp_path) == [ledger.Outcome.ACCEPTED] * 16


def test_what_is_refused_goes_out_again_while_others_pass(tmp_path: Path) -> None:
    class Busy(Stream):
        def put_records(self, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:
            with lock:
                return super().put_records(StreamName, Records)

    lock = threading.Lock()
    refuse_one = [lambda records: [REFUSE, *take(records[1:])]] * 10

    production = sent(tmp_path, Busy(refuse_one), 10, connections=4)

    assert sorted(production.progress.by_shard.values()) == [20]
    assert production.progress.refused == 10
    assert (production.run.accepted, production.progress.in_flight) == (20, 0)


def test_a_refusal_for_good_settles_what_is_under_way_and_raises(tmp_path: Path) -> None:
    stream = Stream([take, deny])

    with pytest.raises(AwsError, match=r"permission denied"):
        sent(tmp_path, stream, 6, connections=2)

    info = ledger.load(tmp_path).info
    assert info.accepted + info.unsent == info.events
    assert set(outcomes(tmp_path)) <= {ledger.Outcome.ACCEPTED, ledger.Outcome.UNSENT}


def test_ctrl_c_settles_what_is_under_way(tmp_path: Path) -> None:
    stream, calls = Gate(together=2), 0

    def interrupt(seconds: float) -> None:
        nonlocal calls
        calls += seconds == 1  # between batches; other pauses keep to what the shard takes
        if calls == 2:
            raise KeyboardInterrupt

    pace = Batches(count=9, size=2, interval_seconds=1)
    production = produce(tmp_path, stream, pace, connections=4, clock=time.monotonic, sleep=interrupt)

    assert production.interrupted
    assert (production.run.events, production.run.accepted, production.run.unsent) == (4, 4, 0)


def test_ctrl_c_ends_the_pauses_between_tries(tmp_path: Path) -> None:
    """What is refused on and on waits up to 5 s between tries: nobody wants to wait for that."""

    def refuse_all(records: list[dict[str, Any]]) -> list[str | None]:
        raise failure(REFUSE, 400)

    def interrupt(seconds: float) -> None:
        time.sleep(0.2)
        raise KeyboardInterrupt

    began = time.monotonic()
    pace = Batches(count=9, size=2, interval_seconds=1)
    stream = Stream([refuse_all] * 1000)
    production = produce(tmp_path, stream, pace, connections=2, clock=time.monotonic, sleep=interrupt)

    assert time.monotonic() - began < 5
    assert saved_ids(production) == ids(production, 0, 1)
    assert production.progress.reasons == {REFUSE: 2}


def test_a_run_keeps_to_what_its_shards_take(tmp_path: Path) -> None:
    waited: list[float] = []
    pace = Batches(count=4, size=500, interval_seconds=0)
    production = produce(tmp_path, Stream(), pace, clock=lambda: sum(waited), sleep=waited.append)

    assert [pause for pause in waited if pause] == pytest.approx([500 / 950 - 0.05, 500 / 950, 500 / 950])
    assert production.progress.paced_seconds == sum(waited)
    assert production.progress.refused == 0


def test_the_shards_are_listed_again_where_an_answer_tells_of_another(tmp_path: Path) -> None:
    class Split(Stream):
        listed = 0

        def list_shards(self, StreamName: str, ShardFilter: dict[str, str]) -> dict[str, Any]:
            self.listed += 1
            return {"Shards": [shard("shard-0", 0), shard("shard-1", 2**127)][: self.listed]}

    waited: list[float] = []
    stream = Split()
    produce(tmp_path, stream, Batches(count=20, size=1), clock=lambda: sum(waited), sleep=waited.append)

    assert stream.listed == 2


def test_an_answer_is_settled_while_the_next_batch_is_waited_for(tmp_path: Path) -> None:
    seen: list[list[int]] = []

    def look(seconds: float) -> None:
        if seconds == 3600:
            time.sleep(0.3)
            seen.append(outcomes(tmp_path))

    pace = Batches(count=3, size=2, interval_seconds=3600)
    produce(tmp_path, Stream(), pace, connections=8, clock=time.monotonic, sleep=look)

    assert seen == [[1, 1], [1, 1, 1, 1]]


def test_a_refusal_for_good_is_told_while_the_next_batch_is_waited_for(tmp_path: Path) -> None:
    began = time.monotonic()

    with pytest.raises(AwsError, match="permission denied"):
        produce(tmp_path, Stream([deny]), Batches(3, 2, 3600), connections=8, clock=time.monotonic, sleep=None)

    assert time.monotonic() - began < 10


def test_a_second_ctrl_c_settles_what_has_no_answer_as_unsent(tmp_path: Path) -> None:
    release = threading.Event()

    class Deaf(Stream):
        def put_records(self, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
            threading.Timer(0.6, os.kill, (os.getpid(), signal.SIGINT)).start()
            threading.Timer(1.5, release.set).start()
            release.wait(20)
            return super().put_records(StreamName, Records)

    production = produce(tmp_path, Deaf(), Batches(2, 3, 60), connections=4, clock=time.monotonic, sleep=None)

    assert production.interrupted
    assert (production.run.events, production.run.unsent) == (3, 3)
    assert saved_ids(production) == ids(production, 0, 1, 2)


class Unread(Stream):
    """Takes everything, whatever it is."""

    def put_records(self, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:
        return {"Records": [{"ShardId": "shard-1"}] * len(Records)}


def is_interrupted(folder: Path, line: int, **settings: Any) -> bool:
    """Ctrl-C meets a run at that line of the delivery, counted as they are executed; False where it has no such."""
    executed = 0

    def trace(frame: Any, event: str, _: Any) -> Any:
        nonlocal executed
        if not frame.f_code.co_filename.endswith(PLACES):
            return None
        if event == "line":
            executed += 1
            if executed == line:
                signal.raise_signal(signal.SIGINT)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        produce(folder, Unread(), Batches(count=2, size=6, interval_seconds=0), request_bytes=900, **settings)
    except KeyboardInterrupt:
        pass  # before the first event, or after the last
    finally:
        sys.settrace(before)
    return executed >= line


PLACES = ("traffic/delivery.py", "traffic/requests.py", "traffic/aggregation.py", "traffic/chunk.py")


@pytest.mark.parametrize("settings", [{}, {"aggregates": True}, {"connections": 3}])
def test_ctrl_c_at_any_line_leaves_every_event_that_was_written_down_settled(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    for line in itertools.count(1, 7):  # every seventh line, to be quick
        folder = tmp_path / str(line)
        if not is_interrupted(folder, line, **settings):
            break
        run = ledger.load(folder)
        assert ledger.Outcome.UNCONFIRMED not in run.read().outcomes, line
        unsent = run.folder / "unsent.jsonl"
        kept = unsent.read_text().splitlines() if unsent.exists() else []
        assert len(kept) == list(run.read().outcomes).count(ledger.Outcome.UNSENT), line
    assert line > 100


def test_the_shards_are_listed_again_where_the_stream_throttles(tmp_path: Path) -> None:
    class Growing(Stream):
        listed = 0

        def list_shards(self, StreamName: str, ShardFilter: dict[str, str]) -> dict[str, Any]:
            self.listed += 1
            return {"Shards": [shard(f"shard-{n}", 2**128 * n // self.listed) for n in range(self.listed)]}

    waited: list[float] = []
    stream = Growing([lambda records: [REFUSE] * len(records)] * 12)
    pace = Batches(count=20, size=1, interval_seconds=6)
    produce(tmp_path, stream, pace, patience_seconds=0, clock=lambda: sum(waited), sleep=waited.append)

    assert stream.listed == 1 + 6  # at the start; then every 12 s, until after the last of 12 batches that it throttles

"""The ledger of a run: written before and after every request, readable wherever it ends."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import stat
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamctl import ledger
from streamctl.errors import UsageError
from streamctl.ledger import Fault, Ledger, Outcome, RunInfo

AT = datetime(2026, 11, 23, 16, 11, 54, 123000, tzinfo=UTC)
SECOND = timedelta(seconds=1)
RUN_ID = "20261123T161154-k3f9"
FAULTS = [(Fault.POISONED, 0), (Fault.SOUND | Fault.LATE | Fault.HOT, 1_732_464_000), (Fault.SOUND, 0)]
EVENTS = [(f"{RUN_ID}-{number:09d}", b'{"number":%d}' % number) for number in range(6)]


def info(run_id: str = RUN_ID, started_at: datetime = AT) -> RunInfo:
    return RunInfo(run_id=run_id, pipeline="a1b2c3", stream="analytics", source="recipe", seed=7, started_at=started_at)


def written(folder: Path) -> Path:
    """Six events in two requests: the first whole, of the second number 4 unsent. Returns the run's folder."""
    with Ledger(folder, info()) as book:
        book.add(EVENTS[:3])
        book.finish(0, 3)
        book.add(EVENTS[3:])
        book.finish(3, 3, unsent=[4])
    return book.folder


def begun(folder: Path, run_id: str = RUN_ID, started_at: datetime = AT) -> None:
    with Ledger(folder, info(run_id, started_at)):
        pass


def outcomes(folder: Path) -> list[int]:
    return list(ledger.load(folder).read().outcomes)


def test_a_run_id_tells_its_time() -> None:
    assert ledger.new_run_id(AT, random.Random(1)).startswith("20261123T161154-")


def test_made_ids_are_numbered_with_nine_digits() -> None:
    assert ledger.event_id(RUN_ID, 42) == "20261123T161154-k3f9-000000042"


def test_an_event_takes_sixteen_bytes(tmp_path: Path) -> None:
    written(tmp_path)

    assert (tmp_path / "runs" / RUN_ID / "entries.bin").stat().st_size == 6 * 16


def test_hashes_of_ids_and_payloads_are_read_back_in_order(tmp_path: Path) -> None:
    written(tmp_path)

    entries = ledger.load(tmp_path).read()

    assert list(entries.ids) == [ledger.id_hash(name) for name, _ in EVENTS]
    assert list(entries.payloads) == [ledger.payload_hash(payload) for _, payload in EVENTS]


def test_the_hash_of_a_payload_is_the_beginning_of_its_sha256() -> None:
    assert ledger.hash_of_sha256(hashlib.sha256(b"{}").hexdigest()) == ledger.payload_hash(b"{}")


def test_an_id_with_half_a_surrogate_pair_has_a_hash_too() -> None:
    assert ledger.id_hash("\ud800") != ledger.id_hash("?")


def test_each_event_is_accepted_or_unsent_once_its_request_is_finished(tmp_path: Path) -> None:
    written(tmp_path)

    assert outcomes(tmp_path) == [1, 1, 1, 1, Outcome.UNSENT, 1]


def test_events_of_a_request_that_never_finished_are_unconfirmed(tmp_path: Path) -> None:
    with Ledger(tmp_path, info()) as book:
        book.add(EVENTS[:3])
        book.finish(0, 3)
        book.add(EVENTS[3:])

    assert outcomes(tmp_path) == [1, 1, 1, 0, 0, 0]


def test_a_run_killed_before_its_first_event_is_empty(tmp_path: Path) -> None:
    begun(tmp_path)

    assert outcomes(tmp_path) == []


def test_nothing_was_sent_after_the_end_of_a_run(tmp_path: Path) -> None:
    with Ledger(tmp_path, info()) as book:
        book.end(replace(info(), ended_at=AT + SECOND))

    assert ledger.load(tmp_path).last_sent_at == AT + SECOND


def test_a_killed_runs_last_finished_request_tells_when_it_sent_last(tmp_path: Path) -> None:
    file = written(tmp_path) / "requests.jsonl"
    os.utime(file, times=(0, (AT + SECOND).timestamp()))

    assert ledger.load(tmp_path).last_sent_at == AT + SECOND


def test_a_run_sends_nothing_before_it_starts(tmp_path: Path) -> None:
    begun(tmp_path)
    assert ledger.load(tmp_path).last_sent_at >= AT

    os.utime(tmp_path / "runs" / RUN_ID / "requests.jsonl", times=(0, 0))  # a clock put right meanwhile
    assert ledger.load(tmp_path).last_sent_at == AT


def test_closing_keeps_the_final_figures(tmp_path: Path) -> None:
    final = RunInfo(**{**vars(info()), "ended_at": AT, "events": 6, "accepted": 5, "by_type": {"click": 5}})

    with Ledger(tmp_path, info()) as book:
        book.end(final)

    assert ledger.load(tmp_path).info == final


def test_unsent_events_are_kept_as_json_lines(tmp_path: Path) -> None:
    with Ledger(tmp_path, info()) as book:
        book.save_unsent([b'{"a":1}'])
        book.save_unsent([b'{"b":2}'])

    assert book.unsent_file.read_text() == '{"a":1}\n{"b":2}\n'


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_nobody_else_may_read_the_ledger(tmp_path: Path) -> None:
    with Ledger(tmp_path, info()) as book:
        book.save_unsent([b"{}"])

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in book.folder.iterdir()}

    assert modes == dict.fromkeys(["run.json", "entries.bin", "requests.jsonl", "unsent.jsonl"], 0o600)


def test_a_made_id_is_told_from_the_number_of_the_event(tmp_path: Path) -> None:
    written(tmp_path)
    run = ledger.load(tmp_path)

    assert run.describe(4, run.read().ids[4]) == f"{RUN_ID}-000000004"


def test_an_event_with_an_id_of_its_own_is_described_by_its_place(tmp_path: Path) -> None:
    with Ledger(tmp_path, info()) as book:
        book.add([("order-17", b"{}")])
    run = ledger.load(tmp_path)

    assert run.describe(0, run.read().ids[0]) == f"event 1 of recipe (run {RUN_ID})"


def test_runs_are_listed_newest_first_even_within_one_second(tmp_path: Path) -> None:
    for run_id, milliseconds in (("20261123T161154-zzzz", 1), ("20261123T161154-aaaa", 2)):
        begun(tmp_path, run_id, AT.replace(microsecond=milliseconds * 1000))

    assert [run.run_id for run in ledger.runs(tmp_path)] == ["20261123T161154-aaaa", "20261123T161154-zzzz"]


def test_the_last_run_is_the_last_one_that_has_events(tmp_path: Path) -> None:
    written(tmp_path)
    begun(tmp_path, "20261123T161155-bbbb", AT.replace(second=55))

    assert ledger.load(tmp_path).run_id == RUN_ID


def test_the_last_of_empty_runs_is_loaded_where_there_is_no_other(tmp_path: Path) -> None:
    begun(tmp_path, "20261123T161155-bbbb")

    assert ledger.load(tmp_path).run_id == "20261123T161155-bbbb"


def test_arrivals_are_told_by_the_clock_of_aws(tmp_path: Path) -> None:
    ahead = replace(info(), clock_ahead_seconds=100.0, ended_at=AT + SECOND)

    assert ahead.arrivals_from == AT + 98 * SECOND
    assert ahead.arrivals_to == AT + 103 * SECOND
    assert info().arrivals_to is None


def test_a_run_is_loaded_by_its_id(tmp_path: Path) -> None:
    begun(tmp_path, "20261123T161154-aaaa")
    begun(tmp_path, "20261123T161155-bbbb", AT.replace(second=55))

    assert ledger.load(tmp_path, "20261123T161154-aaaa").run_id == "20261123T161154-aaaa"


@pytest.mark.parametrize("asked", ["20261123T161154-none", "../../etc", ""])
def test_a_run_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path, asked: str) -> None:
    written(tmp_path)

    with pytest.raises(UsageError) as caught:
        ledger.load(tmp_path, asked)

    assert RUN_ID in str(caught.value.hint)


def test_without_any_run_the_error_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        ledger.load(tmp_path)

    assert "streamctl produce" in str(caught.value.hint)


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", '{"format": 1}', '{"format": 99}', "\x00\x01"])
def test_a_damaged_run_file_is_named(tmp_path: Path, content: str) -> None:
    path = written(tmp_path) / "run.json"
    path.write_text(content)

    with pytest.raises(UsageError, match=r"run\.json cannot be read"):
        ledger.load(tmp_path)


@pytest.mark.parametrize("line", ["nonsense", "[]", '{"first":0}', '{"first":-1,"count":1,"unsent":[]}'])
def test_a_damaged_line_of_the_journal_is_named(tmp_path: Path, line: str) -> None:
    with (written(tmp_path) / "requests.jsonl").open("a") as file:
        file.write(line + "\n")

    with pytest.raises(UsageError, match="line 3"):
        ledger.load(tmp_path).read()


def test_a_ledger_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("in the way")

    with pytest.raises(UsageError, match="Could not write"):
        Ledger(tmp_path, info())


def test_one_run_never_writes_over_another(tmp_path: Path) -> None:
    begun(tmp_path)

    with pytest.raises(UsageError, match="File exists"):
        Ledger(tmp_path, info())


def test_what_was_done_to_an_event_takes_eight_bytes_and_is_read_back(tmp_path: Path) -> None:
    with Ledger(tmp_path, info()) as book:
        for event, fault in zip(EVENTS[:3], FAULTS, strict=True):
            book.add_faults([fault])
            book.add([event])
    entries = ledger.load(tmp_path).read()

    assert (book.folder / "faults.bin").stat().st_size == 3 * 8
    assert list(zip(entries.faults, entries.carried, strict=True)) == FAULTS


def test_nothing_is_known_of_the_events_of_a_run_without_faults(tmp_path: Path) -> None:
    entries = ledger.load(written(tmp_path).parent.parent).read()

    assert (list(entries.faults), list(entries.carried)) == ([Fault.NONE] * 6, [0] * 6)


@pytest.mark.parametrize("cut", ["entries.bin", "faults.bin"])
@pytest.mark.parametrize("kept", [0, 7, 8, 9, 17, 40])
def test_faults_cut_off_at_any_byte_stay_with_their_events(tmp_path: Path, cut: str, kept: int) -> None:
    with Ledger(tmp_path, info()) as book:
        book.add_faults(FAULTS)
        book.add(EVENTS[:3])
    path = book.folder / cut
    os.truncate(path, min(kept, path.stat().st_size))

    entries = ledger.load(tmp_path).read()

    assert len(entries.ids) == len(entries.faults) == len(entries.carried)
    read = [Fault(fault) for fault in entries.faults if fault]
    assert read == [fault for fault, _ in FAULTS][: len(read)]


@given(file=st.sampled_from(["entries.bin", "requests.jsonl"]), kept=st.integers(0, 200))
def test_a_ledger_cut_off_at_any_byte_is_readable_up_to_there(file: str, kept: int) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        path = written(folder) / file
        os.truncate(path, min(kept, path.stat().st_size))

        entries = ledger.load(folder).read()

        whole = [1, 1, 1, 1, Outcome.UNSENT, 1]
        assert len(entries.ids) == len(entries.payloads) == len(entries.outcomes)
        assert all(seen in (true, Outcome.UNCONFIRMED) for seen, true in zip(entries.outcomes, whole, strict=False))
        assert list(entries.ids) == [ledger.id_hash(name) for name, _ in EVENTS[: len(entries.ids)]]
    finally:
        shutil.rmtree(folder)


@given(st.lists(st.lists(st.tuples(st.text(), st.binary(), st.booleans()), max_size=5), max_size=5))
def test_whatever_is_written_is_read_back(requests: list[list[tuple[str, bytes, bool]]]) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        first = 0
        with Ledger(folder, info()) as book:
            for request in requests:
                book.add((name, payload) for name, payload, _ in request)
                book.finish(first, len(request), [first + n for n, event in enumerate(request) if not event[2]])
                first += len(request)

        entries = ledger.load(folder).read()

        events = [event for request in requests for event in request]
        assert list(entries.ids) == [ledger.id_hash(name) for name, _, _ in events]
        assert list(entries.payloads) == [ledger.payload_hash(payload) for _, payload, _ in events]
        assert list(entries.outcomes) == [1 if taken else Outcome.UNSENT for _, _, taken in events]
    finally:
        shutil.rmtree(folder)


def test_the_journal_stays_small(tmp_path: Path) -> None:
    with Ledger(tmp_path, info()) as book:
        for first in range(0, 100_000, 500):
            book.finish(first, 500)

    assert (book.folder / "requests.jsonl").stat().st_size < 10_000


def test_the_run_file_is_json_for_anybody(tmp_path: Path) -> None:
    document = json.loads((written(tmp_path) / "run.json").read_text())

    assert document["started_at"] == "2026-11-23T16:11:54.123000+00:00"
    assert document["seed"] == 7

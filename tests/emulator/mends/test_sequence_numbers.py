from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from streamctl.emulator import process
from streamctl.emulator.mends.sequence_numbers import SequenceNumbers
from tests.emulator.conftest import aws_of

if TYPE_CHECKING:
    from pathlib import Path


def test_numbers_follow_the_clock() -> None:
    assert SequenceNumbers(lambda: 1_700_000_000.25).next() == "40000001700000000250" + "0000000000"


def test_a_clock_that_is_set_back_moves_no_number_back() -> None:
    times = iter([1000.0, 1000.0, 900.0, 1.5, 1000.1])
    numbers = SequenceNumbers(lambda: next(times))
    made = [numbers.next() for _ in range(5)]
    assert all(before < after for before, after in pairwise(made))


def test_numbers_start_after_those_there_are() -> None:
    numbers = SequenceNumbers(lambda: 1.0)
    numbers.start_after("400000000000000020000000000007")
    numbers.start_after("000000000000000030000000000009")  # MiniStack's own
    assert numbers.next() == "400000000000000020000000000008"


def test_records_after_a_restart_come_behind_those_before_it_whatever_the_clock_says(tmp_path: Path) -> None:
    put = {"StreamName": "s", "PartitionKey": "k"}
    kinesis = aws_of(process.start(tmp_path)).client("kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    number = kinesis.put_record(**put, Data=b"before")["SequenceNumber"]
    process.stop(tmp_path)
    an_hour_ahead = f"{int(number) + 3_600_000 * 10**10}"
    snapshot = tmp_path / "snapshot.json"
    saved = snapshot.read_text()
    assert number in saved
    snapshot.write_text(saved.replace(number, an_hour_ahead))
    try:
        kinesis = aws_of(process.start(tmp_path)).client("kinesis")
        assert kinesis.put_record(**put, Data=b"after")["SequenceNumber"] > an_hour_ahead
    finally:
        process.stop(tmp_path)

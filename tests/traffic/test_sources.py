"""Events from a generator, a file or a pipe."""

from __future__ import annotations

import io
import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest

from streamctl.errors import PluginError, UsageError
from streamctl.traffic.generators import RecipeEvents
from streamctl.traffic.sources import READ_BYTES, GeneratedEvents, LineEvents, open_lines

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping
    from pathlib import Path

RUN_ID = "20261123T161154-k3f9"
AT = datetime(2026, 11, 23, 16, 11, 54, tzinfo=UTC)


def lines(data: bytes) -> LineEvents:
    return LineEvents(io.BufferedReader(io.BytesIO(data)), name="events.jsonl")


def all_of(source: LineEvents) -> list[bytes]:
    payloads: list[bytes] = []
    while taken := source.take(RUN_ID, 2):
        payloads += [event.payload for event in taken]
    return payloads


class Generator:
    """Makes what it is given, or raises it."""

    def __init__(self, made: Any) -> None:
        self._made = made

    def event(self, rng: random.Random, sequence: int, at: datetime) -> Mapping[str, Any]:
        if isinstance(self._made, Exception):
            raise self._made
        return cast("Mapping[str, Any]", self._made)


def test_a_generator_gives_as_many_as_are_asked_for() -> None:
    source = GeneratedEvents(RecipeEvents(), name="recipe", seed=1, now=lambda: AT)

    events = [*source.take(RUN_ID, 3), *source.take(RUN_ID, 2)]

    assert [event.id for event in events] == [f"{RUN_ID}-{number:09d}" for number in range(5)]


def test_the_same_seed_gives_the_same_events() -> None:
    first, second = (GeneratedEvents(RecipeEvents(), name="recipe", seed=5, now=lambda: AT) for _ in range(2))

    assert first.take(RUN_ID, 20) == second.take(RUN_ID, 20)


@pytest.mark.parametrize(
    "made", [{"at": AT}, {"x": float("nan")}, ["a"], None, KeyError("price"), ZeroDivisionError(), RecursionError()]
)
def test_a_generator_that_fails_or_makes_no_event_is_named(made: Any) -> None:
    with pytest.raises(PluginError, match="The generator mine failed on event 0"):
        GeneratedEvents(Generator(made), name="mine", seed=1).take(RUN_ID, 1)


def test_the_failure_of_a_generator_says_what_it_was() -> None:
    with pytest.raises(PluginError, match="on event 0: KeyError: 'price'"):
        GeneratedEvents(Generator(KeyError("price")), name="mine", seed=1).take(RUN_ID, 1)


def test_each_line_is_an_event() -> None:
    assert all_of(lines(b'{"eventId":"a"}\n{"eventId":"b"}\n{"eventId":"c"}\n')) == [
        b'{"eventId":"a"}',
        b'{"eventId":"b"}',
        b'{"eventId":"c"}',
    ]


def test_the_last_line_needs_no_end() -> None:
    assert all_of(lines(b'{"eventId":"a"}\n{"eventId":"b"}')) == [b'{"eventId":"a"}', b'{"eventId":"b"}']


def test_blank_lines_windows_line_ends_and_a_byte_order_mark_are_let_pass() -> None:
    assert all_of(lines(b'\xef\xbb\xbf{"eventId":"a"}\r\n\r\n  \n{"eventId":"b"}\r\n')) == [
        b'{"eventId":"a"}',
        b'{"eventId":"b"}',
    ]


def test_an_empty_file_has_no_events() -> None:
    assert all_of(lines(b"")) == []


def test_a_file_of_many_reads_loses_nothing() -> None:
    names = [f"{number}" * 50 for number in range(10_000)]
    data = b"".join(json.dumps({"eventId": name}).encode() + b"\n" for name in names)
    assert len(data) > 2 * READ_BYTES

    assert [json.loads(payload)["eventId"] for payload in all_of(lines(data))] == names


def test_a_bad_line_is_named_after_what_stands_before_it() -> None:
    source = lines(b'{"eventId":"a"}\n\nnonsense\n{"eventId":"b"}\n')

    assert [event.id for event in source.take(RUN_ID, 10)] == ["a"]
    with pytest.raises(UsageError, match=r"Line 3 of events\.jsonl cannot be sent: it is not JSON"):
        source.take(RUN_ID, 10)


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_longer_than_any_record_is_refused_before_it_fills_the_memory(end: bytes) -> None:
    source = lines(b'{"a":"' + b"x" * (11 * 1024 * 1024) + b'"}' + end)

    with pytest.raises(UsageError, match="longer than 10 MiB"):
        source.take(RUN_ID, 1)


def test_a_slow_pipe_gives_what_is_there_without_waiting_for_more() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stream, os.fdopen(writing, "wb", buffering=0) as pipe:
        source = LineEvents(stream, name="standard input")
        pipe.write(b'{"eventId":"a"}\n{"eventId":"b"}\n{"even')

        assert [event.id for event in source.take(RUN_ID, 500)] == ["a", "b"]


def test_a_file_is_opened_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text('{"eventId":"a"}\n')

    with open_lines(path) as source:
        assert (source.name, [event.id for event in source.take(RUN_ID, 5)]) == (str(path), ["a"])


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"Could not open .*missing\.jsonl"), open_lines(tmp_path / "missing.jsonl"):
        pass


@pytest.mark.parametrize(
    "line",
    [
        b"secret",
        b'"secret"',
        b'{"userId": "secret"',
        b'{"userId": "secret\\q"}',
        b'{"userId": "secret\xff"}',
        b'{"userId": "secret", "amount": NaN}',
        b'{"userId": "secret", "amount": 1e99999999999999999999}',
        b'{"userId": "secret", "amount": ' + b"7" * 5000 + b"}",
        b'{"userId": "secret", "a": ' + b"[" * 100_000 + b"}",
    ],
)
def test_a_refusal_quotes_nothing_of_the_event(line: bytes) -> None:
    source = LineEvents(io.BytesIO(line), name="events.jsonl")

    with pytest.raises(UsageError, match=r"Line 1 of events\.jsonl cannot be sent") as refusal:
        source.take("20261124T150000-abcd", 1)

    assert "secret" not in refusal.value.message
    assert "777" not in refusal.value.message

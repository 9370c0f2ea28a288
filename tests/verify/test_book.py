"""The books: what was found of each event."""

from __future__ import annotations

import tracemalloc
from array import array
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from streamctl import ledger
from streamctl.ledger import Fault, Ledger, RunInfo, payload_hash
from streamctl.verify.book import Book, Found, HashIndex
from tests.verify.conftest import AT, AT_MS, RUN_ID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

LATER = AT + timedelta(seconds=1)
A, B = (b'{"eventId":"a"}', b'{"eventId":"b"}')


def book_of(folder: Path, *events: tuple[str, bytes], run_id: str = RUN_ID) -> Book:
    return Book([run_of(folder, *events, run_id=run_id)])


def run_of(
    folder: Path,
    *events: tuple[str, bytes],
    run_id: str = RUN_ID,
    ended_at: datetime = AT,
    faults: Sequence[tuple[Fault, int]] = (),
) -> ledger.Run:
    info = RunInfo(run_id=run_id, pipeline="p", stream="s", source="mine.jsonl", seed=None, started_at=AT)
    with Ledger(folder, info) as writer:
        writer.add_faults(faults)
        writer.add(events)
        writer.finish(0, len(events))
        writer.end(replace(info, ended_at=ended_at))
    return ledger.load(folder, run_id)


def enter(
    book: Book,
    name: str,
    payload: bytes,
    *,
    faithful: bool = True,
    arrived_at_ms: int = AT_MS,
    stored_at: int = AT_MS // 1000,
) -> bool:
    return book.row(name, payload_hash(payload), arrived_at_ms, stored_at=stored_at, faithful=faithful)


def found(book: Book) -> dict[Found, int]:
    counts = Counter[Found]()
    for (_, state, _), count in book.tally().items():
        counts[Found(state)] += count
    return dict(counts)


@given(st.lists(st.integers(0, 20) | st.integers(0, 2**64 - 1), max_size=300))
def test_an_index_finds_every_place_of_a_hash(hashes: list[int]) -> None:
    index = HashIndex(array("Q", hashes))

    for value in {*hashes, 21}:
        assert sorted(index.all(value)) == [place for place, each in enumerate(hashes) if each == value]
    assert index.repeats == len(hashes) - len(set(hashes))


def test_a_row_with_the_payload_sent_is_stored(tmp_path: Path) -> None:
    book = book_of(tmp_path, ("a", A), ("b", B))

    assert enter(book, "a", A)
    assert found(book) == {Found.STORED: 1, Found.NOWHERE: 1}
    assert book.missing == 1


def test_the_same_row_seen_in_another_scan_is_no_news(tmp_path: Path) -> None:
    book = book_of(tmp_path, ("a", A))
    enter(book, "a", A)
    book.new_scan()

    assert not enter(book, "a", A)
    assert found(book) == {Found.STORED: 1}


def test_two_rows_of_one_event_in_one_scan_are_a_duplicate(tmp_path: Path) -> None:
    book = book_of(tmp_path, ("a", A))
    enter(book, "a", A)
    enter(book, "a", A)

    assert found(book) == {Found.DUPLICATE: 1}


def test_a_row_of_the_id_with_another_payload_is_changed(tmp_path: Path) -> None:
    book = book_of(tmp_path, ("a", A))
    enter(book, "a", b"another")

    assert found(book) == {Found.CHANGED: 1}


def test_a_row_that_does_not_say_what_its_payload_says_is_changed(tmp_path: Path) -> None:
    book = book_of(tmp_path, ("a", A))
    enter(book, "a", A, faithful=False)

    assert found(book) == {Found.CHANGED: 1}


def test_a_row_put_right_between_two_scans_is_stored(tmp_path: Path) -> None:
    book = book_of(tmp_path, ("a", A))
    enter(book, "a", A, faithful=False)
    book.new_scan()
    enter(book, "a", A)

    assert found(book) == {Found.STORED: 1}


def test_an_older_run_that_used_the_same_id_is_no_change(tmp_path: Path) -> None:
    book = book_of(tmp_path, ("a", A))
    enter(book, "a", b"another", arrived_at_ms=AT_MS - 3_600_000)

    assert found(book) == {Found.NOWHERE: 1}


def test_rows_of_others_are_not_known(tmp_path: Path) -> None:
    book = book_of(tmp_path, ("a", A))

    assert not book.knows("x", payload_hash(b"x"))
    assert book.knows("x", payload_hash(A))
    assert book.knows("a", payload_hash(b"x"))


def test_an_event_sent_twice_word_for_word_is_in_one_row(tmp_path: Path) -> None:
    book = book_of(tmp_path, ("a", A), ("a", A))
    enter(book, "a", A)

    assert found(book) == {Found.STORED: 2}


def test_an_event_sent_again_by_another_run_is_stored_for_both(tmp_path: Path) -> None:
    second = "20261123T161200-aaaa"
    book = Book([run_of(tmp_path, ("a", A)), run_of(tmp_path, ("b", B), ("a", A), run_id=second)])
    enter(book, "a", A)

    assert found(book) == {Found.STORED: 2, Found.NOWHERE: 1}
    book.conclude(LATER)
    assert book.describe(book.lost(9)[0]) == f"event 1 of mine.jsonl (run {second})"


def test_an_event_overwritten_by_another_of_its_id_is_superseded(tmp_path: Path) -> None:
    book = book_of(tmp_path, ("a", A), ("a", B), ("c", b"c"))
    enter(book, "a", B)
    book.conclude(LATER)

    assert found(book) == {Found.SUPERSEDED: 1, Found.STORED: 1, Found.LOST: 1}


def test_only_the_missing_events_of_runs_long_over_are_overdue(tmp_path: Path) -> None:
    second = "20261123T161200-aaaa"
    book = Book([run_of(tmp_path, ("a", A)), run_of(tmp_path, ("b", B), run_id=second, ended_at=LATER)])

    assert list(book.overdue(AT)) == []
    assert list(book.overdue(LATER)) == [0]
    book.conclude(LATER)
    assert (book.lost(9), book.missing) == ([0], 1)


def test_what_was_lost_and_turns_up_is_found(tmp_path: Path) -> None:
    book = book_of(tmp_path, ("a", A))
    book.conclude(LATER)
    enter(book, "a", A)

    assert found(book) == {Found.STORED: 1}


def test_an_event_is_absent_until_something_is_found_of_it(tmp_path: Path) -> None:
    book = book_of(tmp_path, ("a", A))

    assert book.is_absent(payload_hash(A))
    assert not book.is_absent(payload_hash(B))
    enter(book, "a", A)
    assert not book.is_absent(payload_hash(A))


def test_being_stored_outweighs_being_set_aside(tmp_path: Path) -> None:
    book = book_of(tmp_path, ("a", A))

    assert book.aside(payload_hash(A), Found.SET_ASIDE) == 1
    assert book.aside(payload_hash(A), Found.DEAD_LETTERED) == 0
    enter(book, "a", A)
    assert book.aside(payload_hash(A), Found.SET_ASIDE) == 0
    assert found(book) == {Found.STORED: 1}


def test_an_id_that_was_made_is_known_by_its_number(tmp_path: Path) -> None:
    made = f"{RUN_ID}-000000001"
    book = book_of(tmp_path, ("own", A), (made, B))

    assert [book.made_id(place) for place in (0, 1)] == [None, made]


def test_one_id_for_ten_thousand_events_costs_no_quadratic_time(tmp_path: Path) -> None:
    events = [("login", b"%d" % number) for number in range(10_000)]
    book = book_of(tmp_path, *events)
    for name, payload in events[1:]:
        enter(book, name, payload)
        enter(book, name, payload + b"other")
    book.conclude(LATER)

    assert found(book)[Found.SUPERSEDED] == 1


def test_a_hundred_thousand_events_stay_within_their_memory(tmp_path: Path) -> None:
    run = run_of(tmp_path, *((f"{number}", b"%d" % number) for number in range(100_000)))
    tracemalloc.start()
    try:
        book = Book([run])
        enter(book, "nobody", b"nothing")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak / len(book) < 60


def test_a_row_from_before_the_run_does_not_show_its_event_stored(tmp_path: Path) -> None:
    book = book_of(tmp_path, ("a", A))

    assert not enter(book, "a", A, arrived_at_ms=AT_MS - 10_000)
    assert book.missing == 1


def test_a_row_from_after_the_run_shows_its_event_sent_again_and_no_duplicate(tmp_path: Path) -> None:
    book = book_of(tmp_path, ("a", A))

    enter(book, "a", A)
    enter(book, "a", A, arrived_at_ms=AT_MS + 60_000)

    assert found(book) == {Found.STORED: 1}


def test_a_row_that_took_the_place_of_the_events_own_shows_it_stored(tmp_path: Path) -> None:
    book = book_of(tmp_path, ("a", A))

    assert enter(book, "a", A, arrived_at_ms=AT_MS + 60_000)
    assert found(book) == {Found.STORED: 1}


def test_a_late_event_is_stored_as_it_was_sent_only_under_the_time_it_carries(tmp_path: Path) -> None:
    late = Fault.SOUND | Fault.LATE
    book = Book([run_of(tmp_path, ("a", A), ("b", B), faults=[(late, 1000), (late, 2000)])])

    enter(book, "a", A, stored_at=1000)
    enter(book, "b", B, stored_at=2001)

    assert found(book) == {Found.STORED: 1, Found.CHANGED: 1}


def test_what_was_done_to_each_event_stays_with_it_when_runs_are_put_together(tmp_path: Path) -> None:
    second = "20261123T161200-aaaa"
    runs = (
        run_of(tmp_path, ("a", A)),
        run_of(tmp_path, ("b", B), run_id=second, faults=[(Fault.SOUND | Fault.LATE, 1000)]),
    )

    for order in (runs, runs[::-1]):
        book = Book(order)
        enter(book, "a", A)
        enter(book, "b", B)
        assert found(book) == {Found.STORED: 1, Found.CHANGED: 1}


def test_the_sound_event_sent_after_its_poisoned_run_does_not_show_the_poisoned_one_stored(tmp_path: Path) -> None:
    book = Book([run_of(tmp_path, ("a", A), faults=[(Fault.POISONED, 0)])])
    book.aside(payload_hash(A), Found.SET_ASIDE)

    enter(book, "a", b"sound", arrived_at_ms=AT_MS + 60_000)
    assert found(book) == {Found.SET_ASIDE: 1}

    enter(book, "a", b"sound")
    assert found(book) == {Found.CHANGED: 1}

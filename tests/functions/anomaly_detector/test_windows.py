"""Windows in event time: what belongs into which, and when one is over."""

import json

from hypothesis import given
from hypothesis import strategies as st

from streamctl.functions.anomaly_detector.arrival import Arrival
from streamctl.functions.anomaly_detector.series import NOTHING, SERIES
from streamctl.functions.anomaly_detector.windows import (
    HEARD_OF_SECONDS,
    LAGS_EVERY_SECONDS,
    MOST_EMPTY,
    MOST_WAITING,
    Windows,
)

NAME = "page_views"
WIDTH, LATENESS = 60, 30


def came(at: int, arrived_at: int | None = None) -> Arrival:
    return Arrival("1", b"", at, at if arrived_at is None else arrived_at, {NAME: NOTHING})


def closed(windows: Windows, most: int = 1000) -> list[tuple[int, float | None]]:
    return [(start, SERIES[NAME].value(tally, NAME)) for start, tally in windows.close(most)]


def test_a_window_is_over_when_the_watermark_has_passed_its_end_by_the_allowed_lateness():
    windows = Windows(WIDTH, LATENESS)

    fates = [windows.add(came(at)) for at in (0, 59, 60, 89)]
    before = closed(windows)
    windows.add(came(90))

    assert fates == ["counted"] * 4
    assert before == []
    assert closed(windows) == [(0, 2.0)]


def test_what_comes_later_is_late_also_before_its_window_was_taken_out():
    windows = Windows(WIDTH, LATENESS)
    windows.add(came(0))
    windows.add(came(150))

    assert windows.add(came(59)) == "late"
    assert windows.add(came(60)) == "late"
    assert windows.add(came(120)) == "counted"
    assert closed(windows) == [(0, 1.0), (60, 0.0)]
    assert windows.add(came(119)) == "late"


def test_a_time_in_the_future_closes_nothing_and_one_far_ahead_is_in_no_window():
    windows = Windows(WIDTH, LATENESS)

    fates = [windows.add(came(at, arrived_at=100)) for at in (100, 119, 125, 200, 4_000_000_000)]

    assert fates == ["counted", "counted", "counted", "ahead", "ahead"]
    assert windows.watermark == 100
    assert closed(windows) == []


def test_windows_without_events_are_closed_too_up_to_a_bound_and_then_left_out():
    windows = Windows(WIDTH, 0)
    windows.add(came(0))
    windows.add(came(WIDTH * 1_000_000))
    windows.add(came(WIDTH * 1_000_001))

    found = closed(windows)

    assert found == [(0, 1.0), *((WIDTH * place, 0.0) for place in range(1, MOST_EMPTY + 1)), (WIDTH * 1_000_000, 1.0)]
    assert not windows.has_closed
    windows.add(came(WIDTH * 1_000_003))
    assert closed(windows) == [(WIDTH * 1_000_001, 1.0), (WIDTH * 1_000_002, 0.0)]


def test_a_few_are_taken_out_at_a_time_the_oldest_first():
    windows = Windows(WIDTH, 0)
    for at in (0, 60, 120, 180):
        windows.add(came(at))

    assert closed(windows, 2) == [(0, 1.0), (60, 1.0)]
    assert windows.has_closed
    assert closed(windows, 2) == [(120, 1.0)]


def test_another_width_gives_up_what_is_open_and_keeps_the_watermark():
    windows = Windows(WIDTH, 0)
    windows.add(came(0))
    windows.add(came(70))

    other = Windows(100, 0, json.loads(json.dumps(windows.state())))

    assert other.watermark == 70
    assert not other.has_closed
    other.add(came(210))
    assert closed(other) == []
    other.add(came(300))
    assert closed(other) == [(200, 1.0)]


def test_windows_wait_for_the_slowest_shard_that_was_heard_of_lately():
    windows = Windows(WIDTH, LATENESS)
    windows.read(1000, now=2800)
    windows.add(came(1000))
    windows.read(2790, now=2805)
    windows.add(came(2790))

    assert closed(windows) == []
    assert windows.add(came(1010)) == "counted"
    windows.read(2900, now=2910)
    windows.add(came(2900))
    assert closed(windows) == [(960, 2.0), (1020, 0.0)]


def test_a_slow_shard_that_is_not_heard_of_any_more_is_not_waited_for():
    windows = Windows(WIDTH, LATENESS)
    windows.read(1000, now=1700)
    windows.add(came(1000))
    windows.read(1830, now=1700 + HEARD_OF_SECONDS + LAGS_EVERY_SECONDS)
    windows.add(came(1830))

    assert [start for start, _ in closed(windows)] == list(range(960, 1800 - WIDTH + 1, WIDTH))


def test_so_many_windows_wait_and_no_more():
    windows = Windows(WIDTH, 0)
    newest = 1_000_000 * WIDTH
    windows.read(0, now=newest)
    for place in range(-MOST_WAITING - 100, 1):
        windows.add(came(newest + place * WIDTH))

    waiting = Windows(WIDTH, 0, json.loads(json.dumps(windows.state())))

    assert closed(waiting)[-1][0] == newest - (MOST_WAITING + 1) * WIDTH
    assert len(waiting.state()["open"]) == MOST_WAITING + 1


@given(
    times=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 2000)), max_size=40),
    cuts=st.sets(st.integers(0, 40)),
    most=st.integers(1, 3),
)
def test_every_event_is_in_one_window_or_late_or_ahead_whenever_the_state_is_put_down(times, cuts, most):
    windows, fates, values = Windows(WIDTH, LATENESS), [], []
    for place, (at, arrived_at) in enumerate(times):
        if place in cuts:
            windows = Windows(WIDTH, LATENESS, json.loads(json.dumps(windows.state())))
            values += closed(windows, most)
        fates.append(windows.add(came(at, arrived_at)))
    windows.add(came(100_000))
    values += closed(windows)

    starts = [start for start, _ in values]
    assert sum(value or 0 for _, value in values) == fates.count("counted")
    assert starts == sorted(set(starts))

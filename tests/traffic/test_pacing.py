"""How fast events go out, on a clock that only sleeping moves."""

from __future__ import annotations

import pytest

from streamctl.traffic.events import Event
from streamctl.traffic.pacing import AsItComes, Batches, Pace, Rate


class Time:
    """`cost_seconds` is what taking a chunk takes."""

    def __init__(self, cost_seconds: float = 0.0) -> None:
        self.now = 0.0
        self.pauses: list[float] = []
        self._cost_seconds = cost_seconds

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.pauses.append(seconds)
        self.now += seconds

    def run(self, pace: Pace, available: int = 1_000_000) -> list[tuple[float, int]]:
        """When each chunk went out, and how many events it had."""
        left = available

        def take(most: int) -> list[Event]:
            nonlocal left
            taken = min(most, left)
            left -= taken
            self.now += self._cost_seconds
            return [Event("e", "click", "e", b"{}")] * taken

        return [(self.now, len(chunk)) for chunk in pace.chunks(take, self.clock, self.sleep)]


def test_the_recipe_sends_three_batches_of_ten_two_seconds_apart() -> None:
    assert Time().run(Batches()) == [(0, 10), (2, 10), (4, 10)]


def test_there_is_no_pause_after_the_last_batch() -> None:
    time = Time()

    time.run(Batches(count=3, size=1, interval_seconds=5))

    assert time.pauses == [5, 5]


def test_a_large_batch_goes_out_in_chunks_of_one_request() -> None:
    assert Time().run(Batches(count=1, size=1200)) == [(0, 500), (0, 500), (0, 200)]


def test_batches_end_with_the_source() -> None:
    assert [size for _, size in Time().run(Batches(count=None, size=4), available=10)] == [4, 4, 2]


def test_no_batches_are_no_events() -> None:
    assert Time().run(Batches(count=0)) == []


def test_everything_goes_out_at_once_as_it_comes() -> None:
    assert Time().run(AsItComes(), available=1100) == [(0, 500), (0, 500), (0, 100)]


@pytest.mark.parametrize(("per_second", "duration"), [(1, 5), (10, 3), (1000, 2), (0.5, 10), (30_000, 1), (7, 1.5)])
def test_a_rate_over_a_duration_makes_exactly_that_many(per_second: float, duration: float) -> None:
    time = Time()

    chunks = time.run(Rate(per_second, duration))

    assert sum(size for _, size in chunks) == int(per_second * duration)
    assert time.now <= duration + 0.1


def test_at_a_rate_nothing_goes_out_before_it_is_due() -> None:
    made = 0
    for at, size in Time().run(Rate(100, 2)):
        made += size
        assert made <= at * 100 + 1e-6


def test_a_slow_rate_sleeps_until_the_next_event() -> None:
    assert Time().run(Rate(0.5, 4)) == [(2, 1), (4, 1)]


def test_the_duration_ends_a_run_that_cannot_keep_up() -> None:
    time = Time(cost_seconds=1)

    chunks = time.run(Rate(10_000, 5))

    assert time.now < 8
    assert sum(size for _, size in chunks) < 50_000


def test_a_rate_ends_with_the_source() -> None:
    assert sum(size for _, size in Time().run(Rate(100), available=42)) == 42

"""No shard gets more than it takes."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamctl.traffic.throttle import Throttle


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_free_shard_takes_a_request_at_once() -> None:
    assert Throttle(Time()).reserve({0: 500}) == 0


def test_the_next_waits_until_the_one_before_has_passed() -> None:
    throttle = Throttle(Time())
    throttle.reserve({0: 500})

    assert throttle.reserve({0: 500}) == pytest.approx(500 / 950 - 0.05)


def test_another_shard_need_not_wait() -> None:
    throttle = Throttle(Time())
    throttle.reserve({0: 500})

    assert throttle.reserve({1: 500}) == 0


def test_a_request_waits_for_the_fullest_of_its_shards() -> None:
    throttle = Throttle(Time())
    throttle.reserve({0: 100, 1: 400})

    assert throttle.reserve({0: 1, 1: 1}) == pytest.approx(400 / 950 - 0.05)


def test_a_shard_that_is_a_little_ahead_holds_nobody_up() -> None:
    throttle = Throttle(Time())

    assert [throttle.reserve({0: 9, 1: 1}) for _ in range(5)] == [0] * 5


def test_with_half_of_the_stream_everything_takes_twice_as_long() -> None:
    throttle = Throttle(Time(), share=0.5)
    throttle.reserve({0: 500})

    assert throttle.reserve({0: 500}) == pytest.approx(1000 / 950 - 0.05)


def test_room_that_nobody_took_is_not_saved() -> None:
    time = Time()
    throttle = Throttle(time)
    throttle.reserve({0: 500})
    time.now = 60

    assert [throttle.reserve({0: 950}) for _ in range(3)] == pytest.approx([0, 0.95, 1.95])


@given(st.lists(st.tuples(st.dictionaries(st.integers(0, 3), st.integers(1, 200), min_size=1), st.floats(0, 0.3))))
def test_within_any_second_a_shard_gets_its_limit_and_one_request_at_most(
    requests: list[tuple[dict[int, int], float]],
) -> None:
    time = Time()
    throttle = Throttle(time)
    sent: defaultdict[int, list[tuple[float, int]]] = defaultdict(list)
    for records, pause in requests:
        time.now += pause
        time.now += throttle.reserve(records)
        for shard, count in records.items():
            sent[shard].append((time.now, count))

    for moments in sent.values():
        for begin, _ in moments:
            within = [count for at, count in moments if begin <= at < begin + 1 - 1e-9]
            assert sum(within) - within[-1] <= 1000 + 1e-6

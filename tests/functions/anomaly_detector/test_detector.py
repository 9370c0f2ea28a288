from __future__ import annotations

import json
import math
import random
from itertools import pairwise
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamctl.functions.anomaly_detector.detector import THRESHOLD, Detector

from .series import DAY, FIVE_MINUTES, MONDAY, alarms, daily, noise, verdicts

SEEDS = range(3)
NUMBERS = st.floats() | st.integers(-3, 3).map(float) | st.sampled_from([1e308, -1e308, 5e-324, math.nan, math.inf])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_spike_is_found_where_it_is(seed):
    values = noise(3000, seed=seed)
    values[2500] += 12

    assert set(alarms(values)) - set(alarms(noise(3000, seed=seed))) == {2500}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_drop_is_found_as_a_spike_is(seed):
    values = noise(3000, seed=seed)
    values[2500] -= 12

    assert 2500 in alarms(values)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_new_level_is_an_anomaly_first_and_then_normal(seed):
    values = noise(2000, seed=seed) + noise(2000, around=110, seed=seed + 100)

    found = [window for window in alarms(values) if window >= 2000]

    assert found[0] == 2000
    assert len(found) <= 3
    assert found[-1] < 2000 + DAY
    assert mean(verdict.expected for verdict in verdicts(values)[-DAY:]) == pytest.approx(110, abs=0.5)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_missing_peak_at_noon_is_found_and_the_same_value_at_night_is_not(seed):
    values = daily(21, seed=seed)
    noon = 15 * DAY + DAY // 2
    values[noon : noon + 12] = [55.0] * 12

    found = [window for window in alarms(values) if window >= 14 * DAY]

    assert noon in found
    assert all(noon <= window < noon + 12 for window in found)


def test_the_expected_range_follows_the_hours_and_holds_most_values():
    values = daily(21)

    said = verdicts(values)

    midnight, noon = said[20 * DAY], said[20 * DAY + DAY // 2]
    assert midnight.expected == pytest.approx(50, abs=5)
    assert noon.expected == pytest.approx(150, abs=5)
    assert midnight.high < noon.low
    last = list(zip(values, said, strict=True))[14 * DAY :]
    assert mean(verdict.low <= value <= verdict.high for value, verdict in last) > 0.99


@pytest.mark.parametrize("side", ["low", "high"])
def test_a_value_beyond_the_expected_range_is_an_alarm_for_itself(side):
    detector = Detector()
    for number, value in enumerate(noise(2000, seed=2)):
        detector.update(value, MONDAY + number * FIVE_MINUTES)
    at = MONDAY + 2000 * FIVE_MINUTES
    said = Detector(detector.state()).update(100.0, at)

    beyond = getattr(said, side) + (0.01 if side == "high" else -0.01)

    assert said.score < THRESHOLD
    assert detector.update(beyond, at).score >= THRESHOLD


def test_the_flat_noon_of_a_weekend_is_normal_and_on_a_working_day_it_is_not():
    rng = random.Random(1)
    wednesday, saturday = 37, 40
    flat = {wednesday} | {day for day in range(42) if day % 7 >= 5}
    values = [
        100 + (20 if number // DAY in flat else 50) * math.sin(2 * math.pi * number / DAY) + rng.gauss(0, 2)
        for number in range(42 * DAY)
    ]

    days = [window // DAY for window in alarms(values)]

    assert wednesday in days
    assert not {saturday - 7, saturday - 6, saturday, saturday + 1} & set(days)


def test_a_season_is_learnt_and_a_gap_found_through_windows_that_are_missing():
    rng = random.Random(1)
    values = daily(21)
    noon = 15 * DAY + DAY // 2
    values[noon : noon + 12] = [55.0] * 12
    detector = Detector()
    there = [number for number in range(len(values)) if rng.random() < 0.7]

    found = [number for number in there if detector.update(values[number], MONDAY + number * 300).score >= THRESHOLD]

    assert [window for window in found if noon <= window < noon + 12]
    assert len([window for window in found if not noon <= window < noon + 12]) <= 5


@pytest.mark.parametrize("every", [60, 300, 900, 3600])
def test_a_spike_is_found_in_windows_of_any_length(every):
    values = noise(3000)
    values[2000] += 12

    assert 2000 in alarms(values, every)


def test_a_change_of_what_never_changed_is_found_and_then_normal():
    found = alarms([5.0] * 1000 + [5.1] * 2000)

    assert found[0] == 1000
    assert len(found) <= 4
    assert found[-1] < 1100


def test_what_never_changes_is_normal_even_where_it_cannot_be_written_exactly():
    assert alarms([0.1] * 3000) == []
    assert alarms([0.1 + (number % 2) * 1e-17 for number in range(3000)]) == []


def test_spikes_that_come_again_and_again_become_normal():
    values = noise(12_000, around=10)
    for window in range(150, 12_000, 150):
        values[window] += 50

    assert len([window for window in alarms(values) if window >= 6000]) <= 2


@pytest.mark.parametrize(
    ("draw", "at_most"),
    [
        pytest.param(lambda rng: rng.random(), 1, id="even"),
        pytest.param(lambda rng: rng.gauss(0, 1), 4, id="a bell curve"),
        pytest.param(lambda rng: float(sum(rng.random() < 0.05 for _ in range(60))), 4, id="counts"),
        pytest.param(lambda rng: rng.expovariate(1), 9, id="a heavy tail"),
        pytest.param(lambda rng: rng.paretovariate(1.5), 10, id="a tail without variance"),
    ],
)
def test_noise_alone_stays_quiet(draw, at_most):
    """In 5,000 windows, on the mean of three series of each kind."""
    found = []
    for seed in SEEDS:
        rng = random.Random(seed)
        found.append(len(alarms(draw(rng) for _ in range(5000))))

    assert mean(found) <= at_most


@pytest.mark.parametrize("factor", [1e-9, 1e9, -1.0])
def test_the_unit_of_a_series_makes_no_difference(factor):
    values = daily(7) + noise(500, around=150)

    assert alarms(value * factor for value in values) == alarms(values)


def test_nothing_is_said_before_there_is_something_to_compare_with():
    assert [verdict.score for verdict in verdicts(noise(150))] == [0.0] * 150


def test_an_alarm_is_not_repeated_while_the_anomaly_lasts_unless_it_grows():
    values = noise(2000)
    values[1000:1020] = [120.0] * 20
    values[1020] = 10_000.0

    found = [window for window in alarms(values) if window >= 1000]

    assert found[0] == 1000
    assert len([window for window in found if window < 1020]) <= 3
    assert 1020 in found


def test_the_verdict_knows_nothing_of_what_comes_later():
    values = daily(10)

    assert verdicts(values)[: 5 * DAY] == verdicts(values[: 5 * DAY])


def test_a_value_that_is_no_number_counts_as_missing():
    values = noise(1000)
    holed = [*values[:500], math.nan, math.inf, *values[500:]]
    detector, whole = Detector(), Detector()

    said = [detector.update(value, MONDAY) for value in holed]

    assert said[:500] + said[502:] == [whole.update(value, MONDAY) for value in values]
    assert [said[500].score, said[501].score] == [0, 0]
    assert detector.state() == whole.state()


def test_the_state_does_not_grow():
    detector, sizes = Detector(), []
    for number, value in enumerate(noise(20_000)):
        detector.update(value * 1.23456789e5, MONDAY + number * FIVE_MINUTES)
        if number % 4000 == 3999:
            sizes.append(len(json.dumps(detector.state())))

    assert all(later <= earlier + 30 for earlier, later in pairwise(sizes))
    assert max(sizes) < 8192


@given(st.lists(NUMBERS, max_size=300), st.lists(NUMBERS, min_size=1, max_size=50), st.floats(0, 4e9))
@settings(max_examples=50, deadline=None)
def test_it_goes_on_from_its_state_as_if_it_had_never_stopped(before, after, start):
    detector = Detector()
    for number, value in enumerate(noise(250) + before):
        detector.update(value, start + number * 60)
    other = Detector(json.loads(json.dumps(detector.state(), allow_nan=False)))

    for number, value in enumerate(after):
        at = start + number * 3600
        assert other.update(value, at) == detector.update(value, at)
    assert other.state() == detector.state()


@given(st.lists(st.tuples(NUMBERS, st.floats()), max_size=500), st.booleans())
@settings(max_examples=100, deadline=None)
def test_whatever_comes_the_verdict_is_made_of_numbers(pairs, warm):
    detector = Detector()
    for number, value in enumerate(noise(300) if warm else []):
        detector.update(value, number * 60)

    for value, at in pairs:
        verdict = detector.update(value, at)
        assert all(map(math.isfinite, verdict))
        assert 0 <= verdict.score <= 1
        assert verdict.low <= verdict.expected <= verdict.high
    json.dumps(detector.state(), allow_nan=False)


def test_a_state_that_was_taken_is_not_changed_by_what_comes_after():
    detector = Detector()
    for value in noise(300):
        detector.update(value, MONDAY)
    state = detector.state()
    kept = json.dumps(state)

    for value in noise(300, seed=2):
        detector.update(value, MONDAY)
        Detector(state).update(value, MONDAY)

    assert json.dumps(state) == kept

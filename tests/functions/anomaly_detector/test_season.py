from __future__ import annotations

import pytest

from streamctl.functions.anomaly_detector.season import Season

from .series import DAY, MONDAY, daily, noise


def after(values, every=300):
    season = Season()
    for number, value in enumerate(values):
        at = MONDAY + number * every
        season.learn(value - season.expected(value, at), at)
    return season


def test_the_first_value_is_its_own_forecast():
    assert Season().expected(7.0, MONDAY) == 7.0


def test_what_has_no_season_is_expected_to_stay():
    season = after(noise(14 * DAY))

    assert [season.expected(0.0, MONDAY + 14 * 86_400 + hour * 3600) for hour in range(24)] == pytest.approx(
        [100] * 24, abs=1.5
    )


def test_hours_are_told_apart():
    season = after(daily(14))

    assert season.expected(0.0, MONDAY + 14 * 86_400) == pytest.approx(50, abs=10)
    assert season.expected(0.0, MONDAY + 14 * 86_400 + 43_200) == pytest.approx(150, abs=10)


def test_between_two_hours_lies_what_is_between_them():
    """At the edge of two hours of 50 and 100 it is 75, whichever of them is asked."""
    season = Season()
    season.learn(0.0, MONDAY)
    season.hours[3], season.hours[4] = 50.0, 100.0
    season.hours_seen[3] = season.hours_seen[4] = 1

    middle, edge = MONDAY + 3.5 * 3600, MONDAY + 4 * 3600
    assert season.expected(0.0, middle) == 50.0
    assert season.expected(0.0, edge - 0.001) == pytest.approx(75, abs=0.01)
    assert season.expected(0.0, edge + 0.001) == pytest.approx(75, abs=0.01)


def test_days_of_the_week_are_told_apart():
    week = [100.0 + (50.0 if number // 24 % 7 == 2 and number % 24 == 12 else 0.0) for number in range(10 * 168)]
    season = after(week, every=3600)

    wednesday = season.expected(0.0, MONDAY + (70 * 24 + 2 * 24 + 12) * 3600 + 1800)
    thursday = season.expected(0.0, MONDAY + (70 * 24 + 3 * 24 + 12) * 3600 + 1800)

    assert wednesday > thursday + 15


@pytest.mark.parametrize("every", [60, 300, 900])
def test_a_day_is_learnt_from_windows_of_any_length(every):
    values = [150.0 if number * every // 3600 % 24 == 12 else 50.0 for number in range(10 * 86_400 // every)]

    season = after(values, every)

    assert season.expected(0.0, MONDAY + 10 * 86_400 + 12.5 * 3600) > 125
    assert season.expected(0.0, MONDAY + 10 * 86_400 + 15.5 * 3600) < 75


def test_a_restless_hour_allows_for_more():
    values = [100.0 + (20.0 if number // 12 % 24 == 9 else 1.0) * (-1) ** number for number in range(7 * DAY)]
    season = after(values)

    assert season.deviation(MONDAY + 9 * 3600) > 5 * season.deviation(MONDAY + 15 * 3600)

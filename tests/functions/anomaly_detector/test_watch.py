"""One series under watch: when an anomaly opens, goes on and is over."""

import json
from typing import Any

import pytest

from streamctl.functions.anomaly_detector.watch import WINDOWS_REMEMBERED, News, Watch

from .bench import SETTINGS, OverFive, Verdict

CALM, LOUD = 1.0, 9.0


def watched(watch: Watch, *values: float, first: int = 0) -> list[News]:
    seen = [watch.see(60 * (first + place), value) for place, value in enumerate(values)]
    return [news for _, news in seen if news]


def test_an_anomaly_opens_once_and_is_over_after_calm_windows_in_a_row():
    watch = Watch("clicks", SETTINGS, OverFive)

    news = watched(watch, CALM, LOUD, LOUD, CALM, LOUD, CALM, CALM, CALM)

    opened, cleared = news
    assert (opened.sort, opened.finding.start, opened.finding.status) == ("opened", 60, "open")
    assert (cleared.sort, cleared.finding.start, cleared.finding.status) == ("cleared", 60, "cleared")
    assert (cleared.finding.last_start, cleared.finding.cleared_start) == (240, 300)
    assert watch.changed == {60: cleared.finding}


def test_a_window_out_of_the_expected_range_is_not_calm_though_the_detector_repeats_nothing():
    class SaysItOnce(OverFive):
        def update(self, value: float, at: float) -> Verdict:
            verdict = super().update(value, at)
            return verdict if self.seen == 2 else verdict._replace(score=0.0)

    watch = Watch("clicks", SETTINGS, SaysItOnce)

    news = watched(watch, CALM, LOUD, LOUD, LOUD, CALM, CALM)

    assert [(each.sort, each.finding.last_start) for each in news] == [("opened", 60), ("cleared", 180)]


def test_a_value_that_misses_the_range_by_its_rounding_is_in_it():
    class Exact(OverFive):
        def update(self, value: float, at: float) -> Verdict:
            return Verdict(1.0 if value == LOUD else 0.0, 1.0, 1.0, 1.0)

    watch = Watch("clicks", SETTINGS, Exact)

    assert [news.sort for news in watched(watch, LOUD, 1.0000001, 0.9999999)] == ["opened", "cleared"]


def test_nothing_opens_during_the_warm_up():
    watch = Watch("clicks", SETTINGS._replace(warm_up_windows=3), OverFive)

    assert [news.finding.start for news in watched(watch, LOUD, LOUD, LOUD, LOUD)] == [180]


def test_a_lower_threshold_finds_more():
    class HalfSure(OverFive):
        def update(self, value: float, at: float) -> Verdict:
            return Verdict(0.4, value, value, value)

    assert watched(Watch("clicks", SETTINGS, HalfSure), CALM) == []
    assert len(watched(Watch("clicks", SETTINGS._replace(threshold=0.4), HalfSure), CALM)) == 1


@pytest.mark.parametrize(("series", "low"), [("clicks", 0.0), ("purchase_amount", -2.0)])
def test_only_a_number_of_events_has_to_be_above_zero(series, low):
    class Wide(OverFive):
        def update(self, value: float, at: float) -> Verdict:
            return super().update(value, at)._replace(low=-2.0)

    watch = Watch(series, SETTINGS, Wide)

    (opened,) = watched(watch, LOUD)

    assert opened.finding.low == low
    assert put_down(watch)["history"] == [[0, LOUD, 3.0, low, 5.0, 1.0]]


@pytest.mark.parametrize("cut", range(1, 8))
def test_a_watch_goes_on_from_its_state(cut):
    values = [CALM, LOUD, LOUD, CALM, CALM, LOUD, CALM, CALM]
    whole = Watch("clicks", SETTINGS, OverFive)
    expected = watched(whole, *values)

    first = Watch("clicks", SETTINGS, OverFive)
    news = watched(first, *values[:cut])
    second = Watch("clicks", SETTINGS, OverFive, put_down(first))
    news += watched(second, *values[cut:], first=cut)

    assert news == expected
    assert put_down(second) == put_down(whole)


def test_another_width_begins_the_series_anew_and_an_open_anomaly_still_ends():
    first = Watch("clicks", SETTINGS, OverFive)
    watched(first, CALM, LOUD)

    second = Watch("clicks", SETTINGS._replace(window_seconds=600), OverFive, put_down(first))

    assert [news.sort for news in watched(second, CALM, CALM)] == ["cleared"]
    assert put_down(second)["detector"] == {"seen": 2}
    assert len(put_down(second)["history"]) == 2


def test_only_so_many_windows_are_remembered():
    watch = Watch("clicks", SETTINGS, OverFive)

    watched(watch, *[CALM] * (WINDOWS_REMEMBERED + 5))

    state = put_down(watch)
    assert len(state["history"]) == WINDOWS_REMEMBERED
    assert state["history"][-1][0] == 60 * (WINDOWS_REMEMBERED + 4)
    assert watch.changed == {}


def put_down(watch: Watch) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(json.dumps(watch.state()))
    return state

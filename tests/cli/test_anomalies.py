from __future__ import annotations

from streamctl.cli.anomalies import plot
from streamctl.observe.anomalies import Anomaly, History, Point


def history(*values: float) -> History:
    points = (Point(60 * place, value, 3.0, 2.0, 4.0, 0.0) for place, value in enumerate(values))
    return History("clicks", "clicks", 60, tuple(points), None)


def anomaly(start: int, last_start: int) -> Anomaly:
    return Anomaly("clicks", "cleared", start, 60, 8.0, 3.0, 2.0, 4.0, 0.9, 0.9, last_start, last_start + 60)


def test_values_stand_on_one_scale_with_their_expected_range_and_anomalies_are_marked() -> None:
    title, high, value, low, marks, end = plot(history(3, 8, 3, 0, 3), [anomaly(60, 180)])

    assert title.startswith("clicks (clicks): 3 in the 60 s from ")
    assert title.endswith(", expected 2 to 4")
    assert (high, value, low, marks, end) == (
        "  highest expected ▅▅▅▅▅",
        "  value            ▄█▄▁▄",
        "  lowest expected  ▃▃▃▃▃",
        "  anomalies        ·▲◆▼·",
        "",
    )


def test_only_the_last_windows_are_shown() -> None:
    _, high, *_ = plot(history(*[3.0] * 500), [])

    assert len(high) == len("  highest expected ") + 60


def test_a_series_without_windows_says_so() -> None:
    assert plot(History("clicks", "clicks", None, ()), []) == ["clicks (clicks): no window was judged yet", ""]


def test_a_series_that_is_only_learned_from_says_how_far_that_is() -> None:
    points = (Point(0, 3.0, 3.0, 2.0, 4.0, 0.0),)

    still, done = (plot(History("clicks", "clicks", 60, points, None, seen), [], 250) for seen in (249, 250))

    assert still[-2:] == ["  Still learning: 249 of 250 windows; no anomaly is told before.", ""]
    assert not any("learning" in line for line in done)

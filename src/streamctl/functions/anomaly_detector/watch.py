"""One series under watch: what the detector says of each window, and the anomaly that is open, if any.

An anomaly is an episode. It opens with the first window whose score reaches the threshold, and is over after some calm
windows in a row. The detector does not say again what it has said, so a window is calm only where its value is also
back in the expected range.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from .series import SERIES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .settings import Settings

WINDOWS_REMEMBERED = 240
ROUNDING = 1e-6
"""The part of a value by which it may miss the range and still be in it: the range is that of rounded numbers."""
DIGITS = 6


class Verdict(Protocol):
    """What is used of a detector's verdict."""

    @property
    def score(self) -> float: ...
    @property
    def expected(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


class Detector(Protocol):
    """What is used of a detector."""

    def update(self, value: float, at: float) -> Verdict: ...
    def state(self) -> dict[str, Any]: ...


class Finding(NamedTuple):
    """One anomaly, with the window that it opened with."""

    series: str
    start: int
    """Of that window, epoch seconds."""
    window_seconds: int
    value: float
    expected: float
    low: float
    high: float
    score: float
    highest_score: float
    """Of all its windows."""
    last_start: int
    """Of its last window that was not calm."""
    status: Literal["open", "cleared"] = "open"
    cleared_start: int | None = None
    """Of the first of the calm windows that ended it."""


class News(NamedTuple):
    """What a window brought: an anomaly that was not told yet, or one that is over."""

    sort: Literal["opened", "cleared"]
    finding: Finding


class Watch:
    """The watch over one series; `state` is that of another one that this one goes on from.

    With another width of windows the detector begins anew: its values are others. An open anomaly stays open until it
    has been calm for long enough.
    """

    def __init__(
        self,
        series: str,
        settings: Settings,
        detector: Callable[[Mapping[str, Any] | None], Detector],
        state: Mapping[str, Any] | None = None,
    ) -> None:
        kept = state if state and state["width"] == settings.window_seconds else None
        self._series = series
        self._settings = settings
        self._detector = detector(kept["detector"] if kept else None)
        self._seen: int = kept["seen"] if kept else 0
        self._history: list[list[float]] = list(kept["history"]) if kept else []
        self._open = Finding(**state["open"]) if state and state["open"] else None
        self._calm: int = state["calm"] if state else 0
        self.changed: dict[int, Finding] = {}
        """Findings that are new or have changed, by their start."""

    def state(self) -> dict[str, Any]:
        """Plain JSON, of 20 KB at most."""
        return {
            "width": self._settings.window_seconds,
            "detector": self._detector.state(),
            "seen": self._seen,
            "history": self._history,
            "open": self._open._asdict() if self._open else None,
            "calm": self._calm,
        }

    def see(self, start: int, value: float) -> tuple[float, News | None]:
        """The next window's score, and what it brought."""
        verdict = self._detector.update(value, float(start))
        self._seen += 1
        of_window = [value, verdict.expected, self._low(verdict), verdict.high, verdict.score]
        self._history = [*self._history, [start, *map(_rounded, of_window)]][-WINDOWS_REMEMBERED:]
        is_anomaly = verdict.score >= self._settings.threshold and self._seen > self._settings.warm_up_windows
        before = self._open
        news = self._judge(start, value, verdict, is_anomaly=is_anomaly)
        if self._open and self._open is not before:
            self.changed[self._open.start] = self._open
        if news and news.sort == "cleared":
            self.changed[news.finding.start], self._open = news.finding, None
        return verdict.score, news

    def _judge(self, start: int, value: float, verdict: Verdict, *, is_anomaly: bool) -> News | None:
        if self._open is None:
            if not is_anomaly:
                return None
            self._open, self._calm = self._found(start, value, verdict), 0
            return News("opened", self._open)
        if is_anomaly or not _is_expected(value, verdict):
            self._calm = 0
            highest = max(self._open.highest_score, verdict.score)
            self._open = self._open._replace(last_start=start, highest_score=highest)
            return None
        self._calm += 1
        if self._calm < self._settings.clear_after_windows:
            return None
        first_calm = self._open.last_start + self._settings.window_seconds
        return News("cleared", self._open._replace(status="cleared", cleared_start=first_calm))

    def _found(self, start: int, value: float, verdict: Verdict) -> Finding:
        band = verdict.expected, self._low(verdict), verdict.high
        return Finding(
            self._series, start, self._settings.window_seconds, value, *band, verdict.score, verdict.score, start
        )

    def _low(self, verdict: Verdict) -> float:
        """Nobody expects a number of events below zero; the detector does not know what it is given."""
        return max(verdict.low, 0.0) if SERIES[self._series].kind == "count" else verdict.low


def _is_expected(value: float, verdict: Verdict) -> bool:
    slack = ROUNDING * max(abs(value), abs(verdict.expected))
    return verdict.low - slack <= value <= verdict.high + slack


def _rounded(number: float) -> float:
    return float(f"{number:.{DIGITS}g}")

"""One change of what is remembered: some arrivals put into their windows, some windows closed and judged."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from .series import SERIES
from .store import Change
from .watch import Watch
from .windows import Windows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .arrival import Arrival
    from .settings import Settings
    from .store import Store
    from .watch import Detector, News
    from .windows import Closed, Fate

CLOSED_AT_ONCE = 8
"""Windows in one change: a transaction holds 100 items, and each window may bring a finding to every second series."""


class Scores(NamedTuple):
    """One series over the windows that were closed."""

    opened: list[int]
    """1 for a window that opened an anomaly, else 0."""
    scores: list[float]


class Done(NamedTuple):
    """What a change brought."""

    fates: Mapping[Fate, int]
    again: int
    """Arrivals that were in the windows already."""
    closed: int
    scores: Mapping[str, Scores]
    news: Sequence[News]
    is_behind: bool
    """More windows are over than were closed."""


class Changer:
    """Changes what `store` holds. Every method may raise CallError."""

    def __init__(
        self, store: Store, settings: Settings, detector: Callable[[Mapping[str, Any] | None], Detector]
    ) -> None:
        self._store = store
        self._settings = settings
        self._detector = detector

    def apply(self, arrivals: Sequence[Arrival], now: int) -> Done:
        """Count each arrival once, whoever counted it, and judge the windows that are over; `now` is epoch seconds."""
        settings = self._settings
        version, state = self._store.snapshot()
        windows = Windows(settings.window_seconds, settings.allowed_lateness_seconds, state)
        if arrivals:
            windows.read(max(arrival.arrived_at for arrival in arrivals), now)
        applied = self._store.applied({arrival.arrived_at for arrival in arrivals})
        fates, changed = _counted(arrivals, windows, applied)
        closed = windows.close(CLOSED_AT_ONCE)
        watches = self._watches() if closed else {}
        scores, news = self._judged(closed, watches)
        if fates or closed:
            self._store.commit(
                Change(
                    version,
                    windows.state(),
                    changed,
                    {name: watch.state() for name, watch in watches.items()},
                    [finding for watch in watches.values() for finding in watch.changed.values()],
                    now,
                )
            )
        again = len(arrivals) - sum(fates.values())
        return Done(fates, again, len(closed), scores, news, windows.has_closed)

    def _watches(self) -> dict[str, Watch]:
        states = self._store.series(self._settings.series)
        return {name: Watch(name, self._settings, self._detector, states.get(name)) for name in self._settings.series}

    def _judged(self, closed: Sequence[Closed], watches: Mapping[str, Watch]) -> tuple[dict[str, Scores], list[News]]:
        found: defaultdict[str, Scores] = defaultdict(lambda: Scores([], []))
        all_news: list[News] = []
        for start, tally in closed:
            for name, watch in watches.items():
                value = SERIES[name].value(tally, name)
                if value is None:
                    continue
                score, news = watch.see(start, value)
                found[name].opened.append(int(news is not None and news.sort == "opened"))
                found[name].scores.append(score)
                all_news += [news] if news else []
        return found, all_news


def _counted(
    arrivals: Sequence[Arrival], windows: Windows, applied: Mapping[int, frozenset[bytes]]
) -> tuple[dict[Fate, int], dict[int, frozenset[bytes]]]:
    """How many new arrivals met which fate, and who has met one of the seconds that changed."""
    fates: defaultdict[Fate, int] = defaultdict(int)
    known = {second: set(identities) for second, identities in applied.items()}
    changed: set[int] = set()
    for arrival in arrivals:
        there = known.setdefault(arrival.arrived_at, set())
        if arrival.identity in there:
            continue
        fates[windows.add(arrival)] += 1
        there.add(arrival.identity)
        changed.add(arrival.arrived_at)
    return dict(fates), {second: frozenset(known[second]) for second in changed}

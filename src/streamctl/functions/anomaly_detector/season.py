"""What is expected now: a level that follows the series, an offset for the hour of the day, another for the hour of the
week; each learns from what those before it left unexplained, the fewer values it has had the faster.
"""

from __future__ import annotations

from array import array

from .memory import Memory

LEVEL_RATE = 0.01
"""A level shift is taken in within some hundred windows of FULL or more."""
OFFSET_RATE = 0.1
"""An hour's offset is made of its last ten values or so."""
SPREAD_RATE = 0.0005
"""How far values usually are from the forecast at any hour is an affair of weeks."""
FULL = 300.0
"""Seconds since the last value from which on a value counts in full. If those of shorter windows did too, an hour would
know only its own last minutes, and the level would follow the day."""
WEEK_SHARE = 0.5
"""How much of a residual the hour of the week takes, in which there are seven times fewer values than in the hour of
the day."""
HOURS, WEEK = 24, 168


class Season(Memory):
    """Forecast and usual deviation of one series."""

    def __init__(self) -> None:
        self.seen = 0
        self.last = 0.0
        self.level = 0.0
        self.spread = 0.0
        self.hours = array("f", bytes(4 * HOURS))
        self.hour_spreads = array("f", bytes(4 * HOURS))
        self.hours_seen = array("B", bytes(HOURS))
        self.week = array("f", bytes(4 * WEEK))
        self.week_seen = array("B", bytes(WEEK))

    def expected(self, value: float, at: float) -> float:
        """The forecast for `at` (epoch seconds UTC); the first value is its own forecast."""
        if not self.seen:
            self.level = value
        hour = int(at // 3600) % HOURS
        if not self.hours_seen[hour]:
            self.hours[hour] = self.hours[hour - 1] / 2  # the best guess while it may as well be chance
        from_middle = at / 3600 % 1.0 - 0.5
        beside = (hour + (1 if from_middle > 0 else -1)) % HOURS
        daily = self.hours[hour]
        if self.hours_seen[beside]:
            daily += abs(from_middle) * (self.hours[beside] - daily)
        return self.level + daily + self.week[int(at // 3600) % WEEK]

    def deviation(self, at: float) -> float:
        """How far values usually are from the forecast at this hour; 0 while none was."""
        hour = int(at // 3600) % HOURS
        seen = self.hours_seen[hour]
        return (self.hour_spreads[hour] * seen + self.spread * 3) / (seen + 3) + 0.05 * self.spread

    def learn(self, residual: float, at: float) -> None:
        """What the forecast for `at` left unexplained."""
        hour, weekly = int(at // 3600) % HOURS, int(at // 3600) % WEEK
        size = abs(residual)
        share = min(max(abs(at - self.last), 1.0) / FULL, 1.0)
        self.last = at
        self.seen += 1
        self.hours_seen[hour] = seen = min(self.hours_seen[hour] + 1, 255)
        self.week_seen[weekly] = week_seen = min(self.week_seen[weekly] + 1, 255)
        self.hour_spreads[hour] += max(share * OFFSET_RATE, 1 / seen) * (size - self.hour_spreads[hour])
        self.spread += max(share * SPREAD_RATE, 1 / self.seen) * (size - self.spread)
        self.level += max(share * LEVEL_RATE, 1 / self.seen) * residual
        self.hours[hour] += max(share * OFFSET_RATE, 1 / (seen + 1)) * residual
        self.week[weekly] += WEEK_SHARE * max(share * OFFSET_RATE, 1 / (week_seen + 4)) * residual

"""Whether the last values are spread as those of the long run: the relative entropy of two histograms that fade.

The bins are even in the hyperbolic tangent of a value's distance from the mean, so that they are fine where most
values lie and none is outside.
"""

from __future__ import annotations

import math
from array import array

from .memory import Memory

BINS = 16
SHORT, LONG = 16, 1000
"""Windows that the two histograms, and the mean, reach back."""
WIDTH = 3.0
"""Mean deviations from the mean at which the bins are 2.4 times as wide as in the middle."""
RARE = 1e-3
"""What a bin weighs that was empty for long, so that one value in it is no proof."""


class Distribution(Memory):
    """The short and the long histogram of one series."""

    def __init__(self) -> None:
        self.seen = 0
        self.mean = 0.0
        self.spread = 0.0
        self.short = array("d", [1 / BINS] * BINS)
        self.long = array("d", [1 / BINS] * BINS)

    def divergence(self, value: float) -> float:
        """Relative entropy, in nats and not below 0, of the last values, this one among them, against those before."""
        self.seen += 1
        place = self._bin(value)
        rate = max(1 / SHORT, 1 / self.seen)
        short = array("d", [share * (1 - rate) for share in self.short])
        short[place] += rate
        pairs = zip(short, self.long, strict=True)
        found = sum([share * math.log((share + 1e-9) / (usual + RARE)) for share, usual in pairs])
        self._learn(value, short)
        return max(found, 0.0)

    def _bin(self, value: float) -> int:
        distance = (value - self.mean) / self.spread if self.spread else 0.0
        return min(int(BINS / 2 * (1 + math.tanh(distance / WIDTH))), BINS - 1)

    def _learn(self, value: float, short: array[float]) -> None:
        rate = max(1 / LONG, 1 / self.seen)
        self.short = short
        pairs = zip(short, self.long, strict=True)
        self.long = array("d", [usual + rate * (share - usual) for share, usual in pairs])
        away = value - self.mean if self.seen > 1 else 0.0
        if self.seen == 1:
            self.mean = value
        self.mean += rate * away
        self.spread += rate * (abs(away) - self.spread)

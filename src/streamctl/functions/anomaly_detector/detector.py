"""The detector: one value a window in, a verdict out, from nothing but the past of the same series.

Four signals look at a value, each for another kind of anomaly: its distance from the seasonal forecast (spikes, missing
peaks), the unrest of the last forecasts (level shifts, bursts), the novelty of the shape that the last values make
(patterns), and the divergence of their distribution (a changed mixture, a flat line). Each signal's strength becomes
evidence by its rarity in that signal's own past, so all are on one scale whatever the series; the score is made of
their root mean square. An alarm is not repeated: for some time after it, only a much stronger one counts.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from .distribution import Distribution
from .memory import Memory
from .novelty import Novelty
from .season import Season
from .tail import Tail

if TYPE_CHECKING:
    from collections.abc import Mapping

THRESHOLD = 0.5
"""The score from which on a value is an anomaly."""
ENOUGH = 1.6
"""The evidence, of all signals together, that is worth the threshold."""
REST = 100
"""Windows after an alarm in which only a stronger one is let through."""
STRONGER = 1.3
"""How many times its evidence that one must have."""
SHORT, LONG = 16, 300
"""Windows over which unrest is felt, and against which it is held."""
LARGEST = 1e30
"""Larger values are taken for this one, so that no square overflows."""
NOISE = 1e-6
"""The part of a value's usual size below which a difference is rounding: the tables keep single precision."""


class Verdict(NamedTuple):
    """What is to be thought of one value."""

    score: float
    """0 (normal) ... 1 (anomalous); an anomaly from THRESHOLD on. A repeated alarm scores 0."""
    expected: float
    """The forecast."""
    low: float
    """Below it the value alone, whatever the other signals say, is an anomaly."""
    high: float
    """Above it the value alone is an anomaly."""


class Unrest(Memory):
    """How large the last residuals are against those before: a difference of two fading means."""

    def __init__(self) -> None:
        self.seen = 0
        self.short = 0.0
        self.long = 0.0

    def change(self, size: float) -> float:
        self.seen += 1
        self.short += max(1 / SHORT, 1 / self.seen) * (size - self.short)
        found = abs(self.short - self.long) if self.seen > 1 else 0.0
        self.long += max(1 / LONG, 1 / self.seen) * (size - self.long)
        return found


class Rest(Memory):
    """Suppresses what repeats the last alarm."""

    def __init__(self) -> None:
        self.left = 0
        self.last = 0.0

    def let_through(self, evidence: float) -> float:
        """The evidence; 0 while an alarm is fresh and this is not much stronger."""
        if self.left:
            self.left -= 1
            if evidence <= self.last * STRONGER:
                return 0.0
        if evidence >= ENOUGH:
            self.left, self.last = REST, evidence
        return evidence


class Detector:
    """The detector of one series."""

    def __init__(self, state: Mapping[str, Any] | None = None) -> None:
        """A new one, or one that goes on exactly where another's `state` was taken."""
        self._season, self._unrest, self._novelty, self._distribution = Season(), Unrest(), Novelty(), Distribution()
        self._rest = Rest()
        self._tails = [Tail() for _ in range(4)]
        for name, part in self._parts().items():
            if state is not None:
                part.restore(state[name])

    def state(self) -> dict[str, Any]:
        """All that is remembered, as plain JSON of at most 8 KB."""
        return {name: part.state() for name, part in self._parts().items()}

    def update(self, value: float, at: float) -> Verdict:
        """The verdict on the value of the window at `at`, epoch seconds UTC, by what came before; then learns it.

        Windows may be missing and of any length. A value or a time that is no finite number counts as missing.
        """
        if not (math.isfinite(value) and math.isfinite(at)):
            return Verdict(0.0, self._season.level, self._season.level, self._season.level)
        value = min(max(value, -LARGEST), LARGEST)
        expected = self._season.expected(value, at)
        deviation = self._season.deviation(at)
        width = self._tails[0].limit(2 * ENOUGH) * deviation
        evidence = self._rest.let_through(self._evidence(value, at, expected, deviation))
        return Verdict(1.0 - 0.5 ** (evidence / ENOUGH), expected, expected - width, expected + width)

    def _evidence(self, value: float, at: float, expected: float, deviation: float) -> float:
        """Root mean square of the four signals' evidence; every part learns the value."""
        rounding = NOISE * max(abs(value), abs(expected))
        residual = value - expected if abs(value - expected) > rounding else 0.0
        distance = self._novelty.distance(value)
        strengths = (
            abs(residual) / deviation if deviation else 0.0,
            self._unrest.change(abs(residual)),
            distance if distance > rounding else 0.0,
            self._distribution.divergence(value),
        )
        self._season.learn(residual, at)
        squares = [tail.evidence(strength) ** 2 for tail, strength in zip(self._tails, strengths, strict=True)]
        return math.sqrt(sum(squares) / len(squares))

    def _parts(self) -> dict[str, Memory]:
        tails = {f"tail{number}": tail for number, tail in enumerate(self._tails)}
        return {
            "season": self._season,
            "unrest": self._unrest,
            "novelty": self._novelty,
            "distribution": self._distribution,
            "rest": self._rest,
            **tails,
        }

"""How rare a strength is among all that a signal has had: the tail beyond its largest values, after Hill.

The few largest strengths are kept. Beyond the smallest of them the tail is taken to be Pareto's, with the index that
Hill (1975) estimates from the kept ones, drawn a little towards a light tail while there are few. The evidence of a
strength is then -log10 of how many as large are to be expected within the memory, plus an offset: it needs no scale,
so strengths of any unit and any series can be set side by side.
"""

from __future__ import annotations

import math
from array import array
from bisect import insort

from .memory import Memory

KEPT = 20
"""Strengths."""
WARM_UP = 200
"""Windows before anything counts as evidence."""
HORIZON = 50_000
"""Windows after which a kept strength has faded to 1/e."""
UNHEARD_OF = 3.0
"""The evidence of a strength that is to be expected once in the memory; also of the first one that is not zero."""
LIGHTEST = 0.2
"""The smallest index. A bell curve's tail is a little lighter: so much doubt is left that a series has one."""
PRIOR = 3
"""How many kept strengths the lightest tail weighs as much as."""
MOST, STRONGEST = 100.0, 1e100
"""Evidence and strength are cut here, far beyond what matters, so that nothing overflows."""
FAINTEST = 1e-200
FADING = 100
"""Windows between two fadings of what is kept: one a window would cost more than all else."""


class Tail(Memory):
    """The largest strengths of one signal."""

    def __init__(self) -> None:
        self.seen = 0
        self.largest: array[float] = array("d")

    def evidence(self, strength: float) -> float:
        """Of a strength >= 0, which is then kept if it is among the largest; 0 for one that is not."""
        strength = min(strength, STRONGEST)
        found = self._evidence(strength) if self.seen >= WARM_UP else 0.0
        self._keep(strength)
        return found

    def limit(self, evidence: float) -> float:
        """The strength that has so much evidence; 0 before there was any."""
        if not self.largest:
            return 0.0
        exponent = (evidence - UNHEARD_OF + math.log10(len(self.largest))) * self._index()
        return self.largest[0] * math.pow(10, min(max(exponent, 0.0), MOST))

    def _evidence(self, strength: float) -> float:
        if strength <= 0.0:
            return 0.0
        if not self.largest:
            return UNHEARD_OF
        if strength <= self.largest[0]:
            return 0.0
        beyond = (math.log10(strength) - math.log10(self.largest[0])) / self._index()
        return min(max(UNHEARD_OF - math.log10(len(self.largest)) + beyond, 0.0), MOST)

    def _index(self) -> float:
        smallest = math.log(self.largest[0])
        excess = sum(map(math.log, self.largest)) - smallest * len(self.largest)
        return max((excess + LIGHTEST * PRIOR) / (len(self.largest) - 1 + PRIOR), LIGHTEST)

    def _keep(self, strength: float) -> None:
        self.seen += 1
        if self.seen % FADING == 0:
            fading = (1.0 - 1.0 / HORIZON) ** FADING
            self.largest = array("d", (kept * fading for kept in self.largest if kept > FAINTEST))
        if strength > 0.0 and (len(self.largest) < KEPT or strength > self.largest[0]):
            insort(self.largest, strength)
            del self.largest[:-KEPT]

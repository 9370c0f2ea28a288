"""Made-up series with a seed, and what the detector says of them."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

from streamctl.functions.anomaly_detector.detector import THRESHOLD, Detector

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamctl.functions.anomaly_detector.detector import Verdict

MONDAY = 1_704_067_200
"""2024-01-01 00:00 UTC in epoch seconds."""
FIVE_MINUTES = 300
DAY = 288
"""Windows of five minutes in a day."""


def noise(count: int, *, around: float = 100.0, seed: int = 1) -> list[float]:
    """Bell-shaped, with a standard deviation of 1."""
    rng = random.Random(seed)
    return [rng.gauss(around, 1.0) for _ in range(count)]


def daily(days: int, *, seed: int = 1) -> list[float]:
    """50 at midnight, 150 at noon, and a little noise."""
    unrest = noise(days * DAY, around=100.0, seed=seed)
    return [value - 50 * math.cos(2 * math.pi * number / DAY) for number, value in enumerate(unrest)]


def verdicts(values: Iterable[float], every: float = FIVE_MINUTES) -> list[Verdict]:
    detector = Detector()
    return [detector.update(value, MONDAY + number * every) for number, value in enumerate(values)]


def alarms(values: Iterable[float], every: float = FIVE_MINUTES) -> list[int]:
    """The windows in which an anomaly was found."""
    return [number for number, verdict in enumerate(verdicts(values, every)) if verdict.score >= THRESHOLD]

"""What the function is told in its environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Settings(NamedTuple):
    pipeline: str
    series: tuple[str, ...]
    window_seconds: int
    allowed_lateness_seconds: int
    threshold: float
    """The score from which on a window is an anomaly."""
    warm_up_windows: int
    """So many windows of a series are only learned from."""
    clear_after_windows: int
    """So many calm windows in a row end an anomaly."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        return cls(
            environment["PIPELINE"],
            tuple(environment["SERIES"].split(",")),
            int(environment["WINDOW_SECONDS"]),
            int(environment["ALLOWED_LATENESS_SECONDS"]),
            float(environment["THRESHOLD"]),
            int(environment["WARM_UP_WINDOWS"]),
            int(environment["CLEAR_AFTER_WINDOWS"]),
        )

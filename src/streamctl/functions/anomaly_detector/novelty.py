"""Whether the last values make a shape that was seen before: how far they are from the nearest of remembered shapes.

A shape is the last few values in their order. Every tenth is remembered; once the memory is full, each takes the place
of one drawn by lot, and is itself passed over so often that shapes of the last several thousand windows are kept.
"""

from __future__ import annotations

from array import array
from math import dist
from typing import TYPE_CHECKING, Any

from .memory import Memory, packed, unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping

LENGTH = 6
"""Values in a shape."""
SHAPES = 64
NEAREST = 3
"""The distance is that of the third nearest, so that a shape is new until it came three times."""
EVERY = 10
"""Windows between two remembered shapes."""
LASTING = 8
"""The mean age at which a shape is forgotten, in fillings of the memory."""


class Novelty(Memory):
    """The shapes that one series has made."""

    def __init__(self) -> None:
        self.seen = 0
        self.lot = 1
        self.recent: tuple[float, ...] = ()
        self.shapes: list[tuple[float, ...]] = []

    def distance(self, value: float) -> float:
        """From the shape that `value` ends to the third nearest remembered one; 0 while there are too few."""
        self.recent = (*self.recent[1 - LENGTH :], value)
        found = 0.0
        if len(self.recent) == LENGTH:
            if len(self.shapes) > NEAREST:
                recent = self.recent
                found = sorted([dist(recent, shape) for shape in self.shapes])[NEAREST - 1]
            self._remember()
        return found

    def _remember(self) -> None:
        self.seen += 1
        if self.seen % EVERY:
            return
        shape = tuple(array("f", self.recent))  # as `state` keeps it
        if len(self.shapes) < SHAPES:
            self.shapes.append(shape)
            return
        # The generator of the C standard's example: the lot has to fall the same way after a restart.
        self.lot = (self.lot * 1103515245 + 12345) % 2**31
        place = (self.lot >> 8) % min(self.seen // EVERY, LASTING * SHAPES)
        if place < SHAPES:
            self.shapes[place] = shape

    def state(self) -> dict[str, Any]:
        flat = array("f", [number for shape in self.shapes for number in shape])
        return vars(self) | {"recent": list(self.recent), "shapes": packed(flat)}

    def restore(self, state: Mapping[str, Any]) -> None:
        super().restore(state)
        flat = unpacked(state["shapes"])
        self.recent = tuple(state["recent"])
        self.shapes = [tuple(flat[start : start + LENGTH]) for start in range(0, len(flat), LENGTH)]

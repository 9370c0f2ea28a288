"""What a part of the detector remembers, as plain JSON and back, to the last bit."""

from __future__ import annotations

import base64
from array import array
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Memory:
    """A part whose attributes are all it knows: numbers, and arrays of numbers."""

    def state(self) -> dict[str, Any]:
        """Plain JSON. An array is its type code and the base64 of its bytes: half as long as its digits."""
        return {name: packed(value) if isinstance(value, array) else value for name, value in vars(self).items()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave."""
        for name, value in state.items():
            setattr(self, name, unpacked(value) if isinstance(value, str) else value)


def packed(numbers: array[Any]) -> str:
    return numbers.typecode + base64.b64encode(numbers.tobytes()).decode()


def unpacked(text: str) -> array[Any]:
    return array(text[0], base64.b64decode(text[1:]))

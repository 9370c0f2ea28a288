from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from streamctl.emulator.repeating import repeat

if TYPE_CHECKING:
    from collections.abc import Callable


class Steps:
    """Ends itself at the last step."""

    def __init__(self, *outcomes: Callable[[], float]) -> None:
        self.left = list(outcomes)

    async def __call__(self) -> float:
        if not self.left:
            raise asyncio.CancelledError
        return self.left.pop(0)()


def fail() -> float:
    raise ValueError("not foreseen")


def test_what_fails_runs_again_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    steps = Steps(fail, fail, lambda: 0)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(repeat(steps, 0, "Saving"))
    assert steps.left == []
    assert [record.getMessage() for record in caplog.records] == ["Saving failed", "Saving failed"]
    assert "not foreseen" in caplog.text


def test_a_step_says_when_it_runs_again() -> None:
    steps = Steps(lambda: 1000.0, lambda: 0)

    async def for_a_moment() -> None:
        await asyncio.wait_for(repeat(steps, 0, "Saving"), timeout=0.1)

    with pytest.raises(TimeoutError):
        asyncio.run(for_a_moment())
    assert len(steps.left) == 1

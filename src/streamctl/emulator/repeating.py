"""What the child process does beside serving, again and again, whatever goes wrong in between."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)


async def repeat(step: Callable[[], Awaitable[float]], pause_seconds: float, what: str) -> None:
    """Run `step` for ever; it returns the seconds until it runs again. What it raises is logged, and it runs again."""
    pause = pause_seconds
    while True:
        await asyncio.sleep(pause)
        try:
            pause = await step()
        except Exception:  # the emulator must not end over it, least of all without its last save
            logger.exception("%s failed", what)
            pause = pause_seconds

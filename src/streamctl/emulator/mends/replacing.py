"""Replacing functions of MiniStack, which looks its handlers up by name at every call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


def replace(module: ModuleType, name: str, new: Callable[..., Any]) -> None:
    """Put `new` in the place of a function that must be there: a release that renamed it fails at start, not later."""
    if not callable(getattr(module, name)):
        raise TypeError(f"{module.__name__}.{name} is no function")
    setattr(module, name, new)


def after(module: ModuleType, name: str, step: Callable[..., Any]) -> None:
    """Let `step(*arguments, result)` decide what the function returns."""
    original = getattr(module, name)
    replace(module, name, lambda *arguments, **named: step(*arguments, original(*arguments, **named), **named))

"""An opened project: configuration, plugins, target, state and blueprint. Every command starts from one.

A name is loaded when it is first asked for: a command that asks AWS nothing needs little of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streamctl.workspace.home import Home
    from streamctl.workspace.opening import connect_here, name_meant, open_workspace, sketch_workspace
    from streamctl.workspace.region import region_ahead
    from streamctl.workspace.target import Request
    from streamctl.workspace.workspace import Workspace

_HOMES = {
    "Home": "home",
    "Request": "target",
    "Workspace": "workspace",
    "connect_here": "opening",
    "name_meant": "opening",
    "open_workspace": "opening",
    "region_ahead": "region",
    "sketch_workspace": "opening",
}
__all__ = [
    "Home",
    "Request",
    "Workspace",
    "connect_here",
    "name_meant",
    "open_workspace",
    "region_ahead",
    "sketch_workspace",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""An opened project: configuration, plugins, target, state and blueprint. Every command starts from one."""

from streamctl.workspace.home import Home
from streamctl.workspace.opening import connect_here, open_workspace, sketch_workspace
from streamctl.workspace.target import Request
from streamctl.workspace.workspace import Workspace

__all__ = ["Home", "Request", "Workspace", "connect_here", "open_workspace", "sketch_workspace"]

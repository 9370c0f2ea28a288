"""Commands that plugins add, in the entry-point group `streamctl.commands`.

Finding out that there is none must cost next to nothing: it is on the way of every help page.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from typer.main import get_group

if TYPE_CHECKING:
    from typer._click import Command

GROUP = "streamctl.commands"


def names() -> dict[str, str]:
    """Each command that is installed, with the distribution it is from."""
    if not _are_installed():
        return {}
    from importlib.metadata import entry_points

    return {entry.name: f"{entry.dist.name} {entry.dist.version}" for entry in entry_points(group=GROUP) if entry.dist}


def load(name: str) -> "Command | None":
    """The command of a plugin, or None where there is none of that name. Raises PluginError."""
    from streamctl.plugins import Catalogue

    plugin = Catalogue().command(name)
    if plugin is None:
        return None
    register = plugin.load()
    app = typer.Typer(rich_markup_mode=None)
    with plugin.blamed("cannot add its command"):
        register(app)
        commands = get_group(app).commands
    plugin.expect(name in commands, f"it adds no command called {name!r}.")
    return commands[name]


def _are_installed() -> bool:
    """Whether the metadata of any distribution names the group: a look at the files is a fraction of what importing
    `importlib.metadata` takes, and only where one does is that imported.
    """
    files = (file for folder in sys.path for file in Path(folder).glob("*.*-info/entry_points.txt"))
    return any(GROUP.encode() in file.read_bytes() for file in files)

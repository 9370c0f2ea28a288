"""`streamctl plugins`: what is installed, from which distribution, and whether it is on.

It is a listing: a broken plugin is a line of it, and the exit code is 0 all the same. Whoever builds with one is
refused there; a script finds it in `--json`. This is the one command that imports every plugin there is.
"""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import typer

from streamctl.cli.commands import COMMANDS
from streamctl.cli.options import Session, command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamctl.config import Config, Project
    from streamctl.plugins import Catalogue, Plugin

NOT_INSTALLED = "not installed"


def register(app: typer.Typer) -> None:
    command(app, "plugins")(plugins)


@dataclass(frozen=True)
class Row:
    """One plugin. `state`: on, on by default or off; of a generator, chosen or not; of the rest, installed."""

    extension_point: str
    name: str
    distribution: str
    version: str
    state: str
    summary: str
    broken: str | None = None


def plugins(session: Session) -> None:
    """List the plugins that are installed: whose they are, and which of them are on."""
    from streamctl.config import current_folder, load
    from streamctl.plugins import Catalogue

    overrides = {"name": session.name, "profile": session.profile, "region": session.region}
    found = [*rows(Catalogue(), load(current_folder(), overrides))]
    document = {"plugins": [asdict(row) for row in found]}
    session.terminal.result(document, lambda: _show(session, found))


def rows(catalogue: "Catalogue", project: "Project") -> "Iterator[Row]":
    """What is installed, by extension point and name; then what the configuration names and nobody has installed."""
    for group in catalogue.GROUPS:
        names = set()
        for plugin in catalogue.installed(group):
            names.add(plugin.name)
            yield _row(catalogue, group, plugin, project)
        for name in _wanted(catalogue, group, project.config):
            if name not in names:
                broken = f"Named by {project.source}, and no distribution has it."
                yield Row(group, name, NOT_INSTALLED, "", "on", "", broken)


def _wanted(catalogue: "Catalogue", group: str, config: "Config") -> list[str]:
    """The names that the configuration says."""
    named = {catalogue.FEATURES: [*config.features], catalogue.GENERATORS: [config.producer.generator]}
    return named.get(group, [])


def _row(catalogue: "Catalogue", group: str, plugin: "Plugin", project: "Project") -> Row:
    from streamctl.errors import PluginError

    loaded, broken = None, None
    try:
        loaded = catalogue.try_out(plugin)
        plugin.expect(group != catalogue.COMMANDS or plugin.name not in COMMANDS, "streamctl has that command itself.")
    except PluginError as error:
        broken = error.message
    is_default = plugin.is_ours and getattr(loaded, "default", False)
    state = _state(catalogue, group, plugin.name, project.config, is_default=is_default)
    return Row(group, plugin.name, plugin.distribution, plugin.version, state, _summary(loaded), broken)


def _state(catalogue: "Catalogue", group: str, name: str, config: "Config", *, is_default: bool) -> str:
    if group == catalogue.FEATURES:
        is_on = config.features[name].get("enabled", True) if name in config.features else is_default
        return "off" if not is_on else "on" if name in config.features else "on by default"
    if group == catalogue.GENERATORS:
        return "chosen" if name == config.producer.generator else "not chosen"
    return "installed"


def _summary(loaded: Any) -> str:
    """The first sentence of its own docstring; nothing of what could not be loaded."""
    if loaded is None:
        return ""
    import inspect

    first = " ".join(inspect.cleandoc(getattr(loaded, "__doc__", None) or "").partition("\n\n")[0].split())
    sentence, stop, _ = first.partition(". ")
    return sentence + stop.strip()


def _show(session: Session, found: list[Row]) -> None:
    cells = [
        [row.extension_point, row.name, row.state, f"{row.distribution} {row.version}".strip(), _said(row)]
        for row in found
    ]
    session.terminal.table(["extension point", "name", "", "from", ""], cells)


def _said(row: Row) -> str:
    return f"broken: {row.broken}" if row.broken else row.summary

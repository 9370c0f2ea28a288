"""The extension points, one small Protocol and one entry-point group each, and their lazy loader.

A plugin is loaded when the configuration names it, and not before; streamctl's own are registered in its pyproject.toml
like anybody's. One that is broken is told with its distribution and the line, and stops only what needs it.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from streamctl.blame import blame, package_of, packages_in
from streamctl.config.load import check
from streamctl.errors import PluginError, UsageError

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from streamctl.config import Config
    from streamctl.engine.references import Attributes
    from streamctl.engine.resource import Resource
    from streamctl.pipeline.builder import Pipeline
    from streamctl.pipeline.design import Design

S = TypeVar("S", bound="FeatureSettings", contravariant=True)


class FeatureSettings(BaseModel):
    """The settings of a feature, `[features.NAME]`; subclass it to add your own."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    enabled: bool = Field(True, description="Whether the feature is on.")


class Feature(Protocol[S]):
    """Group `streamctl.features`: adds or changes what a pipeline is made of."""

    settings: ClassVar[type[FeatureSettings]]
    default: ClassVar[bool]
    """On without being named in the configuration."""

    def apply(self, pipeline: Pipeline, settings: S, /) -> None:
        """Add to the blueprint; called once, before anything is looked up in AWS."""


class Generator(Protocol):
    """Group `streamctl.generators`: makes events."""

    def event(self, rng: random.Random, sequence: int, at: datetime, /) -> Mapping[str, Any]:
        """One event, the same for the same arguments. Its `eventId` is added by the producer."""


class BulkGenerator(Generator, Protocol):
    """A generator that can also make many events at once, which is worth it from some ten thousand a second on."""

    def chunk(self, rng: random.Random, first: int, size: int, at: datetime, run_id: str, /) -> Any:
        """What `event` makes for the numbers from `first` on, from the same draws, with the `eventId` that the
        producer would put first: `streamctl.ledger.event_id`. A `streamctl.traffic.chunk.Chunk` is the cheapest."""


class Exporter(Protocol):
    """Group `streamctl.exporters`: writes a pipeline down in the form of another tool."""

    def export(self, design: Design, /) -> Mapping[str, str | bytes]:
        """The files of the export by their place in it, but for `code/`, which every export gets; one that begins with
        `#!` can be run. The same for the same design. Raises PluginError for a kind that the form cannot express."""


class Handover(NamedTuple):
    """What lets another tool take over a pipeline that runs."""

    files: Mapping[str, str]
    """By their place beside those of the export."""
    commands: str
    """For a shell in the folder of the export, a line each, or several that end with a backslash."""


class HandingOver(Exporter, Protocol):
    """An exporter whose tool can take over what it did not make."""

    def handover(self, design: Design, known: Attributes, /) -> Handover:
        """How. The design has a name; `known` are the attributes of all that runs, by id, and of the surroundings. What
        runs carries the owner's tag; once it is the other tool's, it has to carry the design's tags alone."""


ON_BY_DEFAULT = frozenset({"alarms"})
"""Those of ours whose `default` says so, written out: asking each would import them all in nearly every command."""

Broken = Callable[[PluginError], None]
"""Hears of a plugin that cannot be used; the work goes on without it, unless this raises."""


def refuse(error: PluginError) -> None:
    """A broken plugin stops the work."""
    raise error


@dataclass(frozen=True)
class Plugin:
    """One that is installed. Looking at it does not import it, `load` does."""

    entry: EntryPoint

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def distribution(self) -> str:
        return self.entry.dist.name if self.entry.dist else "an unknown distribution"

    @property
    def version(self) -> str:
        return self.entry.dist.version if self.entry.dist else ""

    @property
    def origin(self) -> str:
        """The distribution with its version."""
        return f"{self.distribution} {self.version}".strip()

    @property
    def is_ours(self) -> bool:
        return self.distribution == "streamctl"

    def load(self) -> Any:
        """What it registered, imported. Raises PluginError."""
        with self.blamed("cannot be loaded"):
            return self.entry.load()

    @contextmanager
    def blamed(self, doing: str, *passing: type[Exception]) -> Iterator[None]:
        """Raise what its code raises inside as a PluginError; the types `passing` as they are."""
        try:
            yield
        except passing:
            raise
        except (Exception, SystemExit) as error:  # whatever a stranger's code raises
            raise self.blame(error, doing) from error

    def blame(self, error: BaseException, doing: str) -> PluginError:
        who = f"The plugin {self.name} ({self.origin})"
        hint = "Mend or uninstall it, or take it out of streamctl.toml."
        return blame(error, who, self.entry.module, doing, hint)

    def expect(self, holds: bool, otherwise: str) -> None:
        """Raises PluginError unless it is what its group asks for."""
        if not holds:
            raise self.blame(PluginError(otherwise), f"is no plugin of the group {self.entry.group}")


class Catalogue:
    """What is installed, by group and name. Looking does not import; loading does."""

    FEATURES = "streamctl.features"
    """Classes that are a `Feature`, by the name that the configuration gives it."""
    GENERATORS = "streamctl.generators"
    """Classes that are a `Generator`, by the name that `[producer] generator` gives it."""
    EXPORTERS = "streamctl.exporters"
    """Classes that are an `Exporter`, by the name that `export` gives it."""
    RESOURCES = "streamctl.resources"
    """Subclasses of `Resource` by their `kind`: what a feature made must be known when the feature is off."""
    COMMANDS = "streamctl.commands"
    """Functions that add the command of their name to a Typer application, as those in `streamctl.cli` do."""
    GROUPS = (FEATURES, GENERATORS, EXPORTERS, RESOURCES, COMMANDS)

    def __init__(self, found: Mapping[str, list[EntryPoint]] | None = None) -> None:
        self._found = found

    def installed(self, group: str) -> list[Plugin]:
        """All of a group by name, also those of which two have the same."""
        found = self._installed.select(group=group) if self._found is None else self._found.get(group, ())
        return sorted(map(Plugin, found), key=lambda plugin: (plugin.name, not plugin.is_ours, plugin.origin))

    def names(self, group: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(plugin.name for plugin in self.installed(group)))

    def get(self, group: str, name: str, where: str = "") -> Plugin:
        """The plugin of a name; nobody's takes the place of one of ours. Raises PluginError; `where` says who asks."""
        found = [plugin for plugin in self.installed(group) if plugin.name == name]
        if not found:
            names = self.names(group)
            close = difflib.get_close_matches(name, names, n=1)
            suggestion = f" Did you mean {close[0]}?" if close else ""
            raise PluginError(
                f"{where}there is no plugin called {name!r} in {group}.{suggestion}",
                f"Installed: {', '.join(names) or 'none'}.",
            )
        if len(found) > 1 and not found[0].is_ours:
            origins = " and ".join(plugin.origin for plugin in found)
            raise PluginError(
                f"{where}several plugins are called {name!r} in {group}: those of {origins}.", "Uninstall all but one."
            )
        return found[0]

    def load(self, group: str, name: str, where: str = "") -> Any:
        """The object a plugin registered. Raises PluginError; `where` says who asks for it."""
        return self.get(group, name, where).load()

    def features(
        self, config: Config, where: str, broken: Broken = refuse
    ) -> dict[str, tuple[Feature[Any], FeatureSettings]]:
        """The features that are on, with their settings checked. Raises ConfigError, and what `broken` raises."""
        chosen = {}
        for name in dict.fromkeys([*self._defaults(), *config.features]):
            given = config.features.get(name, {})
            try:
                feature = self.feature(name, where)
            except PluginError as error:
                if given.get("enabled", True) or name not in self.names(self.FEATURES):
                    broken(error)
                continue
            settings = check(feature.settings, given, where, prefix=f"features.{name}")
            if settings.enabled:
                chosen[name] = (feature, settings)
        return chosen

    def feature(self, name: str, where: str) -> Feature[Any]:
        """Raises PluginError."""
        return _feature(self.get(self.FEATURES, name, f"{where}: features.{name}: "))

    def generator(self, name: str) -> Generator:
        """Raises PluginError."""
        return _generator(self.get(self.GENERATORS, name, "producer.generator: "))

    def exporter(self, name: str) -> Exporter:
        """Raises PluginError."""
        return _exporter(self.get(self.EXPORTERS, name))

    def handing_over(self, name: str) -> HandingOver:
        """Raises PluginError, and UsageError where the tool can take over nothing."""
        exporter = self.exporter(name)
        if callable(getattr(exporter, "handover", None)):
            return exporter  # type: ignore[return-value]
        raise UsageError(
            f"{name} cannot take over what runs.",
            f"`streamctl export {name}` writes what makes the pipeline anew; `streamctl plugins` lists the forms.",
        )

    def kind(self, name: str) -> type[Resource]:
        """The class of a resource kind, built in or registered. Raises PluginError."""
        from streamctl.resources import KINDS

        return KINDS[name] if name in KINDS else _kind(self.get(self.RESOURCES, name))

    def command(self, name: str) -> Plugin | None:
        """What adds a command of that name, if anything does. Raises PluginError."""
        return self.get(self.COMMANDS, name) if name in self.names(self.COMMANDS) else None

    def try_out(self, plugin: Plugin) -> Any:
        """What it registered, once it is seen that it can be used by its name. Raises PluginError."""
        from streamctl.resources import KINDS

        group, name = plugin.entry.group, plugin.name
        is_hidden = (group == self.RESOURCES and name in KINDS) or self.get(group, name) != plugin
        plugin.expect(not is_hidden, "streamctl has one of that name itself.")
        checks = {
            self.FEATURES: _feature,
            self.GENERATORS: _generator,
            self.EXPORTERS: _exporter,
            self.RESOURCES: _kind,
        }
        if group in checks:
            checks[group](plugin)
        return plugin.load()

    def culprit(self, error: BaseException) -> PluginError | None:
        """A mistake that came up while a plugin's code was at work, as that plugin's; None where none was."""
        at_work = packages_in(error) - {"streamctl"}
        plugins = (plugin for group in self.GROUPS for plugin in self.installed(group))
        found = next((each for each in plugins if package_of(each.entry.module) in at_work), None)
        return found.blame(error, "failed") if found else None

    def _defaults(self) -> list[str]:
        """Features that are on without being named: only our own can be, so that installing one changes nothing."""
        return [each.name for each in self.installed(self.FEATURES) if each.is_ours and each.name in ON_BY_DEFAULT]

    @cached_property
    def _installed(self) -> Any:
        """The entry points of every group at once: looking for them reads a file of each installed package."""
        return entry_points()


def _feature(plugin: Plugin) -> Feature[Any]:
    feature: Feature[Any] = _made(plugin)
    settings = getattr(feature, "settings", None)
    is_settings = isinstance(settings, type) and issubclass(settings, FeatureSettings)
    plugin.expect(is_settings, "it has no `settings` that is a subclass of FeatureSettings.")
    plugin.expect(callable(getattr(feature, "apply", None)), "it has no method `apply`.")
    return feature


def _generator(plugin: Plugin) -> Generator:
    return _made_with(plugin, "event")  # type: ignore[no-any-return]


def _exporter(plugin: Plugin) -> Exporter:
    return _made_with(plugin, "export")  # type: ignore[no-any-return]


def _made_with(plugin: Plugin, method: str) -> Any:
    """An instance of the class that a plugin registered, which has the method."""
    made = _made(plugin)
    plugin.expect(callable(getattr(made, method, None)), f"it has no method `{method}`.")
    return made


def _made(plugin: Plugin) -> Any:
    """An instance of the class that a plugin registered."""
    loaded = plugin.load()
    plugin.expect(isinstance(loaded, type), "it is no class.")
    with plugin.blamed("cannot be made"):
        return loaded()


def _kind(plugin: Plugin) -> type[Resource]:
    from streamctl.engine.resource import Resource

    kind = plugin.load()
    is_kind = isinstance(kind, type) and issubclass(kind, Resource)
    plugin.expect(is_kind, "it is no subclass of Resource.")
    plugin.expect(getattr(kind, "kind", None) == plugin.name, f"its `kind` is not {plugin.name!r}.")
    missing = sorted(getattr(kind, "__abstractmethods__", ()))
    plugin.expect(not missing, f"it lacks {', '.join(missing)}.")
    return kind  # type: ignore[no-any-return]

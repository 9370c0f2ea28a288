"""The extension points, one small Protocol and one entry-point group each, and their lazy loader.

A plugin is named in the configuration, so it is loaded only then; streamctl's own are registered in its pyproject.toml
like anybody's.
"""

from __future__ import annotations

import difflib
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from streamctl.config.load import check
from streamctl.errors import PluginError

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping
    from datetime import datetime

    from streamctl.config import Config
    from streamctl.pipeline.builder import Pipeline

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


class Catalogue:
    """What is installed, by group and name. Looking does not import; `load` does."""

    FEATURES = "streamctl.features"
    GENERATORS = "streamctl.generators"

    def __init__(self, found: Mapping[str, list[EntryPoint]] | None = None) -> None:
        self._found = found

    def names(self, group: str) -> tuple[str, ...]:
        return tuple(sorted(self._entries(group)))

    def load(self, group: str, name: str, where: str = "") -> Any:
        """The object a plugin registered. Raises PluginError; `where` says who asks for it."""
        entries = self._entries(group)
        if name not in entries:
            close = difflib.get_close_matches(name, entries, n=1)
            suggestion = f" Did you mean {close[0]}?" if close else ""
            raise PluginError(
                f"{where}there is no plugin called {name!r} in {group}.{suggestion}",
                f"Installed: {', '.join(sorted(entries)) or 'none'}.",
            )
        try:
            return entries[name].load()
        except Exception as error:  # whatever a stranger's module raises while it is imported
            raise PluginError(
                f"The plugin {name} ({_origin(entries[name])}) cannot be loaded: {type(error).__name__}: {error}.",
                "Mend or uninstall it, or take it out of streamctl.toml.",
            ) from error

    def features(self, config: Config, where: str) -> dict[str, tuple[Feature[Any], FeatureSettings]]:
        """The features that are on, with their settings checked. Raises PluginError and ConfigError."""
        chosen = {}
        for name in dict.fromkeys([*self._defaults(), *config.features]):
            feature = self.load(self.FEATURES, name, f"{where}: features.{name}: ")()
            settings = check(feature.settings, config.features.get(name, {}), where, prefix=f"features.{name}")
            if settings.enabled:
                chosen[name] = (feature, settings)
        return chosen

    def generator(self, name: str) -> Generator:
        """Raises PluginError."""
        made: Generator = self.load(self.GENERATORS, name, "producer.generator: ")()
        return made

    def _defaults(self) -> list[str]:
        """Features that are on without being named: only our own can be, so that installing one changes nothing."""
        ours = {name for name, entry in self._entries(self.FEATURES).items() if _origin(entry) == "streamctl"}
        return sorted(name for name in ours if self.load(self.FEATURES, name).default)

    def _entries(self, group: str) -> dict[str, EntryPoint]:
        found = self._installed.select(group=group) if self._found is None else self._found[group]
        return {entry.name: entry for entry in found}

    @cached_property
    def _installed(self) -> Any:
        """The entry points of every group at once: looking for them reads a file of each installed package."""
        return entry_points()


def _origin(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else "an unknown distribution"

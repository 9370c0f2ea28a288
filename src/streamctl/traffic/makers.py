"""Who makes a run's events: an installed generator, or a Python file of the user's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamctl import own_code
from streamctl.errors import PluginError
from streamctl.plugins import Catalogue

if TYPE_CHECKING:
    import random
    from datetime import datetime
    from pathlib import Path

    from streamctl.config import Project
    from streamctl.plugins import Generator

SIGNATURE = "def event(rng: random.Random, sequence: int, at: datetime) -> Mapping"


@dataclass(frozen=True)
class Maker:
    """Can be handed to another process, which loads it there."""

    name: str
    file: Path | None = None
    """None: it is installed."""

    @classmethod
    def configured(cls, project: Project) -> Maker:
        """The one that a configuration names."""
        path = project.config.generator.path
        return cls(path, project.folder / path) if path else cls(project.config.producer.generator)

    def load(self, catalogue: Catalogue | None = None) -> Generator:
        """Raises UsageError and PluginError."""
        return OwnGenerator(self.file) if self.file else (catalogue or Catalogue()).generator(self.name)


class OwnGenerator:
    """The function `event` of a file. Raises UsageError where there is no such file, PluginError for what is in it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._function = own_code.load(file, "event", signature=SIGNATURE, named_by="generator.path")

    def event(self, rng: random.Random, sequence: int, at: datetime) -> Mapping[str, Any]:
        try:
            with own_code.aside():
                answer = self._function(rng, sequence, at)
        except (Exception, SystemExit) as error:
            raise PluginError(
                f"{self._file} failed on event {sequence:,}: {own_code.told(error, self._file)}.", "Mend it and go on."
            ) from error
        if not isinstance(answer, Mapping):
            raise PluginError(
                f"{self._file} made {type(answer).__name__} of event {sequence:,}, not a mapping.",
                f"It needs: {SIGNATURE}",
            )
        return answer

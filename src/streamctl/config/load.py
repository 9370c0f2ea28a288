"""Where the configuration comes from: streamctl.toml, here or in the nearest folder above; options override it."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from streamctl.config.model import Config
from streamctl.errors import ConfigError, StreamctlError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic_core import ErrorDetails

FILE_NAME = "streamctl.toml"
HOME = ".streamctl"
"""What streamctl keeps of a project on this machine, beside the file."""
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Project:
    """A folder and its settings. `file` is None where the defaults hold."""

    folder: Path
    config: Config
    file: Path | None = None

    @property
    def source(self) -> str:
        """Where the settings stand, for messages."""
        return str(self.file or "the defaults")


def current_folder() -> Path:
    """Where the command was given. Raises StreamctlError where that folder is gone."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise StreamctlError("The current folder does not exist any more.", "Change to another one.") from None


def load(start: Path, overrides: Mapping[str, Any] | None = None) -> Project:
    """The project that `start` lies in. Raises ConfigError, naming key, file and what is allowed."""
    folder = next((each for each in (start, *start.parents) if _is_project(each)), start)
    file = folder / FILE_NAME if (folder / FILE_NAME).exists() else None
    values = _read(file) if file else {}
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    config = check(Config, values, str(file or FILE_NAME))
    if given:
        config = check(Config, values | given, "the command line")
    return Project(folder, config, file)


def check(model: type[M], values: Mapping[str, Any], where: str, prefix: str = "") -> M:
    """The values as the model, or a ConfigError with a line for every mistake."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        lines = [f"{where}: {_sentence(model, detail, prefix)}" for detail in error.errors(include_url=False)]
        raise ConfigError("\n".join(lines), "`streamctl config schema` lists every setting and its limits.") from None


def _is_project(folder: Path) -> bool:
    """It is configured, or without a configuration has had a pipeline."""
    return (folder / FILE_NAME).exists() or (folder / HOME / "pipelines").is_dir()


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{file}: not valid TOML: {error}.", "Text values need quotes; sections stand in [brackets]."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read: {error}.") from error


def _sentence(model: type[BaseModel], detail: ErrorDetails, prefix: str) -> str:
    location = [str(part) for part in detail["loc"]]
    key = ".".join(([prefix] if prefix else []) + location) or "the section"
    section, described = _field(model, location)
    if detail["type"] == "extra_forbidden":
        return f"{key}: there is no such setting.{_suggestion(location[-1], section)}"
    said = str(detail["msg"]).removeprefix("Value error, ")
    allowed = f" {described}" if described else ""
    value = detail["input"]
    shown = f" (it is {value!r})" if location and not isinstance(value, dict | BaseModel) else ""
    return f"{key}: {said}{shown}.{allowed}"


def _field(model: type[BaseModel], location: Sequence[str]) -> tuple[Sequence[str], str]:
    """The settings beside the one at a location, and that one's description."""
    current: Any = model
    description = ""
    beside: list[str] = list(model.model_fields)
    for part in location:
        if not (isinstance(current, type) and issubclass(current, BaseModel)):
            break
        beside = list(current.model_fields)
        found = current.model_fields.get(part)
        if found is None:
            return beside, ""
        description, current = found.description or "", found.annotation
    return beside, description


def _suggestion(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f" Did you mean {close[0]}?"
    return f" What there is: {', '.join(known)}."

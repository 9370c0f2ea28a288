"""What `[processor]` adds to the processor's package: the owner's file, a schema, event types, and what is imported.

In the zip it is a package of its own, which `functions/processor/own.py` looks for; what that imports lies beside it,
at the top, where Lambda looks for modules.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from streamctl.config.load import HOME
from streamctl.errors import ConfigError
from streamctl.functions.processor.metrics import EVENT_TYPES
from streamctl.functions.processor.own import PACKAGE
from streamctl.functions.processor.schema import Schema
from streamctl.pipeline.package import Package, package, source, sources
from streamctl.pipeline.requirements import Requirements, requirements

if TYPE_CHECKING:
    from pathlib import Path

    from streamctl.config import Config

FUNCTION = "processor"
MOST_BYTES = 50 * 1024 * 1024
"""Lambda takes no larger zip by a call."""
INIT = '''\
"""What the owner of the pipeline adds to the processor. Written by streamctl."""

PROCESSOR = {processor!r}
SCHEMA = {schema!r}
EVENT_TYPES = {event_types!r}
'''


def processor(config: Config, root: Path) -> Package:
    """The processor's package; paths in the configuration begin at `root`. Raises ConfigError."""
    settings = config.processor
    if not settings.adds_anything:
        return package(FUNCTION)
    file = root / settings.path if settings.path else None
    own = _module(file) if file else {}
    schema = _schema(root / settings.event_schema) if settings.event_schema else None
    imported = _imported(config, root)
    added = own | _described(file.stem if file else None, schema, settings.event_types)
    packed = replace(
        package(FUNCTION, {**(imported.files if imported else {}), **added}),
        remarks=(imported.remark,) if imported else (),
    )
    if len(packed.content) > MOST_BYTES:
        raise ConfigError(
            f"The processor with what it imports is {len(packed.content):,} bytes; Lambda takes {MOST_BYTES:,}.",
            "Take something out of processor.requirements.",
        )
    return packed


def _imported(config: Config, root: Path) -> Requirements | None:
    settings = config.processor
    if settings.requirements is None:
        return None
    cache, taken = root / HOME / "requirements", frozenset({FUNCTION, PACKAGE})
    return requirements(root / settings.requirements, config.function.runtime, cache, taken)


def _described(module: str | None, schema: str | None, event_types: list[str] | None) -> dict[str, bytes]:
    counted = tuple(dict.fromkeys(event_types)) if event_types else tuple(sorted(EVENT_TYPES))
    text = INIT.format(processor=module, schema=schema, event_types=counted)
    return {f"{PACKAGE}/__init__.py": text.encode()}


def _schema(file: Path) -> str:
    """The text of a schema that can be applied. Raises ConfigError."""
    try:
        text = file.read_text(encoding="utf-8")
        Schema(text)
    except OSError as error:
        raise ConfigError(f"processor.event_schema: {file} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise ConfigError(
            f"processor.event_schema: {file} is no JSON Schema that can be applied: {error}.",
            "The drafts 2020-12 and 7 are known, but for what looks beyond the file.",
        ) from error
    return text


def _module(file: Path) -> dict[str, bytes]:
    """The owner's file, or all Python files of his folder. Raises ConfigError."""
    hint = "It is a Python file, or a folder with an __init__.py, with a function: def process(event)"
    if not file.exists():
        raise ConfigError(f"processor.path: there is no file {file}.", hint)
    if not file.stem.isidentifier() or file.stem.startswith("__"):
        raise ConfigError(f"processor.path: {file.name} cannot be imported by that name.", "Name it like a variable.")
    if file.is_file():
        if file.suffix != ".py":
            raise ConfigError(f"processor.path: {file} is no Python file.", hint)
        return {f"{PACKAGE}/{file.name}": source(file)}
    if not (file / "__init__.py").is_file():
        raise ConfigError(f"processor.path: {file} is a folder without an __init__.py.", hint)
    return sources(file, f"{PACKAGE}/{file.name}")

"""A streamctl.toml to begin with, written from the model, so that it never lags behind it."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

from streamctl.config.model import Config, Section

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

HEADER = """\
# The pipeline of this folder. Remove the # of a line to change it: most show the default, those without one an example.
"""
FEATURES = """\
# Features are switched on by a section of their own, [features.NAME]. `alarms` is on unless turned off.

[features.alarms]
# enabled = true
"""


def starter(name: str | None = None) -> str:
    """The text of a commented file; `name` fixes the pipeline's name."""
    top = {key: field for key, field in Config.model_fields.items() if not _is_section(field) and key != "features"}
    parts = [HEADER, "\n".join(_entry(key, field, name if key == "name" else None) for key, field in top.items())]
    for key, field in Config.model_fields.items():
        if _is_section(field):
            section: type[Section] = field.annotation  # type: ignore[assignment]
            entries = "\n".join(_entry(inner, value) for inner, value in section.model_fields.items())
            parts.append(f"[{key}]  # {field.description}\n{entries}")
    return "\n\n".join([*(part.rstrip("\n") for part in parts), FEATURES])


def _is_section(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, Section)


def _entry(key: str, field: FieldInfo, value: str | None = None) -> str:
    comment = textwrap.fill(field.description or "", 100, initial_indent="# ", subsequent_indent="# ")
    if value is not None:
        return f"{comment}\n{key} = {json.dumps(value)}"
    shown = field.examples[0] if field.examples else field.default
    return f"{comment}\n# {key} = {json.dumps(shown)}"

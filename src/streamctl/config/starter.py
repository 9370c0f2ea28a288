"""A streamctl.toml to begin with, written from the model, so that it never lags behind it. A preset makes choices."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any, NamedTuple

from streamctl.config.model import Config, Section
from streamctl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic.fields import FieldInfo

HEADER = """\
# The pipeline of this folder. Remove the # of a line to change it: most show the default, those without one an example.
"""
FEATURES = """\
# Features are switched on by a section of their own, [features.NAME]. `alarms` is on unless turned off. All their
# settings, with defaults and limits: streamctl config schema

# What is unusual in what is stored is found, told and listed: see `streamctl anomalies`.
# [features.anomaly_detection]

[features.alarms]
# enabled = true
# Who is told when an alarm fires and when it is over; AWS asks each address to confirm.
# email = ["you@example.com"]

# A CloudWatch dashboard of the whole pipeline.
# [features.dashboard]

# Items are deleted so many days after their events arrived.
# [features.retention]
# days = 30

# The number of shards is left to `streamctl scale`; `[stream] shards` is what a new stream begins with.
# [features.stream_scaling]

# X-Ray traces the function, and each item says in which batch it came: see `streamctl trace`.
# [features.tracing]
"""


class Choice(NamedTuple):
    """A setting that a preset chooses, and why."""

    value: Any
    why: str


RECIPE, PRODUCTION = "recipe", "production"
PRESETS: Mapping[str, Mapping[str, Choice]] = {
    RECIPE: {},
    PRODUCTION: {
        "stream.retention_hours": Choice(168, "A week to find out what failed, and to replay it."),
        "function.log_retention_days": Choice(90, "Longer than it takes to ask what happened."),
        "table.point_in_time_recovery": Choice(True, "A wrong write can be taken back."),
        "table.deletion_protection": Choice(True, "Neither `streamctl down` nor anybody else deletes it by mistake."),
        "event_source.maximum_record_age_seconds": Choice(86_400, "A bad record holds its shard up for a day at most."),
    },
}
"""Setting, as `section.key`, to what is chosen; all else stays at the recipe's default."""


def starter(name: str | None = None, preset: str = RECIPE) -> str:
    """The text of a commented file; `name` fixes the pipeline's name. Raises UsageError for an unknown preset."""
    if preset not in PRESETS:
        raise UsageError(f"There is no preset {preset}.", f"Choose one of them: {', '.join(PRESETS)}.")
    chosen = PRESETS[preset]
    top = {key: field for key, field in Config.model_fields.items() if not _is_section(field) and key != "features"}
    parts = [HEADER, "\n".join(_entry(key, field, name if key == "name" else None) for key, field in top.items())]
    for key, field in Config.model_fields.items():
        if _is_section(field):
            section: type[Section] = field.annotation  # type: ignore[assignment]
            entries = "\n".join(
                _entry(inner, value, chosen=chosen.get(f"{key}.{inner}"))
                for inner, value in section.model_fields.items()
            )
            parts.append(f"[{key}]  # {field.description}\n{entries}")
    return "\n\n".join([*(part.rstrip("\n") for part in parts), FEATURES])


def _is_section(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, Section)


def _entry(key: str, field: FieldInfo, value: str | None = None, chosen: Choice | None = None) -> str:
    text = " ".join(filter(None, (field.description, chosen and chosen.why)))
    comment = textwrap.fill(text, 100, initial_indent="# ", subsequent_indent="# ")
    if chosen is not None:
        return f"{comment}\n{key} = {json.dumps(chosen.value)}"
    if value is not None:
        return f"{comment}\n{key} = {json.dumps(value)}"
    shown = field.examples[0] if field.examples else field.default
    return f"{comment}\n# {key} = {json.dumps(shown)}"

"""streamctl: a Kinesis, Lambda and DynamoDB analytics pipeline, run from the terminal.

The names below are what plugins may import; they are loaded when first asked for.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as type checkers read it; importing typing would take half as long as `--version` may
if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Aws": "streamctl.aws",
    "Block": "streamctl.engine.block",
    "Call": "streamctl.engine.block",
    "Check": "streamctl.pipeline.checks",
    "ConfigError": "streamctl.errors",
    "Declaration": "streamctl.engine.declaration",
    "Feature": "streamctl.plugins",
    "FeatureSettings": "streamctl.plugins",
    "Generator": "streamctl.plugins",
    "Live": "streamctl.engine.resource",
    "Nested": "streamctl.engine.block",
    "Package": "streamctl.pipeline.package",
    "Pipeline": "streamctl.pipeline.builder",
    "PluginError": "streamctl.errors",
    "Question": "streamctl.engine.question",
    "Resource": "streamctl.engine.resource",
    "Series": "streamctl.pipeline.builder",
    "Session": "streamctl.cli.options",
    "Situation": "streamctl.pipeline.checks",
    "StreamctlError": "streamctl.errors",
    "command": "streamctl.cli.options",
    "or_none": "streamctl.aws.failures",
    "pack": "streamctl.pipeline.package",
}
__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

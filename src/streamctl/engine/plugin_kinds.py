"""The resource kinds of plugins: a mistake in their code is told as theirs, and ends nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.aws.failures import is_sdk_error
from streamctl.blame import blame, origin, package_of
from streamctl.errors import PluginError, StreamctlError

if TYPE_CHECKING:
    from streamctl.engine.resource import Resource


def kind_error(resource: Resource, raised: Exception, doing: str) -> PluginError | None:
    """What the kind's code raised by mistake, naming its distribution; None where AWS refused, or the mistake is ours.

    `doing` completes "failed to".
    """
    module = type(resource).__module__
    is_told = isinstance(raised, StreamctlError) and not isinstance(raised, PluginError)
    if is_told or is_sdk_error(raised) or package_of(module) == "streamctl":
        return None
    who = f"The resource kind {resource.kind} ({origin(module)})"
    hint = f"Mend the plugin and run the same command again, or delete {resource.kind} {resource.name} by hand."
    return blame(raised, who, module, f"failed to {doing}", hint)

"""The state of every resource of a pipeline, as AWS reports it now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from streamctl.engine.resource import OWNER_TAG
from streamctl.engine.survey import survey

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from streamctl.aws import Aws
    from streamctl.engine.graph import Graph
    from streamctl.engine.resource import Live, Resource
    from streamctl.errors import PluginError

ABSENT = "absent"
NOT_WANTED = "no longer configured"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class ResourceStatus:
    id: str
    kind: str
    name: str
    state: str
    """AWS's own word, or `absent`, or `unknown` where the kind is a plugin's and fails."""
    ready: bool
    is_ours: bool = True
    """It is there and carries the owner's tag, or is not there."""
    drift: tuple[str, ...] = ()
    """Settings that are not as configured."""
    arn: str = ""
    failure: str = ""
    """Why AWS gave up on it, or why nothing can be said."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """As AWS holds them, under the names of the configuration."""


def status(graph: Graph, aws: Aws, unwanted: Collection[str] = ()) -> list[ResourceStatus]:
    """Look at everything, several at a time, in the order of the graph; `unwanted` ids are no longer configured."""
    failed: dict[str, PluginError] = {}
    looked = survey(graph, aws, failed=failed)
    return [
        unknown(name, looked[name][0].kind, looked[name][0].name, failed[name].message)
        if name in failed
        else _row(*looked[name], unwanted=name in unwanted)
        for name in graph.order
    ]


def unknown(resource_id: str, kind: str, name: str, reason: str) -> ResourceStatus:
    """What is remembered, and cannot be looked at."""
    return ResourceStatus(resource_id, kind, name, UNKNOWN, ready=False, failure=reason)


def _row(resource: Resource, live: Live | None, *, unwanted: bool) -> ResourceStatus:
    if live is None:
        return ResourceStatus(resource.id, resource.kind, resource.name, ABSENT, ready=False)
    is_ours = live.tags.get(OWNER_TAG) == resource.tags.get(OWNER_TAG)
    return ResourceStatus(
        resource.id,
        resource.kind,
        resource.name,
        live.state,
        ready=live.ready and not live.failure,
        is_ours=is_ours,
        drift=(NOT_WANTED,)
        if unwanted
        else tuple(name for name in resource.differing(live) if is_ours or name != "tags"),
        arn=live.attributes.get("arn", ""),
        failure=live.failure,
        settings=live.settings,
    )

"""Which actions on which ARNs: the blueprint's own permissions, and those of the commands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from streamctl.engine.references import fill, filled
from streamctl.engine.resource import OWNER_TAG
from streamctl.engine.survey import expected

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from streamctl.engine.graph import Graph
    from streamctl.engine.resource import Resource
    from streamctl.policy.audiences import Audience, Permissions


@dataclass(frozen=True)
class Place:
    """Where a pipeline is, or is going to be."""

    account: str
    region: str
    partition: str = "aws"


@dataclass(frozen=True)
class Grant:
    """One action, what it is granted on, and the condition it is granted under."""

    action: str
    arns: tuple[str, ...]
    condition: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def grants(audience: Audience, graph: Graph, place: Place, looks: Iterable[Permissions] = ()) -> Iterator[Grant]:
    """Everything that the audience's commands call, on a pipeline that need not exist; `looks`: what those of its
    features need.
    """
    suffix = next(iter(graph.resources.values())).tags[OWNER_TAG]
    known = {"aws": vars(place), "pipeline": {"name": suffix}}
    resources: dict[str, Resource] = {}
    for name in graph.order:
        resources[name] = filled(graph.resources[name], known)
        known[name] = expected(resources[name], known)
    for resource in resources.values() if audience.builds else ():
        for action in sorted({action for actions in resource.permissions.values() for action in actions}):
            yield Grant(action, fill(resource.scope(action), known), fill(resource.condition(action), known))
    for permissions in (*audience.permissions, *(looks if audience.looks else ())):
        for where, actions in permissions.items():
            for action in actions:
                for resource in _meant(where, resources):
                    yield Grant(action, fill(resource.scope(action), known))
                if where == "*" or where.startswith("arn:"):
                    yield Grant(action, (fill(where, known),))


def _meant(where: str, resources: Mapping[str, Resource]) -> list[Resource]:
    """The resource of an id, or all of a kind."""
    return [resource for name, resource in resources.items() if where in (name, resource.kind)]

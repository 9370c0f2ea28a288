"""The blueprint under construction: the recipe lays it out, then every feature may add to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from streamctl.engine.resource import OWNER_TAG, Resource
from streamctl.errors import PluginError
from streamctl.pipeline.names import POLICY_NAME, Names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streamctl.config import Config
    from streamctl.engine.graph import Graph

R = TypeVar("R", bound=Resource)


@dataclass(frozen=True)
class Series:
    """A metric worth showing: exactly the dimensions it is published with."""

    label: str
    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistic: str
    unit: str = ""


@dataclass
class Pipeline:
    """All that a feature may touch: `add`, `get`, `change` and `allow`, and `series` for what it measures."""

    names: Names
    config: Config
    resources: dict[str, Resource] = field(default_factory=dict)
    series: list[Series] = field(default_factory=list)

    def add(self, resource: R) -> R:
        """Put a resource into the pipeline, with the owner's tag on it."""
        if resource.id in self.resources:
            raise PluginError(f"The pipeline already has a resource called {resource.id!r}.")
        self.resources[resource.id] = replace(resource, tags={**resource.tags, OWNER_TAG: self.names.suffix})
        return resource

    def get(self, resource_id: str, kind: type[R]) -> R:
        """A resource by id; its kind is checked."""
        found = self.resources.get(resource_id)
        if not isinstance(found, kind):
            raise PluginError(
                f"The pipeline has no {kind.kind} called {resource_id!r}.",
                f"It has: {', '.join(sorted(self.resources))}.",
            )
        return found

    def change(self, resource_id: str, **settings: Any) -> None:
        """Set fields of a resource that is already there."""
        resource = self.get(resource_id, Resource)  # type: ignore[type-abstract]
        self.resources[resource_id] = replace(resource, **settings)

    def allow(
        self, actions: Iterable[str], *arns: str, role: str = "role", conditions: Mapping[str, Any] | None = None
    ) -> None:
        """Grant a role exact actions on exact ARNs."""
        from streamctl.resources.iam_role import IamRole

        statement: dict[str, Any] = {"Effect": "Allow", "Action": sorted(actions), "Resource": list(arns)}
        if conditions:
            statement["Condition"] = dict(conditions)
        granted = self.get(role, IamRole)
        document = cast("dict[str, Any]", granted.policies.get(POLICY_NAME, {"Version": "2012-10-17", "Statement": []}))
        document = {**document, "Statement": [*document["Statement"], statement]}
        self.change(role, policies={**granted.policies, POLICY_NAME: document})

    def graph(self) -> Graph:
        """The finished blueprint, checked. Raises PluginError."""
        from streamctl.engine.graph import Graph

        for resource in self.resources.values():
            resource.check()
        return Graph(self.resources.values())

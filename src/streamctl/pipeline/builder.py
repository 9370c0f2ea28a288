"""The blueprint under construction: the recipe lays it out, then every feature may add to it."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, cast

from streamctl.engine.resource import OWNER_TAG, Resource
from streamctl.errors import PluginError
from streamctl.pipeline.names import POLICY_NAME, Names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from streamctl.config import Config
    from streamctl.engine.graph import Graph
    from streamctl.pipeline.checks import Look
    from streamctl.pipeline.package import Package

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


class Shipped(TypedDict):
    """The fields of the LambdaFunction that runs a package; what is in it is known once it is packed."""

    package: str
    code_sha256: str


UNPACKED = ""
_PARTS = ("resources", "series", "looks", "packages", "last")


@dataclass
class Pipeline:
    """All that a feature may touch: `add`, `get`, `change` and `allow` for what the pipeline is made of, `ship` for
    code of its own, `series` for what it measures, `check` for what `verify` has to look at, and `when_complete` for
    what depends on all that the other features did.
    """

    names: Names
    config: Config
    folder: Path
    """Where the zips lie that are deployed."""
    root: Path = field(default_factory=Path)
    """The project's: paths in its configuration begin here."""
    resources: dict[str, Resource] = field(default_factory=dict)
    series: list[Series] = field(default_factory=list)
    looks: dict[Look, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    packages: dict[Path, Callable[[], Package]] = field(default_factory=dict)
    last: list[Callable[[], None]] = field(default_factory=list)

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

    def all(self, kind: type[R]) -> list[R]:
        """Every resource of a kind, in the order they were added."""
        return [resource for resource in self.resources.values() if isinstance(resource, kind)]

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

    def ship(self, name: str, pack: Callable[[], Package]) -> Shipped:
        """Have a package written as NAME.zip when the pipeline is deployed; only then, or to compare, it is packed."""
        file = self.folder / f"{name}.zip"
        if file in self.packages:
            raise PluginError(f"The pipeline already ships a package called {name!r}.")
        self.packages[file] = pack
        return {"package": str(file), "code_sha256": UNPACKED}

    def pack(self) -> dict[Path, Package]:
        """What is shipped, by the file it is to be written to; from now on the functions say what code they run."""
        from streamctl.resources.lambda_function import LambdaFunction

        packed = {file: pack() for file, pack in self.packages.items()}
        for resource in list(self.resources.values()):
            if isinstance(resource, LambdaFunction) and (package := packed.get(Path(resource.package))):
                self.change(resource.id, code_sha256=package.code_sha256)
        return packed

    def check(self, look: Look, permissions: Mapping[str, tuple[str, ...]]) -> None:
        """Let `verify` take this look, too; `permissions`: the IAM actions it needs, by what they are for: the id or
        the kind of a resource, an ARN, or `*` where AWS ties them to none.
        """
        self.looks[look] = permissions

    def when_complete(self, act: Callable[[], None]) -> None:
        """Have something done once every feature has been applied: now, it is not known what the later ones add."""
        self.last.append(act)

    def complete(self) -> None:
        """Every feature has been applied."""
        while self.last:
            self.last.pop(0)()

    def copy(self) -> Pipeline:
        """The same once more: what is done to one is not done to the other."""
        return replace(self, **{name: copy(getattr(self, name)) for name in _PARTS})

    def restore(self, before: Pipeline) -> None:
        """Be again what the copy is."""
        for name in _PARTS:
            setattr(self, name, copy(getattr(before, name)))

    def graph(self) -> Graph:
        """The finished blueprint, checked. Raises PluginError."""
        from streamctl.engine.graph import Graph

        for resource in self.resources.values():
            resource.check()
        return Graph(self.resources.values())

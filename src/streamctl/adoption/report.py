"""What is there of a pipeline: whose it is, and what `up` would do with it once it is ours. Only reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from streamctl.adoption.stacks import Stack, made_by, standing
from streamctl.engine.plan import Action, Step, compare_all
from streamctl.engine.resource import EXPORT_TAG, OWNER_TAG, Live
from streamctl.engine.survey import survey
from streamctl.observe.inventory import TAGGED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from streamctl.aws import Aws
    from streamctl.engine.graph import Graph
    from streamctl.engine.resource import Resource
    from streamctl.engine.state import StateFile
    from streamctl.observe.inventory import Found


class Whose(Enum):
    """Whose a resource is, as its tags tell; what Terraform or a person made carries none that would."""

    OURS = "ours"
    ANOTHER = "another"
    STACK = "stack"
    EXPORT = "export"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Finding:
    """One resource of the blueprint."""

    live: Live | None
    """As it is now, with its own tags."""
    step: Step
    """What `up` would do once it is ours."""
    stack: Stack | None = None
    """The CloudFormation stack that manages it, whoever's it is beside."""

    @property
    def is_there(self) -> bool:
        return self.live is not None and not self.live.is_leaving

    @property
    def owner(self) -> str:
        """The pipeline whose tag it carries, or nothing."""
        return self.live.tags.get(OWNER_TAG, "") if self.live else ""

    @property
    def whose(self) -> Whose | None:
        """None where it is not there."""
        if self.live is None or not self.is_there:
            return None
        if self.owner:
            return Whose.OURS if self.owner == self.step.resource.tags[OWNER_TAG] else Whose.ANOTHER
        if self.stack:
            return Whose.STACK
        return Whose.EXPORT if EXPORT_TAG in self.live.tags else Whose.NOBODY


@dataclass(frozen=True)
class Report:
    graph: Graph
    findings: tuple[Finding, ...]
    """In the order of the graph."""
    strangers: tuple[Found, ...]
    """What has the pipeline's names, and is not in the configuration."""

    @property
    def there(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_there]

    @property
    def to_take_over(self) -> list[Finding]:
        return [finding for finding in self.there if finding.whose is not Whose.OURS]

    @property
    def stacks(self) -> dict[Stack, int]:
        """The stacks that manage some of it, and how much."""
        found = [finding.stack for finding in self.there if finding.stack]
        return {stack: found.count(stack) for stack in sorted(set(found))}

    @property
    def steps(self) -> dict[str, Step]:
        """What `Applier.adopt` is to do: all that is there, since what is ours may not be remembered yet."""
        return {finding.step.resource.id: _taking_over(finding) for finding in self.there}


def report_on(graph: Graph, aws: Aws, state: StateFile, listed: Iterable[Found]) -> Report:
    """Look at everything of the blueprint; `listed` is all that has the pipeline's names."""
    found = survey(graph, aws)
    lives = {name: live for name, (_, live) in found.items()}
    owned = {name: live and _owned(live, found[name][0].tags[OWNER_TAG]) for name, live in lives.items()}
    steps = compare_all(graph, owned, aws, state)
    stacks = standing(aws, map(made_by, lives.values()))
    # The resource as the survey found it: what it refers to is filled in with what is there.
    findings = [
        Finding(lives[name], replace(step, resource=found[name][0]), _manager(found[name][0], lives[name], stacks))
        for name, step in steps.items()
    ]
    return Report(graph, tuple(findings), tuple(item for item in listed if not _is_known(item, findings)))


def _manager(resource: Resource, live: Live | None, stacks: Mapping[str, Stack]) -> Stack | None:
    """Not all that a stack holds has its tag: some kinds have none, and what was imported may not have it either."""
    names = _names(resource, live)
    held = (stack for stack in stacks.values() if live and stack.holds & names)
    return stacks.get(made_by(live)) or next(held, None)


def _taking_over(finding: Finding) -> Step:
    return Step(finding.step.resource, Action.KEEP if finding.whose is Whose.OURS else Action.ADOPT, finding.live)


def _owned(live: Live, pipeline: str) -> Live:
    return replace(live, tags={**live.tags, OWNER_TAG: pipeline})


def _is_known(item: Found, findings: Iterable[Finding]) -> bool:
    """It is one of the findings. A subscription is listed by its protocol and its endpoint."""
    name = item.name.split()[-1]
    return any(
        item.kind in {finding.step.resource.kind, TAGGED} and name in _names(finding.step.resource, finding.live)
        for finding in findings
    )


def _names(resource: Resource, live: Live | None) -> set[str]:
    """Under what others know it: some by an id, an ARN, or what it is made of."""
    return {resource.name, *(live.attributes.values() if live else ())}

"""What is there of a pipeline: whose it is, and what `up` would do with it once it is ours. Only reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from streamctl.adoption.stacks import STACK_TAG, Stack, standing
from streamctl.engine.plan import Action, Step, compare_all
from streamctl.engine.resource import EXPORT_TAG, OWNER_TAG, Live
from streamctl.engine.survey import survey

if TYPE_CHECKING:
    from collections.abc import Iterable

    from streamctl.aws import Aws
    from streamctl.engine.graph import Graph
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
    stacks = standing(aws, filter(None, map(_made_by, lives.values())))
    # The resource as the survey found it: what it refers to is filled in with what is there.
    findings = [
        Finding(lives[name], replace(step, resource=found[name][0]), stacks.get(_made_by(lives[name])))
        for name, step in steps.items()
    ]
    known = _names(findings)  # a subscription is listed by its protocol and its endpoint
    return Report(graph, tuple(findings), tuple(item for item in listed if item.name.split()[-1] not in known))


def _made_by(live: Live | None) -> str:
    """The id of a stack, or nothing."""
    return live.tags.get(STACK_TAG, "") if live else ""


def _taking_over(finding: Finding) -> Step:
    return Step(finding.step.resource, Action.KEEP if finding.whose is Whose.OURS else Action.ADOPT, finding.live)


def _owned(live: Live, pipeline: str) -> Live:
    return replace(live, tags={**live.tags, OWNER_TAG: pipeline})


def _names(findings: list[Finding]) -> set[str]:
    """Under what the listings tell the same things: some by an id, an ARN, or what they are made of."""
    names = {finding.step.resource.name for finding in findings}
    attributes = {value for each in findings if each.live for value in each.live.attributes.values()}
    return names | attributes

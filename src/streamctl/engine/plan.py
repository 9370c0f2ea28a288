"""The comparison of what is wanted with what is there. Only reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from streamctl.engine.graph import Graph
from streamctl.engine.references import filled
from streamctl.engine.resource import EXPORT_TAG, OWNER_TAG, Live, Resource
from streamctl.engine.survey import expected, surroundings, survey
from streamctl.errors import OwnershipError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from streamctl.aws import Aws
    from streamctl.engine.references import Attributes
    from streamctl.engine.state import StateFile


MOST_NAMED = 3
"""Of what is refused: the reader sees whose it is by a few."""


class Action(Enum):
    KEEP = "keep"
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    ADOPT = "adopt"


@dataclass(frozen=True)
class Step:
    """One resource and what has to happen to it. `resource` has its holes filled as far as is known by now."""

    resource: Resource
    action: Action
    live: Live | None = None
    differences: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    """Setting to (what is there, what is wanted)."""


@dataclass(frozen=True)
class Plan:
    graph: Graph
    steps: Mapping[str, Step]
    """By resource id, in the order of the graph."""
    leftovers: tuple[Step, ...] = ()
    """What an earlier configuration made and this one no longer wants, each before what it needs."""

    @property
    def changes(self) -> tuple[Step, ...]:
        return (*(step for step in self.steps.values() if step.action is not Action.KEEP), *self.leftovers)


def make_plan(graph: Graph, aws: Aws, state: StateFile, leftovers: Iterable[Resource] = ()) -> Plan:
    """Look at everything at once. Raises OwnershipError when a name is taken by something not ours."""
    unwanted = {resource.id: resource for resource in leftovers}
    whole = Graph([*graph.resources.values(), *unwanted.values()])
    found = survey(whole, aws, alone=unwanted.keys() | state.unsettled())
    refuse_foreign(found.values(), state)
    steps = compare_all(graph, {name: live for name, (_, live) in found.items()}, aws, state)
    order = [name for name in reversed(whole.order) if name in unwanted]
    return Plan(graph, steps, tuple(Step(found[name][0], Action.DELETE, found[name][1]) for name in order))


def compare_all(graph: Graph, lives: Mapping[str, Live | None], aws: Aws, state: StateFile) -> dict[str, Step]:
    """What has to happen to each resource, by id, in the order of the graph."""
    steps, known = {}, surroundings(aws)
    for name in graph.order:
        step = compare(filled(graph.resources[name], known), lives[name], leaving=state.is_deleting(name))
        steps[name], known[name] = step, _lasting(step, known)
    return steps


def compare(resource: Resource, live: Live | None, *, leaving: bool = False) -> Step:
    """What has to happen so that `live` becomes `resource`. What is leaving is waited for, then made anew."""
    if live is None or live.is_leaving or leaving:
        return Step(resource, Action.CREATE, live)
    if resource.is_as_wanted(live):
        return Step(resource, Action.KEEP, live)
    differences = resource.differing(live)
    action = Action.REPLACE if resource.fixed & set(differences) else Action.UPDATE
    return Step(resource, action, live, differences)


def _lasting(step: Step, known: Attributes) -> Mapping[str, str]:
    """The attributes that are sure to be the same when the step is done."""
    if step.live is None or step.action in {Action.CREATE, Action.REPLACE}:
        return expected(step.resource, known)
    renewed = {each for setting in step.differences for each in step.resource.renews.get(setting, ())}
    return {name: value for name, value in step.live.attributes.items() if name not in renewed}


def is_ours(resource: Resource, live: Live, state: StateFile) -> bool:
    """It carries our tag; or no owner's tag at all, and we were interrupted while making or deleting just this.

    The tags of what is leaving cannot be read any more: it is only waited for, so it may pass for ours.
    """
    if live.elsewhere:
        return False
    owner = live.tags.get(OWNER_TAG)
    unsettled = live.is_leaving or state.is_claimed(resource.id) or state.is_deleting(resource.id)
    return owner == resource.tags.get(OWNER_TAG) or (owner is None and unsettled)


def refuse_foreign(looked: Iterable[tuple[Resource, Live | None]], state: StateFile) -> None:
    """Raises OwnershipError, naming the first of them, unless everything that is there is ours."""
    foreign = [(resource, live) for resource, live in looked if live and not is_ours(resource, live, state)]
    if not foreign:
        return
    names = [f"{resource.kind} {resource.name}" for resource, _ in foreign]
    tag = f"{OWNER_TAG}={foreign[0][0].tags.get(OWNER_TAG)}"
    if all(EXPORT_TAG in live.tags for _, live in foreign):
        raise OwnershipError(
            f"Nothing was changed, because an export made it, or took it over: {_some(names)}. It carries the tag "
            f"{EXPORT_TAG} and not {tag}.",
            "Change it with the tool of that export, take it over with `streamctl import`, or choose another --name.",
        )
    raise OwnershipError(
        f"Nothing was changed, because this is not ours: {_some(names)}. It does not carry the tag {tag}.",
        "Choose another --name, or take over with `streamctl import` what an export or the recipe made; or remove it "
        "yourself if you know that it is not needed.",
    )


def _some(names: Sequence[str]) -> str:
    """As many as a reader takes in."""
    more = f" and {len(names) - MOST_NAMED} more, which `streamctl status` shows" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def refuse_lost(resource: Resource, live: Live | None) -> None:
    """Raises OwnershipError where it cannot become ours: it is gone, or is another pipeline's, by now."""
    owner = live.tags.get(OWNER_TAG) if live else None
    if live is None or live.is_leaving or live.elsewhere or owner not in {None, resource.tags[OWNER_TAG]}:
        by_now = f"is of the pipeline {owner}" if owner else "is gone"
        raise OwnershipError(
            f"{resource.kind} {resource.name} was to be taken over, and {by_now}.",
            "Run the same command again: it looks anew.",
        )


def refuse_protected(looked: Iterable[tuple[Resource, Live | None]]) -> None:
    """Raises UsageError, naming them all, where AWS would refuse to delete something."""
    protected = [(resource, live) for resource, live in looked if live and live.protection and not live.is_leaving]
    if protected:
        names = ", ".join(f"{resource.kind} {resource.name}" for resource, _ in protected)
        raise UsageError(
            f"Nothing is deleted, because this is protected against deletion: {names}.", protected[0][1].protection
        )

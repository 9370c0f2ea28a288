"""Looking at what AWS holds of a graph: everything at once, as far as it is known what to look for. Only reads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from streamctl.aws.failures import explained
from streamctl.engine.graph import WORKERS
from streamctl.engine.plugin_kinds import kind_error
from streamctl.engine.references import Attributes, fill, filled, is_open
from streamctl.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from streamctl.aws import Aws
    from streamctl.engine.graph import Graph
    from streamctl.engine.resource import Live, Resource


def surroundings(aws: Aws) -> dict[str, Mapping[str, str]]:
    """What `${aws.…}` stands for."""
    return {"aws": {"account": aws.account, "partition": aws.identity.partition, "region": aws.region}}


def expected(resource: Resource, known: Attributes) -> dict[str, str]:
    """The attributes that are sure before the resource exists."""
    arn = {"arn": fill(resource.arn, known)} if resource.arn else {}
    return {"name": fill(resource.name, known), **arn}


def survey(
    graph: Graph, aws: Aws, *, alone: Collection[str] = (), failed: dict[str, PluginError] | None = None
) -> dict[str, tuple[Resource, Live | None]]:
    """Each resource with its holes filled, and what AWS holds of it, in the order of the graph.

    Names and ARNs are sure beforehand, so a look waits for another one only where `found_by` needs more than these; and
    what it needs may not be there: then there is nothing to be found.
    Where a kind can be looked at together, that look may be seconds old and decides only that something is as wanted:
    what seems not to be, and the ids `alone`, are looked at one by one. Where the kind of a plugin fails by its own
    mistake, that is raised, or noted in `failed` as if there were nothing.
    """
    known = surroundings(aws)
    for name in graph.order:  # each may be named after those before it
        known[name] = expected(graph.resources[name], known)
    looked: dict[str, Live | None] = {}
    while waiting := {name: resource for name, resource in graph.resources.items() if name not in looked}:
        resources = {name: filled(resource, known) for name, resource in waiting.items()}
        unknown = {name for name, resource in resources.items() if _is_open(resource)}
        looked |= dict.fromkeys(name for name in unknown if not graph.needs[name] & waiting.keys())
        looked |= _look([each for name, each in resources.items() if name not in unknown], aws, alone, failed)
        known |= {name: live.attributes for name, live in looked.items() if live}
    found = {name: filled(graph.resources[name], known) for name in graph.order}
    doubtful = [each for each in found.values() if _is_doubtful(each, looked[each.id]) and each.id not in alone]
    looked |= _look(doubtful, aws, graph.resources, failed)
    return {name: (resource, looked[name]) for name, resource in found.items()}


def _is_open(resource: Resource) -> bool:
    """It is not known yet what to look for."""
    return any(is_open(getattr(resource, name)) for name in ("name", *resource.found_by))


def _is_doubtful(resource: Resource, live: Live | None) -> bool:
    return resource.together > 1 and live is not None and not resource.is_as_wanted(live)


def _look(
    resources: Sequence[Resource], aws: Aws, alone: Collection[str], failed: dict[str, PluginError] | None
) -> dict[str, Live | None]:
    """What AWS holds of each, by id; several at a time."""
    groups = list(_groups(resources, alone))

    def read(group: list[Resource]) -> list[Live | None]:
        try:
            return _read(group, aws)
        except PluginError as error:
            if failed is None:
                raise
            failed.update(dict.fromkeys((resource.id for resource in group), error))
            return [None] * len(group)

    with ThreadPoolExecutor(WORKERS) as pool:
        lives = pool.map(read, groups)
        return {
            resource.id: live
            for group, found in zip(groups, lives, strict=True)
            for resource, live in zip(group, found, strict=True)
        }


def _groups(resources: Sequence[Resource], alone: Collection[str]) -> Iterator[list[Resource]]:
    """Those of a kind that can be looked at together; every other one for itself."""
    kinds: dict[type[Resource], list[Resource]] = {}
    for resource in resources:
        if resource.together == 1 or resource.id in alone:
            yield [resource]
        else:
            kinds.setdefault(type(resource), []).append(resource)
    for kind, several in kinds.items():
        yield from (several[first : first + kind.together] for first in range(0, len(several), kind.together))


def _read(resources: Sequence[Resource], aws: Aws) -> list[Live | None]:
    one, doing = resources[0], f"look at {resources[0].kind} {', '.join(resource.name for resource in resources)}"
    try:
        with explained(doing):
            lives = [one.read(aws)] if len(resources) == 1 else one.read_many(aws, resources)
        for resource, live in zip(resources, lives, strict=True):
            _ = live and resource.differing(live)  # what it tells can be compared, or its kind is wrong
    except Exception as raised:
        if error := kind_error(one, raised, doing):
            raise error from raised
        raise
    return lives

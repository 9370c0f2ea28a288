"""The resources of a pipeline and what needs what: edges are found in the references, not declared."""

from __future__ import annotations

import re
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import fields
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType
from typing import TYPE_CHECKING

from streamctl.engine.references import references
from streamctl.errors import PluginError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Iterator, Mapping, Set

    from streamctl.engine.resource import Resource

SURROUNDINGS = MappingProxyType(
    {
        "aws": frozenset({"account", "partition", "region"}),
        "code": frozenset({"bucket"}),
        "pipeline": frozenset({"name"}),
    }
)
"""What can be referred to without being a resource. The last two are known only where a pipeline is written down for
another tool: the bucket its code is in, and what it is called."""

ID = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
"""What an id looks like: the names of other tools are made from it, and holes refer to it."""
WORKERS = 16  # everything the recipe can do at once, with room for features; far below any API's rate limit


def in_order(needs: Mapping[str, Set[str]]) -> Iterator[str]:
    """Every id after all that it needs, and else as they were given: the same at each run. There must be no circle."""
    left = dict.fromkeys(needs)
    while left:
        first = next(name for name in left if not needs[name] & left.keys())
        del left[first]
        yield first


class Graph:
    """Resources by id, checked: references lead somewhere and not in a circle. Raises PluginError otherwise."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources: dict[str, Resource] = {}
        for resource in resources:
            if not ID.fullmatch(resource.id):
                raise PluginError(
                    f"{resource.id!r} is no id for a {resource.kind}.",
                    "An id is of words of small letters and digits, joined by underscores: alarms_topic.",
                )
            if resource.id in self.resources or resource.id in SURROUNDINGS:
                raise PluginError(f"Two resources are called {resource.id!r}.", "Ids are unique within a pipeline.")
            self.resources[resource.id] = resource
        self.needs: Mapping[str, frozenset[str]] = {
            resource.id: frozenset(self._needs(resource)) for resource in self.resources.values()
        }
        try:
            TopologicalSorter(self.needs).prepare()
        except CycleError as error:
            circle = " → ".join(error.args[1])
            raise PluginError(f"Resources need one another in a circle: {circle}.") from error
        self.order = tuple(in_order(self.needs))

    def walk(
        self, visit: Callable[[str], None], *, backwards: bool = False, stopping: threading.Event | None = None
    ) -> None:
        """Visit every id once, several at a time, each after all that it needs (backwards: after all that need it).

        `visit` runs in a thread; of several that can begin, what may take longest does first. What it raises ends the
        walk, as Ctrl-C does: `stopping` is set, so that the visits under way can end soon, and they are waited for.
        """
        needs = self._needed_by() if backwards else self.needs
        sorter = TopologicalSorter(needs)
        sorter.prepare()
        under_way: dict[Future[None], str] = {}
        with ThreadPoolExecutor(WORKERS) as pool:
            try:
                while sorter.is_active():
                    ready = sorted(sorter.get_ready(), key=self._longest_first)
                    under_way |= {pool.submit(visit, name): name for name in ready}
                    done, _ = wait(under_way, return_when=FIRST_COMPLETED)
                    for future in done:
                        name = under_way.pop(future)
                        future.result()
                        sorter.done(name)
            except BaseException:
                if stopping:
                    stopping.set()
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _longest_first(self, name: str) -> float:
        return -self.resources[name].timeout_seconds

    def _needs(self, resource: Resource) -> Iterator[str]:
        for name in resource.after:
            if name not in self.resources:
                raise PluginError(f"{resource.id} waits for {name!r}, which is not in the pipeline.")
            yield name
        wanted = [
            (name, attribute) for f in fields(resource) for name, attribute in references(getattr(resource, f.name))
        ]
        for name, attribute in wanted:
            known = SURROUNDINGS.get(name) or self._attributes(name)
            if attribute not in known:
                raise PluginError(
                    f"{resource.id} refers to ${{{name}.{attribute}}}, which does not exist.",
                    f"What there is: {', '.join(sorted(known)) or ', '.join(sorted(self.resources))}.",
                )
            if name not in SURROUNDINGS:
                yield name

    def _attributes(self, name: str) -> frozenset[str]:
        return self.resources[name].provided if name in self.resources else frozenset()

    def _needed_by(self) -> dict[str, set[str]]:
        turned: dict[str, set[str]] = {name: set() for name in self.resources}
        for name, needed in self.needs.items():
            for other in needed:
                turned[other].add(name)
        return turned

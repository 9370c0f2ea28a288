"""What applies plans in the tests: a cloud, a state that remembers, a listener, and a clock that nobody waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.engine.apply import Applier
from streamctl.engine.graph import Graph
from streamctl.engine.plan import Action, Step, make_plan
from streamctl.engine.state import StateFile, Target

from .cloud import Cloud, Listener

if TYPE_CHECKING:
    from pathlib import Path

    from streamctl.engine.outcome import Outcome
    from streamctl.engine.resource import Resource


class Clock:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds + 0.001


class Site:
    """A cloud, a state and a listener; `up` and `down` as a command would do them."""

    def __init__(self, path: Path) -> None:
        self.cloud = Cloud()
        self.listener = Listener()
        self.state = StateFile.new(path, "demo01", Target("000000000000", "eu-central-1"))

    def applier(self) -> Applier:
        clock = Clock()
        return Applier(self.cloud, self.state, self.listener, clock=clock, sleep=clock.sleep)

    def up(self, *resources: Resource, leftovers: tuple[Resource, ...] = ()) -> Outcome:
        graph = Graph(resources)
        plan = make_plan(graph, self.cloud, self.state, leftovers)
        return self.applier().apply(plan, graph.resources)

    def down(self, *resources: Resource) -> Outcome:
        return self.applier().destroy(Graph(resources))

    def adopt(self, *resources: Resource) -> Outcome:
        return self.applier().adopt(Graph(resources), {each.id: Step(each, Action.ADOPT) for each in resources})

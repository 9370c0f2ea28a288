"""A kind that fails by its own mistake is named, and what does not need it goes on. The kinds of tests are nobody's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.engine.apply import Applier
from streamctl.engine.graph import Graph
from streamctl.engine.plan import make_plan
from streamctl.engine.state import StateFile, Target
from streamctl.errors import PluginError
from streamctl.observe.status import status

from .cloud import Cloud, Listener, Thing, thing

if TYPE_CHECKING:
    from pathlib import Path

    from streamctl.engine.resource import Live


class Blind(Thing):
    """Its `read` does not work."""

    def read(self, aws: Any) -> Live | None:
        raise LookupError("no such column")


class Confused(Thing):
    """It tells what is no setting of its own."""

    def read(self, aws: Any) -> Live | None:
        live = super().read(aws)
        return live and replace(live, settings={**live.settings, "weight": 1})


class Stuck(Thing):
    """Its `delete` does not work."""

    def delete(self, aws: Any, live: Live) -> None:
        raise LookupError("no such row")


@pytest.fixture
def state(tmp_path: Path) -> StateFile:
    return StateFile.new(tmp_path / "state.json", "demo01", Target("000000000000", "eu-central-1"))


def built(state: StateFile, *things: Thing) -> Cloud:
    cloud = Cloud()
    graph = Graph([Thing(**{name: getattr(each, name) for name in ("id", "name", "note")}) for each in things])
    Applier(cloud, state, Listener()).apply(make_plan(graph, cloud, state), graph.resources)  # type: ignore[arg-type]
    return cloud


def bad(kind: type[Thing], **settings: Any) -> Thing:
    return kind(id="bad", name="bad-demo01", **settings)


@pytest.mark.parametrize(
    ("kind", "mistake"),
    [
        (Blind, "LookupError: no such column"),
        (Confused, "AttributeError: 'Confused' object has no attribute 'weight'"),
    ],
)
def test_a_plan_names_the_kind_that_cannot_look(state: StateFile, kind: type[Thing], mistake: str) -> None:
    cloud = built(state, bad(kind))

    with pytest.raises(PluginError, match=rf"The resource kind thing \(.*tests.*\) failed to look at.*: {mistake}"):
        make_plan(Graph([bad(kind)]), cloud, state)  # type: ignore[arg-type]


@pytest.mark.parametrize(("kind", "mistake"), [(Blind, "no such column"), (Stuck, "no such row")])
def test_down_deletes_all_but_what_a_kind_cannot(state: StateFile, kind: type[Thing], mistake: str) -> None:
    """Also what the broken one needs: whether it is there at all, nobody can say."""
    things = (thing("a"), bad(kind, note="${a.arn}"), thing("c"))
    cloud = built(state, *things)

    outcome = Applier(cloud, state, Listener()).destroy(Graph(things))  # type: ignore[arg-type]

    assert (outcome.done, outcome.skipped, [*outcome.failed]) == ({"a", "c"}, set(), ["bad"])
    assert mistake in outcome.failed["bad"].message
    assert "test_plugin_kinds.py" in outcome.failed["bad"].message
    assert outcome.failed["bad"].hint == (
        "Mend the plugin and run the same command again, or delete thing bad-demo01 by hand."
    )
    assert [*cloud.things] == ["bad-demo01"]
    assert [*state.state.resources] == ["bad"]


def test_the_status_of_what_a_kind_cannot_look_at_is_unknown(state: StateFile) -> None:
    things = (thing("a"), bad(Blind))
    cloud = built(state, *things)

    rows = status(Graph(things), cloud)  # type: ignore[arg-type]

    assert [(row.id, row.state, row.ready) for row in rows] == [("a", "ACTIVE", True), ("bad", "unknown", False)]
    assert "LookupError: no such column" in rows[1].failure

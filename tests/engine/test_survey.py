from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from streamctl.engine.apply import Applier
from streamctl.engine.graph import Graph
from streamctl.engine.plan import make_plan
from streamctl.engine.state import Record, StateFile, Target
from streamctl.engine.survey import survey

from .cloud import OURS, Cloud, Listener, Thing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from streamctl.engine.resource import Live


@pytest.fixture
def state(tmp_path: Path) -> StateFile:
    return StateFile.new(tmp_path / "state.json", "demo01", Target("000000000000", "eu-central-1"))


def there(**settings: Any) -> dict[str, Any]:
    return {"size": 1, "shape": "round", "note": "", "tags": dict(OURS), **settings}


@dataclass
class Meeting(Cloud):
    """No look at it is over before `expected` of them have begun."""

    expected: int = 1
    barrier: threading.Barrier = field(init=False)

    def __post_init__(self) -> None:
        self.barrier = threading.Barrier(self.expected, timeout=5)


@dataclass(frozen=True, kw_only=True)
class Waiting(Thing):
    def read(self, aws: Any) -> Live | None:
        aws.barrier.wait()
        return super().read(aws)


def waiting(name: str, **settings: Any) -> Waiting:
    return Waiting(id=name, name=f"{name}-demo01", **settings)


def test_what_refers_to_another_is_looked_at_beside_it(state: StateFile) -> None:
    chain = [waiting("a"), waiting("b", note="${a.arn}"), waiting("c", note="${b.arn}")]

    found = survey(Graph(chain), Meeting({"a-demo01": there()}, expected=3))  # type: ignore[arg-type]

    assert found["b"][0].note == "arn:aws:things:eu-central-1:000000000000:a-demo01"  # type: ignore[attr-defined]


def test_what_is_no_longer_wanted_is_looked_at_beside_the_rest(state: StateFile) -> None:
    cloud: Any = Meeting({"old-demo01": there()}, expected=2)

    plan = make_plan(Graph([waiting("a")]), cloud, state, [waiting("old")])

    assert [step.resource.id for step in plan.leftovers] == ["old"]


@dataclass(frozen=True, kw_only=True)
class Numbered(Thing):
    """A thing with a number that nobody knows before it is there."""

    attributes: ClassVar[frozenset[str]] = frozenset({"name", "arn", "number"})

    def read(self, aws: Any) -> Live | None:
        live = super().read(aws)
        return live and replace(live, attributes={**live.attributes, "number": "7"})


@dataclass(frozen=True, kw_only=True)
class Hung(Thing):
    """A thing that is found by the number of what it hangs on."""

    found_by: ClassVar[frozenset[str]] = frozenset({"note"})

    def read(self, aws: Any) -> Live | None:
        aws.calls.append(f"with {self.note}")
        return None


HUNG = (Hung(id="b", name="b-demo01", note="${a.number}"), Numbered(id="a", name="a-demo01"))


def test_what_is_found_by_an_attribute_of_another_is_looked_at_after_it() -> None:
    cloud: Any = Cloud({"a-demo01": there()})

    survey(Graph(HUNG), cloud)

    assert cloud.calls == ["read a-demo01", "with 7"]


def test_what_is_found_by_an_attribute_that_nobody_has_is_absent_without_a_look() -> None:
    cloud: Any = Cloud()

    found = survey(Graph(HUNG), cloud)

    assert cloud.calls == ["read a-demo01"]
    assert found["b"] == (HUNG[0], None)


def test_what_is_named_after_an_attribute_of_another_is_looked_at_under_its_whole_name() -> None:
    cloud: Any = Cloud({"a-demo01": there(), "b-7": there()})
    graph = Graph([Thing(id="b", name="b-${a.number}"), Numbered(id="a", name="a-demo01")])

    found = survey(graph, cloud)

    assert cloud.calls == ["read a-demo01", "read b-7"]
    assert found["b"][1] is not None


def test_a_name_may_be_made_of_the_names_of_others() -> None:
    cloud: Any = Cloud({"c-b-a-demo01": there()})
    chain = [Thing(id="c", name="c-${b.name}"), Thing(id="b", name="b-${a.name}"), Thing(id="a", name="a-demo01")]

    assert survey(Graph(chain), cloud)["c"][1] is not None


@dataclass(frozen=True, kw_only=True)
class Crowd(Thing):
    """Things that are looked at three at a time."""

    together: ClassVar[int] = 3

    @classmethod
    def read_many(cls, aws: Any, resources: Sequence[Any]) -> list[Live | None]:
        aws.calls.append(f"read {len(resources)} together")
        quiet: Any = Cloud(aws.things)
        return [resource.read(quiet) for resource in resources]


def crowd(count: int, **settings: Any) -> list[Crowd]:
    return [Crowd(id=f"c{number}", name=f"c{number}", **settings) for number in range(count)]


def test_many_of_a_kind_are_looked_at_together(state: StateFile) -> None:
    cloud: Any = Cloud({f"c{number}": there() for number in range(7)})

    plan = make_plan(Graph(crowd(7)), cloud, state)

    assert plan.changes == ()
    assert sorted(cloud.calls) == ["read 3 together", "read 3 together", "read c6"]


@pytest.mark.parametrize("trouble", [{"size": 2}, {"tags": {}}, {"failure": "broken"}])
def test_what_seems_to_need_a_change_is_looked_at_alone_as_well(state: StateFile, trouble: dict[str, Any]) -> None:
    cloud: Any = Cloud({"c0": there(), "c1": there(**trouble)})
    state.intend("c1", Record("thing", {}))

    survey(Graph(crowd(2)), cloud)

    assert cloud.calls == ["read 2 together", "read c1"]


def test_what_we_never_saw_the_end_of_is_looked_at_alone(state: StateFile) -> None:
    cloud: Any = Cloud({f"c{number}": there() for number in range(4)})
    for number, record in enumerate([Record("thing", {}), Record("thing", {}, made=True, deleting=True)]):
        state.intend(f"c{number}", record)

    make_plan(Graph(crowd(4)), cloud, state)

    assert sorted(cloud.calls) == ["read 2 together", "read c0", "read c1"]


def test_before_a_delete_everything_is_looked_at_alone(state: StateFile) -> None:
    cloud: Any = Cloud({f"c{number}": there() for number in range(3)})

    Applier(cloud, state, Listener()).destroy(Graph(crowd(3)))

    assert "read 3 together" not in cloud.calls
    assert cloud.things == {}

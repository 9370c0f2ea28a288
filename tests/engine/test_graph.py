from __future__ import annotations

import threading
from typing import ClassVar

import pytest

from streamctl.engine.graph import WORKERS, Graph
from streamctl.errors import PluginError

from .cloud import Thing, thing


class Slow(Thing):
    timeout_seconds: ClassVar[float] = 600


def test_what_refers_to_another_comes_after_it() -> None:
    graph = Graph([thing("c", note="${b.arn}"), thing("b", note="${a.arn}"), thing("a")])

    assert graph.order == ("a", "b", "c")


def test_an_arn_known_beforehand_makes_nobody_wait() -> None:
    table = thing("table")
    graph = Graph([thing("role", note=table.arn), table])

    assert graph.needs["role"] == frozenset()


def test_a_reference_to_nothing_is_refused_with_what_there_is() -> None:
    with pytest.raises(PluginError, match=r"b refers to \$\{a.colour\}") as refusal:
        Graph([thing("a"), thing("b", note="${a.colour}")])

    assert refusal.value.hint == "What there is: arn, name."


class Bare(Thing):
    """A thing without an ARN, as long as it has no size."""

    @property
    def provided(self) -> frozenset[str]:
        return self.attributes if self.size else self.attributes - {"arn"}


def test_a_reference_to_what_the_settings_do_not_provide_is_refused() -> None:
    Graph([Bare(id="a", name="a", size=1), thing("b", note="${a.arn}")])

    with pytest.raises(PluginError, match=r"b refers to \$\{a.arn\}, which does not exist") as refusal:
        Graph([Bare(id="a", name="a", size=0), thing("b", note="${a.arn}")])

    assert refusal.value.hint == "What there is: name."


def test_waiting_for_something_unknown_is_refused() -> None:
    with pytest.raises(PluginError, match="a waits for 'b'"):
        Graph([thing("a", after=("b",))])


@pytest.mark.parametrize("name", ["my-queue", "Queue", "naïve", "2nd", "a__b", "a_", ""])
def test_an_id_that_nothing_could_refer_to_is_refused(name: str) -> None:
    with pytest.raises(PluginError, match=f"'{name}' is no id for a thing"):
        Graph([thing(name)])


def test_a_circle_is_refused_and_shown() -> None:
    with pytest.raises(PluginError, match=r"in a circle: .*a.*b"):
        Graph([thing("a", note="${b.arn}"), thing("b", note="${a.arn}")])


def test_two_resources_of_one_id_are_refused() -> None:
    with pytest.raises(PluginError, match="called 'a'"):
        Graph([thing("a"), thing("a")])


def test_a_walk_visits_everything_once_in_order_and_backwards() -> None:
    graph = Graph([thing("a"), thing("b", note="${a.arn}"), thing("c", after=("b",))])
    forth: list[str] = []
    back: list[str] = []

    graph.walk(forth.append)
    graph.walk(back.append, backwards=True)

    assert forth == ["a", "b", "c"]
    assert back == ["c", "b", "a"]


def test_what_needs_nothing_of_each_other_is_visited_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=5)

    Graph([thing("a"), thing("b")]).walk(lambda name: both.wait() and None)


def test_what_may_take_longest_begins_before_what_fills_every_worker() -> None:
    begun: list[str] = []
    everybody_is_at_work = threading.Event()

    def visit(name: str) -> None:
        begun.append(name)
        if len(begun) >= WORKERS:
            everybody_is_at_work.set()
        everybody_is_at_work.wait(5)

    Graph([*(thing(f"quick{number}") for number in range(2 * WORKERS)), Slow(id="slow", name="slow")]).walk(visit)

    assert "slow" in begun[:WORKERS]


def test_an_unexpected_error_ends_the_walk_and_tells_the_others_to_stop() -> None:
    stopping = threading.Event()

    def visit(name: str) -> None:
        raise ZeroDivisionError(name)

    with pytest.raises(ZeroDivisionError):
        Graph([thing("a"), thing("b", after=("a",))]).walk(visit, stopping=stopping)
    assert stopping.is_set()

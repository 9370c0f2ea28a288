from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from streamctl.engine.graph import Graph
from streamctl.engine.plan import Action, make_plan
from streamctl.engine.state import Record, StateFile, Target
from streamctl.errors import OwnershipError

from .cloud import OURS, Cloud, Edition, thing

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def state(tmp_path: Path) -> StateFile:
    return StateFile.new(tmp_path / "state.json", "demo01", Target("000000000000", "eu-central-1"))


def there(**settings: Any) -> dict[str, Any]:
    return {"size": 1, "shape": "round", "note": "", "tags": dict(OURS), **settings}


def test_what_is_absent_is_to_be_created(state: StateFile) -> None:
    plan = make_plan(Graph([thing("a")]), Cloud(), state)

    assert [step.action for step in plan.changes] == [Action.CREATE]


def test_what_is_as_wanted_is_kept(state: StateFile) -> None:
    plan = make_plan(Graph([thing("a")]), Cloud({"a-demo01": there()}), state)

    assert plan.changes == ()


def test_a_changed_setting_is_an_update_that_shows_both_values(state: StateFile) -> None:
    plan = make_plan(Graph([thing("a", size=3)]), Cloud({"a-demo01": there()}), state)

    (step,) = plan.changes
    assert (step.action, step.differences) == (Action.UPDATE, {"size": (1, 3)})


def test_a_changed_fixed_setting_is_a_replacement(state: StateFile) -> None:
    plan = make_plan(Graph([thing("a", shape="square")]), Cloud({"a-demo01": there()}), state)

    assert [step.action for step in plan.changes] == [Action.REPLACE]


def test_a_reference_to_what_does_not_exist_yet_is_compared_with_its_future_arn(state: StateFile) -> None:
    cloud = Cloud({"b-demo01": there(note="arn:aws:things:eu-central-1:000000000000:a-demo01")})
    plan = make_plan(Graph([thing("a"), thing("b", note="${a.arn}")]), cloud, state)

    assert [step.resource.id for step in plan.changes] == ["a"]


@pytest.mark.parametrize(
    ("wanted", "note"),
    [
        ({}, None),
        ({"note": "new"}, None),
        ({"size": 2}, ("of size 1", "${a.edition}")),
        ({"shape": "square"}, ("of size 1", "${a.edition}")),
    ],
)
def test_who_refers_to_what_a_change_renews_is_changed_too(
    wanted: dict[str, Any], note: tuple[str, str] | None, state: StateFile
) -> None:
    """What it will be is not known yet; what stays as it is is no reason for a change."""
    cloud = Cloud({"a-demo01": there(), "b-demo01": there(note="of size 1")})
    plan = make_plan(Graph([Edition(id="a", name="a-demo01", **wanted), thing("b", note="${a.edition}")]), cloud, state)

    assert plan.steps["b"].differences.get("note") == note


def test_a_name_taken_by_something_foreign_is_refused(state: StateFile) -> None:
    cloud = Cloud({"a-demo01": there(tags={"streamctl:pipeline": "other"}), "b-demo01": there(tags={})})

    with pytest.raises(OwnershipError, match="thing a-demo01, thing b-demo01"):
        make_plan(Graph([thing("a"), thing("b")]), cloud, state)
    assert cloud.writes == []


def test_an_untagged_thing_is_ours_where_we_were_interrupted_while_making_it(state: StateFile) -> None:
    state.intend("a", Record("thing", {}))

    plan = make_plan(Graph([thing("a")]), Cloud({"a-demo01": there(tags={})}), state)

    assert [step.action for step in plan.changes] == [Action.UPDATE]


def test_what_is_leaving_has_to_be_made_anew(state: StateFile) -> None:
    cloud = Cloud({"a-demo01": there(state="DELETING")})

    assert [step.action for step in make_plan(Graph([thing("a")]), cloud, state).changes] == [Action.CREATE]


@pytest.mark.parametrize("trouble", [{"failure": "image too large"}, {"looks": -5}])
def test_what_failed_or_is_not_ready_is_a_change(state: StateFile, trouble: dict[str, Any]) -> None:
    cloud = Cloud({"a-demo01": there(**trouble)})

    assert [step.action for step in make_plan(Graph([thing("a")]), cloud, state).changes] == [Action.UPDATE]


def test_what_we_were_deleting_is_made_anew_even_where_it_still_seems_to_be_there(state: StateFile) -> None:
    state.intend("a", Record("thing", {}, made=True))
    state.deleting("a")

    plan = make_plan(Graph([thing("a")]), Cloud({"a-demo01": there()}), state)

    assert [step.action for step in plan.changes] == [Action.CREATE]


def test_what_is_no_longer_wanted_is_to_be_deleted(state: StateFile) -> None:
    plan = make_plan(Graph([]), Cloud({"old-demo01": there()}), state, [thing("old")])

    assert [(step.resource.id, step.action) for step in plan.changes] == [("old", Action.DELETE)]

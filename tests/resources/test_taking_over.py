"""Of every kind, what somebody else made gets the owner's tag, and nothing else of it changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.aws import Aws
from streamctl.emulator import process
from streamctl.engine.apply import Applier
from streamctl.engine.graph import Graph
from streamctl.engine.plan import Action, Step
from streamctl.engine.resource import OWNER_TAG
from streamctl.engine.state import StateFile, Target
from streamctl.resources import KINDS

from ..engine.cloud import Listener
from .test_contract import NOT_IN_MOTO

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from streamctl.emulator.process import Emulator
    from streamctl.engine.resource import Resource

EXPORTED = {"streamctl:export": "a1b2c3", "team": "blue"}


def take_over(aws: Aws, wanted: Resource, folder: Path) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What the state remembers of it, and its tags."""
    state = StateFile.new(folder / "state.json", "a1b2c3", Target("123456789012", "eu-west-1"))
    listener = Listener()

    outcome = Applier(aws, state, listener).adopt(Graph([wanted]), {wanted.id: Step(wanted, Action.ADOPT)})

    assert (outcome.done, outcome.failed) == ({wanted.id}, {}), listener.heard
    live = wanted.read(aws)
    assert live
    assert state.state.resources[wanted.id].made
    return state.state.resources[wanted.id].fields, live.tags


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - NOT_IN_MOTO))
def test_what_is_taken_over_gets_the_owners_tag_and_keeps_everything_else(
    kind: str, case: Callable[[str, Aws], Any], moto: Callable[[], Aws], tmp_path: Path
) -> None:
    aws, found = moto(), case(kind, moto())
    replace(found.resource, tags=EXPORTED).create(aws)
    wanted = replace(found.resource, **(found.changes[0] if found.changes else {}))
    before = wanted.read(aws)
    assert before

    remembered, tags = take_over(aws, wanted, tmp_path)

    after = wanted.read(aws)
    assert after
    assert after.settings == before.settings
    assert {name: remembered[name] for name in after.settings} == after.settings
    owner = {OWNER_TAG: "a1b2c3"} if wanted.can_be_tagged else {}
    assert tags == {**before.tags, **owner}


def test_a_dashboard_is_taken_over_in_the_same_way(
    case: Callable[[str, Aws], Any], emulator: Emulator, tmp_path: Path
) -> None:
    aws = Aws(region="eu-west-1", endpoint_url=emulator.endpoint_url, credentials=process.CREDENTIALS)
    found = case("cloudwatch_dashboard", aws)
    replace(found.resource, tags=EXPORTED).create(aws)
    wanted = replace(found.resource, **found.changes[0])

    remembered, tags = take_over(aws, wanted, tmp_path)

    assert remembered["body"] == found.resource.body
    assert tags == {**EXPORTED, OWNER_TAG: "a1b2c3"}
    aws.client("cloudwatch").delete_dashboards(DashboardNames=[wanted.name])

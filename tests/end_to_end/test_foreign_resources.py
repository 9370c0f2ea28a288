"""Things that carry our names and are not ours: `up` refuses before its first write, `down` never touches them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from streamctl.resources import KINDS

from ..account import Account
from ..foreign import MAKERS, settings
from ..sweep.choice import thoroughly

if TYPE_CHECKING:
    from .conftest import Project


ALL = tuple(KINDS)


def test_there_is_a_foreign_thing_of_every_kind() -> None:
    assert KINDS.keys() - MAKERS.keys() == set()


@pytest.mark.parametrize("kinds", thoroughly([ALL], [ALL, *((kind,) for kind in KINDS)]), ids=len)
def test_names_that_are_taken_stop_up_and_survive_down(project: Project, kinds: tuple[str, ...]) -> None:
    project.configure(settings(kinds))
    for kind, make in MAKERS.items():
        if kind in kinds:
            make(project.client, project.names.suffix, {})
    account = Account(project.client, lambda name: project.names.suffix in name)
    before = account.things()

    up = project.shell.run("up", check=False)
    down = project.shell.run("down", "--yes", check=False)

    assert before
    assert (up.code, down.code) == (3, 3)
    foreign = [
        each["kind"] for each in project.shell.run("status", "--json").document["resources"] if not each["is_ours"]
    ]
    assert {*foreign} == {*kinds}
    for said in (up, down):
        others = re.search(r" and (\d+) more", said.err)
        named = [kind for kind in foreign if f": {kind} " in said.err or f", {kind} " in said.err]
        assert len(named) + int(others[1] if others else 0) == len(foreign)
    assert account.things() == before


def test_a_thing_that_took_the_place_of_ours_stops_down_before_its_first_delete(project: Project) -> None:
    project.shell.run("up")
    sqs, queue = project.client("sqs"), project.names.rejected_queue
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"])
    sqs.create_queue(QueueName=queue, tags={"streamctl:pipeline": "somebody"})
    before = project.everything_named_so()

    said = project.shell.run("down", "--yes", check=False)

    assert said.code == 3
    assert f"sqs_queue {queue}" in said.err
    assert project.everything_named_so() == before
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"])

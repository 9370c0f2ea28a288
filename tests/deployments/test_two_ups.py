"""Two pipelines that `up` made are the same, in what they are and in what they do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.resources import KINDS

from . import differences, owners, sent_items
from .sending import EVENTS
from .sending import VARYING as VARYING_ITEMS
from .varying import VARYING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .conftest import Pair

pytestmark = pytest.mark.xdist_group("two_ups")


def test_two_ups_differ_in_no_setting_of_any_kind(pair: Pair) -> None:
    one, other = pair.read()

    assert differences(one, other) == []
    assert {kind for kind, things in one.items() if things} == set(KINDS)
    untagged = {"sns_subscription"}
    assert set(owners(one)) == {
        f"{kind} {name}" for kind, things in one.items() if kind not in untagged for name in things
    }
    assert {str(tags) for tags in owners(one).values()} == {"{'streamctl:pipeline': 'NAME'}"}


def test_the_reader_finds_as_many_things_as_up_made(pair: Pair) -> None:
    made = pair.shell.run("status", "--name", pair.one, "--json").document["resources"]

    found = pair.read()[0]

    assert {kind: len(things) for kind, things in found.items()} == {
        kind: sum(each["kind"] == kind for each in made) for kind in KINDS
    }


def test_nothing_is_passed_over_that_is_not_there(pair: Pair) -> None:
    one, _ = pair.read()

    shown = {path for kind, things in one.items() for told in things.values() for path in hidden(told, (kind,))}

    assert shown == set(VARYING)


def hidden(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The paths at which a reason stands for the value."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from hidden(each, (*path, key))
    elif isinstance(value, list):
        for each in value:
            yield from hidden(each, path)
    elif path in VARYING and value == VARYING[path]:
        yield path


def test_the_same_events_become_the_same_items_also_from_a_folder_that_deployed_nothing(
    pair: Pair, tmp_path: Path
) -> None:
    configuration = (pair.shell.folder / "streamctl.toml").read_text(encoding="utf-8")
    (tmp_path / "streamctl.toml").write_text(configuration, encoding="utf-8")
    elsewhere = replace(pair.shell, folder=tmp_path)

    one = sent_items(pair.shell, pair.client, pair.one)
    other = sent_items(elsewhere, pair.client, pair.other)

    assert one == other
    assert len(one) == EVENTS
    assert VARYING_ITEMS.keys() <= one[0].keys()

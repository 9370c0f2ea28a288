"""Who makes the events: what the configuration names, and a file of the user's."""

from __future__ import annotations

import pickle
import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from streamctl.config import load
from streamctl.errors import PluginError
from streamctl.traffic.generators import RecipeEvents
from streamctl.traffic.makers import Maker
from streamctl.traffic.order import Order, made

if TYPE_CHECKING:
    from pathlib import Path

AT = datetime(2026, 11, 25, tzinfo=UTC)
READINGS = """
def event(rng, sequence, at):
    return {"eventType": "reading", "value": rng.randint(0, 99), "timestamp": at.isoformat()}
"""


def written(folder: Path, text: str) -> Maker:
    (folder / "mine.py").write_text(text, encoding="utf-8")
    return Maker("mine.py", folder / "mine.py")


def test_the_installed_generator_is_meant_unless_a_file_is_named(tmp_path: Path) -> None:
    assert isinstance(Maker.configured(load(tmp_path)).load(), RecipeEvents)

    (tmp_path / "streamctl.toml").write_text('[generator]\npath = "mine.py"')
    assert Maker.configured(load(tmp_path)) == Maker("mine.py", tmp_path / "mine.py")


def test_the_same_seed_makes_the_same_events_in_any_process(tmp_path: Path) -> None:
    maker = written(tmp_path, READINGS)
    there = pickle.loads(pickle.dumps(maker))  # noqa: S301  as another process gets it

    values = [[event.payload for event in made(Order(seed), maker).take("run", 50)] for seed in (1, 1, 2)]
    others = [event.payload.partition(b'"timestamp"')[0] for event in made(Order(1), there).take("run", 50)]

    assert [payload.partition(b'"timestamp"')[0] for payload in values[0]] == others
    assert values[0] != values[2]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return event['x']", r"mine\.py failed on event 7: TypeError: .* \(mine\.py:2\)"),
        ("raise SystemExit", r"mine\.py failed on event 7: SystemExit \(mine\.py:2\)"),
        ("return [1]", r"mine\.py made list of event 7, not a mapping"),
    ],
)
def test_what_a_file_does_wrong_is_told_with_its_line(tmp_path: Path, body: str, told: str) -> None:
    generator = written(tmp_path, f"def event(rng, sequence, at):\n    {body}\n").load()

    with pytest.raises(PluginError, match=told):
        generator.event(random.Random(1), 7, AT)


def test_the_run_tells_the_same_words(tmp_path: Path) -> None:
    source = made(Order(1), written(tmp_path, "def event(rng, sequence, at):\n    return {'n': 1 / (2 - sequence)}\n"))

    with pytest.raises(PluginError, match=r"mine\.py failed on event 2: ZeroDivisionError: .* \(mine\.py:2\)"):
        source.take("run", 5)


def test_what_json_cannot_hold_is_told_too(tmp_path: Path) -> None:
    source = made(Order(1), written(tmp_path, "def event(rng, sequence, at):\n    return {'at': at}\n"))

    with pytest.raises(PluginError, match=r"The generator mine\.py failed on event 0: TypeError"):
        source.take("run", 5)


def test_what_it_prints_does_not_get_into_the_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(Order(1), written(tmp_path, "def event(rng, sequence, at):\n    print('hello')\n    return {}\n")).take("r", 1)

    assert capsys.readouterr() == ("", "hello\n")

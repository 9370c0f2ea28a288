from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.cli.invoke import measured, plain

from ..shell import Shell

if TYPE_CHECKING:
    from pathlib import Path


def test_an_item_is_shown_as_json_with_every_digit() -> None:
    item = {
        "M": {"a": {"N": "10.9900"}, "b": {"L": [{"NULL": True}, {"BOOL": False}]}, "c": {"M": {}}, "d": {"S": "é"}}
    }

    assert plain(item) == '{\n  "a": 10.9900,\n  "b": [\n    null,\n    false\n  ],\n  "c": {},\n  "d": "é"\n}'


def test_a_metric_is_shown_with_its_dimensions() -> None:
    directive = {"Dimensions": [["EventType"]], "Metrics": [{"Name": "EventsProcessed"}]}
    line = {"_aws": {"CloudWatchMetrics": [directive]}, "EventType": "reading", "EventsProcessed": 2}

    assert measured(line) == "EventsProcessed 2 (EventType reading)"


def test_an_event_is_stored_set_aside_or_the_processor_is_at_fault(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    (tmp_path / "streamctl.toml").write_text('[processor]\npath = "mine.py"\n')
    (tmp_path / "mine.py").write_text("def process(event):\n    print('seen')\n    return {'n': 1 / event['n']}\n")

    stored = shell.run("invoke", "--event", "-", "--json", stdin='{"n": 4}')
    aside = shell.run("invoke", "--event", "-", stdin='{"n": 0}\n{"n": 2}\n', check=False)
    (tmp_path / "mine.py").write_text("import nowhere")
    broken = shell.run("invoke", "--event", "-", stdin="{}", check=False)
    missing = shell.run("invoke", "--event", "none.json", check=False)

    assert stored.document["ends"][0]["item"]["metrics"] == {"M": {"n": {"N": "0.25"}}}
    assert (stored.document["stored"], stored.err) == (1, "seen\n")
    assert (aside.code, "processor_error. DivisionByZero in mine.py, line 3" in aside.out) == (5, True)
    assert "1 of 2 would be set aside" in aside.err
    assert (broken.code, "mine.py:1" in broken.err) == (2, True)
    assert missing.code == 2
    assert not (tmp_path / ".streamctl").exists()

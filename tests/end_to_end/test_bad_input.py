"""What users get wrong, and what they are told: what happened, why, what to do; never a traceback."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ..shell import Shell

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Project


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[stream]\nshard = 3", ["stream.shard: there is no such setting", "Did you mean shards?"]),
        ("[streem]\nshards = 3", ["streem: there is no such setting", "Did you mean stream?"]),
        ("[stream]\nshards = '3'", ["stream.shards", "valid integer", "it is '3'", "1 to 10000"]),
        ("[stream]\nshards = 0", ["stream.shards", "greater than or equal to 1"]),
        ("[stream]\nretention_hours = 9000", ["stream.retention_hours", "8760"]),
        ("[stream]\nmode = 'burst'", ["stream.mode", "'provisioned' or 'on_demand'"]),
        ("[function]\nmemory_mb = 64", ["function.memory_mb", "128"]),
        ("[function]\ntimeout_seconds = 901", ["function.timeout_seconds", "900"]),
        ("[function]\nlog_retention_days = 2", ["log_retention_days must be one of 1, 3, 5"]),
        ("[event_source]\nbatch_size = 10001", ["event_source.batch_size", "10000"]),
        ("[event_source]\nbatching_window_seconds = 0", ["at least 1 when batch_size is over 10"]),
        ("[event_source]\nmaximum_record_age_seconds = 5", ["maximum_record_age_seconds must be -1 or at least 60"]),
        ("name = 'UPPER'", ["name", "lower-case letters"]),
        ("region = 'mars'", ["region", "eu-central-1"]),
        ("[features.alarms]\nperiod_seconds = 61", ["features.alarms.period_seconds", "multiple of 60"]),
        ("shards = = 2", ["not valid TOML", "line 1"]),
        ("[features]\nalarms = 3", ["features.alarms"]),
    ],
)
def test_a_wrong_setting_is_named_with_its_file_and_what_is_allowed(tmp_path: Path, text: str, told: list[str]) -> None:
    (tmp_path / "streamctl.toml").write_text(text, encoding="utf-8")

    said = Shell(tmp_path).run("config", "show", check=False)

    assert said.code == 2
    assert str(tmp_path / "streamctl.toml") in said.err
    for words in told:
        assert words in said.err


def test_a_misspelt_feature_is_named_and_the_other_settings_shown(tmp_path: Path) -> None:
    (tmp_path / "streamctl.toml").write_text("[features.alarm]\n", encoding="utf-8")

    said = Shell(tmp_path).run("config", "show", "--json")

    assert all(words in said.err for words in ("streamctl.features", "'alarm'", "Did you mean alarms?"))
    assert said.document["features"].keys() == {"alarms"}


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["frobnicate"], 2, "No such command"),
        (["produce", "--batches", "0"], 2, "--batches"),
        (["produce", "--rate", "fast"], 2, "--rate"),
        (["produce", "--poison", "2"], 2, "0.5%"),
        (["produce", "--poison", "60%", "--late", "0.5"], 2, "add up to 110%"),
        (["status"], 2, "streamctl up"),
        (["verify"], 2, "streamctl up"),
        (["down", "--yes"], 2, "streamctl up"),
        (["metrics"], 2, "streamctl up"),
        (["up"], 3, "--local"),
        (["up", "--region", "eu-central-1"], 3, "--local"),
        (["up", "--profile", "nobody", "--region", "eu-central-1"], 3, "nobody"),
        (["ls", "--region", "eu-central-1"], 3, "--local"),
        (["init", "--name", "Not A Name"], 2, "lower-case letters"),
        (["up", "--name", "x" * 40], 2, "the command line"),
    ],
)
def test_a_wrong_command_is_answered_with_what_to_do(
    tmp_path: Path, arguments: list[str], code: int, told: str
) -> None:
    said = Shell(tmp_path).run(*arguments, check=False)

    assert said.code == code
    assert told in said.err
    assert "Error:" in said.err


def test_an_error_is_a_json_document_where_json_is_asked_for(tmp_path: Path) -> None:
    said = Shell(tmp_path).run("status", "--json", check=False)

    assert json.loads(said.out)["error"]["exit_code"] == said.code == 2


def test_an_endpoint_where_nobody_answers_is_said_to_be_silent(tmp_path: Path) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}
    said = Shell(tmp_path, keys).run("up", "--endpoint-url", "http://127.0.0.1:9", check=False)

    assert (said.code, "nothing answers" in said.err) == (3, True)


def test_a_second_init_overwrites_only_when_told(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.run("init", "--name", "shop")

    refused = shell.run("init", check=False)
    shell.run("init", "--force")

    assert (refused.code, "--force" in refused.err) == (2, True)


def test_the_starter_file_is_valid_and_changes_nothing(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    before = shell.run("config", "show", "--json").document
    shell.run("init")

    after = shell.run("config", "show", "--json").document

    assert after == before


def test_another_region_or_account_than_the_pipelines_is_refused_before_any_other_call(project: Project) -> None:
    project.shell.run("up")
    other_account = Shell(project.shell.folder, {**project.shell.environment, "AWS_ACCESS_KEY_ID": "111111111111"})

    region = project.shell.run("down", "--yes", "--region", "eu-west-1", check=False)
    account = other_account.run("down", "--yes", check=False)
    local = project.shell.run("up", "--local", check=False)

    assert (region.code, "us-east-1, not eu-west-1" in region.err) == (3, True)
    assert (account.code, "account 000000000000" in account.err) == (3, True)
    assert (local.code, "not local" in local.err) == (3, True)
    assert project.shell.run("status", "--json").document["ready"]


REFUSED = [
    (["verify", "--run", "x", "--all"], "Choose one of them"),
    (["verify", "--run", "20200101T000000-abcd"], "produce"),
    (["produce", "--file", "-"], "Line 2"),
    (["produce", "--file", "nowhere.jsonl"], "nowhere.jsonl"),
    (["produce", "--rate", "5", "--batches", "2"], "Choose one way"),
    (["produce", "--duration", "5"], "--rate"),
    (["produce", "--file", "events.jsonl", "--processes", "2"], "--processes makes events, --file brings them."),
    (["produce", "--batch-size", "2", "--processes", "3"], "2 events cannot be shared by 3 processes."),
    (["metrics", "--since", "soon"], "30m"),
    (["metrics", "--period", "90s"], "minutes"),
    (["metrics", "--since", "300d", "--period", "1m"], "--period"),
    (["down"], "--yes"),
]


def test_what_cannot_be_sent_and_options_that_do_not_go_together_are_refused(project: Project) -> None:
    project.shell.run("provision")

    for arguments, told in REFUSED:
        said = project.shell.run(*arguments, stdin='{"a": 1}\n[1]\n', check=False)

        assert (said.code, told in said.err) == (2, True), (arguments, said)

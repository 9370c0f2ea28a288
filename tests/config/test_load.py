from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamctl.config import Config, load
from streamctl.config.load import check
from streamctl.config.starter import PRESETS, PRODUCTION, starter
from streamctl.errors import ConfigError, UsageError
from streamctl.plugins import Catalogue

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, text: str) -> Path:
    file = folder / "streamctl.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_a_file_the_recipes_defaults_hold(tmp_path: Path) -> None:
    project = load(tmp_path)

    assert project.file is None
    assert (project.config.stream.shards, project.config.stream.retention_hours) == (2, 24)
    assert (project.config.function.runtime, project.config.function.memory_mb) == ("python3.11", 512)
    assert (project.config.event_source.batch_size, project.config.event_source.batching_window_seconds) == (100, 5)
    assert (project.config.producer.batches, project.config.producer.batch_size) == (3, 10)


def test_the_file_is_found_in_a_folder_above(tmp_path: Path) -> None:
    write(tmp_path, "[stream]\nshards = 5")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)

    project = load(below)

    assert (project.folder, project.config.stream.shards) == (tmp_path, 5)


def test_an_option_overrides_the_file_and_none_does_not(tmp_path: Path) -> None:
    write(tmp_path, 'region = "eu-west-1"\nname = "shop"')

    project = load(tmp_path, {"region": "eu-central-1", "name": None})

    assert (project.config.region, project.config.name) == ("eu-central-1", "shop")


def test_every_mistake_is_reported_at_once(tmp_path: Path) -> None:
    write(tmp_path, "[stream]\nshards = 0\nretention_hours = 1\n[function]\nmemory = 5")

    with pytest.raises(ConfigError) as refusal:
        load(tmp_path)

    assert len(refusal.value.message.splitlines()) == 3


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "streamctl.toml").write_bytes(b"name = '\xff'")

    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


def test_the_starter_shows_every_setting_at_its_default() -> None:
    uncommented = "\n".join(line.removeprefix("# ") if " = " in line else line for line in starter().splitlines())
    document = tomllib.loads(uncommented)
    without_default = ("name", "region", "profile", "endpoint_url", "processor", "generator")
    examples = {key: document.pop(key) for key in without_default}
    document.pop("features")
    examples["function"] = {"reserved_concurrency": document["function"].pop("reserved_concurrency")}

    assert check(Config, document, "the starter") == Config()
    check(Config, examples, "the starter")


def test_the_starter_has_a_section_for_every_feature_of_ours() -> None:
    ours = [plugin.name for plugin in Catalogue().installed(Catalogue.FEATURES) if plugin.is_ours]

    assert sorted(re.findall(r"^(?:# )?\[features\.(\w+)\]$", starter(), re.MULTILINE)) == ours


def test_a_processor_cannot_be_stopped_by_reserving_nothing_for_it() -> None:
    with pytest.raises(ConfigError, match="reserved_concurrency"):
        check(Config, {"function": {"reserved_concurrency": 0}}, "streamctl.toml")


def test_the_production_preset_chooses_what_the_recipe_does_not_and_says_why() -> None:
    text = starter("shop", PRODUCTION)
    document = tomllib.loads(text)
    chosen = check(Config, document, "the starter").model_dump()
    defaults = Config().model_dump()

    assert (document.pop("name"), document.pop("features")) == ("shop", {"alarms": {}})
    for path, choice in PRESETS[PRODUCTION].items():
        section, key = path.split(".")
        assert chosen[section][key] == choice.value != defaults[section][key]
        assert choice.why in " ".join(line.removeprefix("# ") for line in text.splitlines())
    assert {f"{section}.{key}" for section, keys in document.items() for key in keys} == {*PRESETS[PRODUCTION]}


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({"processor": {"requirements": "requirements.txt"}}, "requirements are for the file that path names"),
        ({"generator": {"path": "x.py"}, "producer": {"generator": "recipe"}}, "choose one of them"),
        ({"processor": {"event_types": ["a b"]}}, "event_types"),
        ({"processor": {"event_types": []}}, "event_types"),
        ({"processor": {"event_types": [f"type-{number}" for number in range(21)]}}, "event_types"),
    ],
)
def test_settings_of_ones_own_that_do_not_go_together_are_refused(section: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        check(Config, section, "streamctl.toml")


def test_an_unknown_preset_is_answered_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="no preset produktion") as refusal:
        starter(preset="produktion")
    assert refusal.value.hint == "Choose one of them: recipe, production."


def test_every_setting_says_its_unit_or_its_values() -> None:
    for section in Config.model_json_schema()["$defs"].values():
        for name, field in section["properties"].items():
            assert len(field["description"]) > 20, name


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
some_key = st.sampled_from([*Config.model_fields, "strem"]) | st.text(max_size=8)


@settings(max_examples=300)
@given(st.dictionaries(some_key, json_values, max_size=4))
def test_any_document_is_a_configuration_or_a_configuration_error(document: dict[str, Any]) -> None:
    try:
        check(Config, document, "streamctl.toml")
    except ConfigError as error:
        assert "streamctl.toml: " in error.message  # noqa: PT017  either outcome is right


@pytest.mark.parametrize("path", ["eventId", "timestamp", "eventType", "eventId.part"])
def test_what_makes_the_key_or_the_metrics_cannot_be_redacted(path: str) -> None:
    with pytest.raises(ConfigError, match=rf"redacted_fields cannot hold {path}: it (is|decides)"):
        check(Config, {"table": {"redacted_fields": ["userId", path]}}, "streamctl.toml")


@pytest.mark.parametrize("paths", [[""], ["a..b"], [".a"], ["${aws.region}"], ["x" * 201], ["x" * 199] * 20])
def test_a_path_that_names_no_field_or_does_not_fit_is_refused(paths: list[str]) -> None:
    with pytest.raises(ConfigError, match="redacted_fields"):
        check(Config, {"table": {"redacted_fields": paths}}, "streamctl.toml")

"""The plugin guide against the code: an extension point that it leaves out fails here, and so does one it made up."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hatchling.builders.wheel import WheelBuilder

import streamctl
from streamctl import testing
from streamctl.cli.commands import COMMANDS
from streamctl.config import Config
from streamctl.config.load import check
from streamctl.plugins import Catalogue, FeatureSettings

from .distributions import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
DESCRIBED = ("Feature", "FeatureSettings", "Generator", "Pipeline", "Series", "Situation", "Check", "Resource", "Live",
             "Session")  # fmt: skip


def section(heading: str) -> str:
    """What stands below a heading, up to the next one of any depth."""
    found = re.search(rf"^#+ {re.escape(heading)}$\n(.*?)(?=^#|\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    assert found, f"the guide has no heading {heading!r}"
    return found[1]


def rows(text: str) -> list[str]:
    """The names that begin the rows of the tables."""
    return re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)


def blocks(language: str) -> list[str]:
    """The code, without that of other documents' headings."""
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def members(described: type) -> set[str]:
    """What whoever writes or uses the class can meet."""
    if issubclass(described, FeatureSettings):
        return set(described.model_fields)
    return {name for name in {**described.__annotations__, **vars(described)} if not name.startswith("_")}


def test_every_entry_point_group_has_a_section_and_there_is_no_other() -> None:
    headings = re.findall(r"^## .*: `(streamctl\.\w+)`$", GUIDE, re.MULTILINE)

    assert sorted(headings) == sorted(Catalogue.GROUPS)
    assert set(re.findall(r"\"(streamctl\.\w+)\"\]", "".join(blocks("toml")))) == set(Catalogue.GROUPS)


def test_the_names_that_may_be_imported_are_the_public_ones() -> None:
    public, of_testing = section("What may be imported").split("From `streamctl.testing`")
    functions = {
        name for name, value in vars(testing).items()
        if inspect.isfunction(value) and value.__module__ == testing.__name__ and not name.startswith("_")
    }  # fmt: skip

    assert sorted(rows(public)) == sorted(streamctl.__all__)
    assert sorted(rows(of_testing)) == sorted(functions)


@pytest.mark.parametrize("name", DESCRIBED)
def test_every_member_of_what_plugins_write_or_use_is_described(name: str) -> None:
    described = rows(section(f"`{name}`"))

    assert sorted(described) == sorted(members(getattr(streamctl, name)))


def test_every_setting_of_ones_own_code_is_described() -> None:
    own = section("Your own code, without packaging")

    for table in ("processor", "generator"):
        model: Any = Config.model_fields[table].annotation
        for name in model.model_fields:
            assert re.search(rf"`(\[{table}\] )?{name}\b", own), f"[{table}] {name}"


def test_the_commands_it_names_are_there() -> None:
    named = set(re.findall(r"`streamctl ([a-z]+)", GUIDE))

    assert named - COMMANDS.keys() == set()


def test_the_readme_leads_to_it_and_names_every_built_in_plugin() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = dict(re.findall(r"^\| `(streamctl\.\w+)` \|.*\| ([^|]*) \|$", readme, re.MULTILINE))

    assert "docs/plugins.md" in readme
    assert sorted(table) == sorted(Catalogue.GROUPS)
    for group, built_in in table.items():
        ours = [plugin.name for plugin in Catalogue().installed(group) if plugin.is_ours]
        if group != Catalogue.RESOURCES:
            assert sorted(re.findall(r"`([\w-]+)`", built_in)) == ours


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The guide's distribution, installed: module to code."""
    monkeypatch.syspath_prepend(tmp_path)
    site = Site(tmp_path)
    modules = {re.match(r"# (\w+)\.py\n", block)[1]: block for block in blocks("python")}  # type: ignore[index]
    project = next(document for document in map(tomllib.loads, blocks("toml")) if "project" in document)["project"]
    entries = {
        f"{group}:{name}": at for group, all_of in project["entry-points"].items() for name, at in all_of.items()
    }
    site.install(project["name"], entries, version=project["version"], **modules)
    (tmp_path / "acme_counter").mkdir()
    (tmp_path / "acme_counter" / "handler.py").write_text("def handle(event, context): ...")
    (tmp_path / "acme_counter" / "__init__.py").touch()
    yield modules
    for name in [name for name in sys.modules if "acme_" in name]:
        del sys.modules[name]


def test_what_the_guide_lays_out_is_packed_with_every_module_it_registers(tmp_path: Path) -> None:
    modules = {re.match(r"# (\w+)\.py\n", block)[1]: block for block in blocks("python")}  # type: ignore[index]
    for name, code in modules.items():
        (tmp_path / f"{name}.py").write_text(code)
    text = next(block for block in blocks("toml") if "[project]" in block)
    (tmp_path / "pyproject.toml").write_text(text)

    wheel = WheelBuilder(str(tmp_path)).build(directory=str(tmp_path / "dist"), versions=["standard"])
    with zipfile.ZipFile(next(wheel)) as archive:
        packed = set(archive.namelist())

    registered = {at.partition(":")[0] for at in re.findall(r'^\w+ = "(acme_\w+:\w+)"$', text, re.MULTILINE)}
    assert {f"{name}.py" for name in registered} <= packed
    assert [name for name in packed if name.startswith("test_")] == []


def test_what_the_guide_registers_can_be_loaded_as_it_says(acme: dict[str, str]) -> None:
    found = [plugin for group in Catalogue.GROUPS for plugin in Catalogue().installed(group) if not plugin.is_ours]

    assert {plugin.origin for plugin in found} == {"acme-plugins 1.0.0"}
    assert {Catalogue().try_out(plugin).__module__ for plugin in found} <= acme.keys()


def test_what_the_guide_tests_holds(acme: dict[str, str]) -> None:
    modules = [importlib.import_module(name) for name in acme]
    tests = [value for module in modules for name, value in vars(module).items() if name.startswith("test_")]

    for test in tests:
        test()

    assert len(tests) == 2


def test_what_the_guide_ships_can_be_packed(acme: dict[str, str]) -> None:
    pipeline = testing.pipeline_with(importlib.import_module("acme_shipping").Counter())

    assert [
        b"counter/handler.py" in package.content for file, package in pipeline.pack().items() if "counter" in file.name
    ] == [True]


def test_the_settings_of_the_guide_are_valid(acme: dict[str, str]) -> None:
    settings = [tomllib.loads(block) for block in blocks("toml")]
    configs = [check(Config, each, "the guide") for each in settings if "project" not in each]

    on = [name for config in configs for name in Catalogue().features(config, "the guide")]

    assert "silence" in on
    assert [type(Catalogue().generator(config.producer.generator)).__name__ for config in configs][-1] == "Readings"

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from streamctl.config import Config
from streamctl.errors import ConfigError, PluginError, UsageError
from streamctl.plugins import ON_BY_DEFAULT, Catalogue
from streamctl.resources.log_group import LogGroup
from streamctl.traffic.generators import RecipeEvents

from .distributions import Site

if TYPE_CHECKING:
    from pathlib import Path

FEATURES, GENERATORS, RESOURCES = Catalogue.FEATURES, Catalogue.GENERATORS, Catalogue.RESOURCES
WATCH = """
    from streamctl import FeatureSettings

    class Watch:
        settings = FeatureSettings
        default = True

        def apply(self, pipeline, settings):
            pass
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.syspath_prepend(tmp_path)
    return Site(tmp_path)


def config(**features: dict[str, Any]) -> Config:
    return Config.model_validate({"features": features})


def test_the_built_in_plugins_are_registered_like_anybodys() -> None:
    assert "alarms" in Catalogue().names(FEATURES)
    assert isinstance(Catalogue().generator("recipe"), RecipeEvents)


def test_the_recipes_alarms_are_on_unless_turned_off() -> None:
    assert list(Catalogue().features(Config(), "here")) == ["alarms"]
    assert list(Catalogue().features(config(alarms={"enabled": False}), "here")) == []


def test_what_is_on_by_default_is_what_says_so_itself() -> None:
    catalogue = Catalogue()
    ours = [plugin for plugin in catalogue.installed(Catalogue.FEATURES) if plugin.is_ours]

    assert {plugin.name for plugin in ours if plugin.load().default} == ON_BY_DEFAULT


def test_a_wrong_setting_of_a_feature_is_named_with_its_place() -> None:
    with pytest.raises(ConfigError, match=r"here: features.alarms.periods: there is no such setting.*period_seconds"):
        Catalogue().features(config(alarms={"periods": 60}), "here")


def test_a_misspelt_plugin_is_answered_with_a_suggestion() -> None:
    with pytest.raises(PluginError, match=r"no plugin called 'recipes'.*Did you mean recipe"):
        Catalogue().generator("recipes")


def test_a_misspelt_feature_is_an_error_though_it_is_turned_off() -> None:
    with pytest.raises(PluginError, match=r"here: features.alarm: there is no plugin .*Did you mean alarms"):
        Catalogue().features(config(alarm={"enabled": False}), "here")


def test_installing_a_feature_turns_nothing_on_and_imports_nothing(site: Site) -> None:
    site.install("acme", {f"{FEATURES}:watch": "quiet_plugin:Watch"}, quiet_plugin="raise RuntimeError('imported')")

    assert list(Catalogue().features(Config(), "here")) == ["alarms"]


def test_a_feature_is_on_once_it_is_named(site: Site) -> None:
    site.install("acme", {f"{FEATURES}:watch": "named_plugin:Watch"}, named_plugin=WATCH)

    assert list(Catalogue().features(config(watch={}), "here")) == ["alarms", "watch"]


def test_a_broken_feature_is_no_error_where_it_is_turned_off(site: Site) -> None:
    site.install("acme", {f"{FEATURES}:watch": "off_plugin:Watch"}, off_plugin="raise RuntimeError('imported')")

    assert list(Catalogue().features(config(watch={"enabled": False}), "here")) == ["alarms"]


@pytest.mark.parametrize(
    ("module", "code", "reason"),
    [
        ("broken_raise", "\nraise RuntimeError('half\\nfinished.')", r"cannot be loaded: RuntimeError: half finished "),
        ("broken_import", "import no_such_module", "cannot be loaded: ModuleNotFoundError: No module named"),
        ("broken_syntax", "def", r"cannot be loaded: SyntaxError: invalid syntax \(broken_syntax.py, line 1\)"),
        ("broken_name", "", "cannot be loaded: AttributeError: module 'broken_name' has no attribute 'Watch'"),
        ("broken_exit", "import sys; sys.exit(3)", "cannot be loaded: SystemExit: 3"),
        ("broken_instance", "Watch = 3", r"is no plugin of the group streamctl.features: it is no class"),
        ("broken_init", "class Watch:\n    def __init__(self, x): ...", "cannot be made: TypeError"),
        ("broken_settings", "class Watch:\n    settings = dict", "it has no `settings` that is a subclass of FeatureS"),
        ("broken_apply", WATCH.replace("apply", "_apply"), "it has no method `apply`"),
    ],
)
def test_a_broken_feature_is_named_with_distribution_and_reason(
    site: Site, module: str, code: str, reason: str
) -> None:
    site.install("acme-watch", {f"{FEATURES}:watch": f"{module}:Watch"}, **{module: code})

    with pytest.raises(PluginError, match=rf"^The plugin watch \(acme-watch 1.0\) .*{reason}") as raised:
        Catalogue().features(config(watch={}), "here")

    assert raised.value.hint == "Mend or uninstall it, or take it out of streamctl.toml."


def test_the_line_of_the_plugin_is_named(site: Site) -> None:
    site.install("acme", {f"{FEATURES}:watch": "placed_plugin:Watch"}, placed_plugin="import json\n\njson.loads('{')")

    with pytest.raises(PluginError, match=r"JSONDecodeError: .* \(.*placed_plugin.py:3\)\.$"):
        Catalogue().features(config(watch={}), "here")


def test_the_features_that_are_sound_are_there_without_the_broken_one(site: Site) -> None:
    site.install("acme", {f"{FEATURES}:watch": "no_such_module:Watch"})
    told: list[PluginError] = []

    found = Catalogue().features(config(watch={}, absent={}), "here", told.append)

    assert list(found) == ["alarms"]
    assert [error.message.partition(":")[0] for error in told] == [
        "The plugin watch (acme 1.0) cannot be loaded",
        "here",
    ]


def test_two_distributions_with_one_name_are_both_refused(site: Site) -> None:
    site.install("acme", {f"{FEATURES}:watch": "twin_plugin:Watch"}, twin_plugin=WATCH)
    site.install("other", {f"{FEATURES}:watch": "twin_plugin:Watch"}, version="2.0")

    with pytest.raises(PluginError, match=r"several plugins are called 'watch' .* those of acme 1.0 and other 2.0"):
        Catalogue().features(config(watch={}), "here")


def test_nobody_takes_the_place_of_what_streamctl_has_itself(site: Site) -> None:
    site.install("acme", {f"{FEATURES}:alarms": "no_such_module:Alarms", f"{RESOURCES}:log_group": "no_such_module:X"})
    hidden = [p for group in (FEATURES, RESOURCES) for p in Catalogue().installed(group) if not p.is_ours]

    assert list(Catalogue().features(Config(), "here")) == ["alarms"]
    assert Catalogue().kind("log_group") is LogGroup
    assert [plugin.name for plugin in hidden] == ["alarms", "log_group"]
    for plugin in hidden:
        with pytest.raises(PluginError, match="streamctl has one of that name itself"):
            Catalogue().try_out(plugin)


def test_a_generator_without_events_is_none(site: Site) -> None:
    site.install("acme", {f"{GENERATORS}:idle": "idle_plugin:Idle"}, idle_plugin="class Idle: ...")

    with pytest.raises(PluginError, match=r"The plugin idle \(acme 1.0\) .*it has no method `event`"):
        Catalogue().generator("idle")


GROUP = """
    from streamctl.resources.log_group import LogGroup

    class Group(LogGroup):
        kind = "acme_group"
"""


def test_a_registered_kind_is_found_by_its_name(site: Site) -> None:
    site.install("acme", {f"{RESOURCES}:acme_group": "kind_plugin:Group"}, kind_plugin=GROUP)

    assert Catalogue().kind("acme_group").__name__ == "Group"


@pytest.mark.parametrize(
    ("module", "code", "reason"),
    [
        ("kind_none", "class Group: ...", "it is no subclass of Resource"),
        ("kind_other", GROUP.replace("acme_group", "group"), "its `kind` is not 'acme_group'"),
        (
            "kind_abstract",
            "from streamctl import Resource\nclass Group(Resource):\n    kind = 'acme_group'",
            "it lacks create, delete, read, update",
        ),
    ],
)
def test_a_broken_kind_is_named_with_its_reason(site: Site, module: str, code: str, reason: str) -> None:
    site.install("acme", {f"{RESOURCES}:acme_group": f"{module}:Group"}, **{module: code})

    with pytest.raises(PluginError, match=rf"The plugin acme_group \(acme 1.0\) is no plugin .*{reason}"):
        Catalogue().kind("acme_group")


def test_a_mistake_is_that_of_the_plugin_whose_code_was_at_work(site: Site) -> None:
    code = "class Idle:\n    def event(self, *_):\n        return 1 / 0"
    site.install("acme", {f"{GENERATORS}:idle": "culprit_plugin:Idle"}, culprit_plugin=code)
    generator: Any = Catalogue().generator("idle")

    with pytest.raises(ZeroDivisionError) as raised:
        generator.event()

    told = Catalogue().culprit(raised.value)
    assert told
    assert told.message.startswith("The plugin idle (acme 1.0) failed: ZeroDivisionError: division by zero (")
    assert told.message.endswith("culprit_plugin.py:3).")
    assert Catalogue().culprit(ZeroDivisionError("ours")) is None


def test_an_exporter_without_a_way_to_take_over_is_no_answer_to_handover(site: Site) -> None:
    code = """
        class Listing:
            def export(self, design):
                return {}
    """
    site.install("acme", {f"{Catalogue.EXPORTERS}:listing": "listing_plugin:Listing"}, listing_plugin=code)

    with pytest.raises(UsageError, match="listing cannot take over what runs"):
        Catalogue().handing_over("listing")
    assert Catalogue().handing_over("cloudformation")

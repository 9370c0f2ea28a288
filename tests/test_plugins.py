from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING

import pytest

from streamctl.config import Config
from streamctl.errors import ConfigError, PluginError
from streamctl.plugins import Catalogue
from streamctl.traffic.generators import RecipeEvents

if TYPE_CHECKING:
    from pathlib import Path


def installed(*entries: tuple[str, str]) -> Catalogue:
    points = [EntryPoint(name, value, Catalogue.FEATURES) for name, value in entries]
    return Catalogue({Catalogue.FEATURES: points})


def test_the_built_in_plugins_are_registered_like_anybodys() -> None:
    assert "alarms" in Catalogue().names(Catalogue.FEATURES)
    assert isinstance(Catalogue().generator("recipe"), RecipeEvents)


def test_the_recipes_alarms_are_on_unless_turned_off() -> None:
    off = Config.model_validate({"features": {"alarms": {"enabled": False}}})

    assert list(Catalogue().features(Config(), "here")) == ["alarms"]
    assert list(Catalogue().features(off, "here")) == []


def test_a_wrong_setting_of_a_feature_is_named_with_its_place() -> None:
    config = Config.model_validate({"features": {"alarms": {"periods": 60}}})

    with pytest.raises(ConfigError, match=r"here: features.alarms.periods: there is no such setting.*period_seconds"):
        Catalogue().features(config, "here")


def test_a_misspelt_plugin_is_answered_with_a_suggestion() -> None:
    with pytest.raises(PluginError, match=r"no plugin called 'recipes'.*Did you mean recipe"):
        Catalogue().generator("recipes")


def test_a_plugin_nobody_asks_for_is_not_even_imported() -> None:
    catalogue = installed(("broken", "no_such_module:Feature"))

    assert catalogue.features(Config(), "here") == {}


def test_a_broken_plugin_is_named_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_feature.py").write_text("raise RuntimeError('half finished')")
    monkeypatch.syspath_prepend(tmp_path)
    catalogue = installed(("broken", "broken_feature:Feature"))

    with pytest.raises(PluginError, match=r"The plugin broken .* RuntimeError: half finished"):
        catalogue.features(Config.model_validate({"features": {"broken": {}}}), "here")

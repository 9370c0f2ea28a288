from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from streamctl.cli import plugged
from streamctl.cli.app import explained, run
from streamctl.cli.plugins import Row, rows
from streamctl.config import Config, Project
from streamctl.errors import PluginError
from streamctl.plugins import Catalogue

from ..distributions import Site

if TYPE_CHECKING:
    from pathlib import Path

FEATURES, GENERATORS, COMMANDS = Catalogue.FEATURES, Catalogue.GENERATORS, Catalogue.COMMANDS
OURS = "streamctl"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.syspath_prepend(tmp_path)
    return Site(tmp_path)


def listed(folder: Path, **settings: Any) -> dict[tuple[str, str], Row]:
    """Rows by extension point and name."""
    found = rows(Catalogue(), Project(folder, Config.model_validate(settings)))
    return {(row.extension_point, row.name): row for row in found}


def test_what_streamctl_has_itself_is_listed_with_what_is_on(tmp_path: Path) -> None:
    found = listed(tmp_path)

    assert (found[FEATURES, "alarms"].state, found[FEATURES, "alarms"].distribution) == ("on by default", OURS)
    assert found[GENERATORS, "recipe"].state == "chosen"
    assert all(row.summary.endswith(".") and row.broken is None for row in found.values())


def test_a_feature_is_on_or_off_as_the_configuration_says(site: Site) -> None:
    code = "from streamctl import FeatureSettings\nclass Watch:\n    '''Watches.\n\n    All day. '''\n"
    code += "    settings = FeatureSettings\n    default = True\n    def apply(self, pipeline, settings): ..."
    site.install("acme", {f"{FEATURES}:watch": "listed_plugin:Watch"}, version="2.1", listed_plugin=code)

    assert listed(site.folder)[FEATURES, "watch"] == Row(FEATURES, "watch", "acme", "2.1", "off", "Watches.")
    assert listed(site.folder, features={"watch": {}})[FEATURES, "watch"].state == "on"
    assert listed(site.folder, features={"watch": {"enabled": False}})[FEATURES, "watch"].state == "off"
    assert listed(site.folder, features={"alarms": {"enabled": False}})[FEATURES, "alarms"].state == "off"


def test_a_broken_plugin_is_a_line_with_its_reason(site: Site) -> None:
    site.install("acme", {f"{GENERATORS}:noise": "no_such_module:Noise", f"{COMMANDS}:up": "json:loads"})

    found = listed(site.folder, producer={"generator": "noise"}, features={"absent": {}})

    assert (found[GENERATORS, "noise"].state, found[GENERATORS, "recipe"].state) == ("chosen", "not chosen")
    assert "ModuleNotFoundError: No module named 'no_such_module'" in (found[GENERATORS, "noise"].broken or "")
    assert "streamctl has that command itself" in (found[COMMANDS, "up"].broken or "")
    absent = found[FEATURES, "absent"]
    assert (absent.distribution, absent.state) == ("not installed", "on")
    assert absent.broken == "Named by the defaults, and no distribution has it."


def test_two_of_one_name_are_both_called_broken(site: Site) -> None:
    site.install("acme", {f"{GENERATORS}:noise": "json:JSONDecoder"})
    site.install("other", {f"{GENERATORS}:noise": "json:JSONEncoder"})

    found = [row for row in rows(Catalogue(), Project(site.folder, Config())) if row.name == "noise"]

    assert [row.distribution for row in found] == ["acme", "other"]
    assert all("those of acme 1.0 and other 1.0" in (row.broken or "") for row in found)


def test_the_listing_succeeds_whatever_is_broken(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(site.folder)
    site.install("acme", {f"{GENERATORS}:noise": "no_such_module:Noise"})

    assert run(["plugins"]) == 0

    said = capsys.readouterr().out
    assert "broken: The plugin noise (acme 1.0) cannot be loaded" in said
    assert "on by default" in said


def test_without_a_plugin_no_command_is_added() -> None:
    assert plugged.names() == {}


def test_a_command_that_is_not_as_its_group_wants_is_named(site: Site) -> None:
    site.install(
        "acme",
        {f"{COMMANDS}:ring": "plugged_wrong:ring", f"{COMMANDS}:fall": "plugged_wrong:fall"},
        plugged_wrong="def ring(app):\n    app.command('bell')(lambda: None)\ndef fall():\n    pass",
    )

    assert plugged.names() == {"ring": "acme 1.0", "fall": "acme 1.0"}
    with pytest.raises(PluginError, match=r"The plugin ring \(acme 1.0\) .*it adds no command called 'ring'"):
        plugged.load("ring")
    with pytest.raises(PluginError, match=r"The plugin fall \(acme 1.0\) cannot add its command: TypeError"):
        plugged.load("fall")
    assert plugged.load("bell") is None


def test_what_a_plugin_raises_while_a_command_runs_is_no_mistake_of_ours(site: Site) -> None:
    site.install("acme", {f"{COMMANDS}:ring": "ringing:ring"}, ringing="def ring(app=None):\n    return {}['bell']")

    with pytest.raises(KeyError) as raised:
        Catalogue().load(COMMANDS, "ring")()

    told = explained(raised.value)
    assert told.exit_code == 2
    assert told.message.startswith("The plugin ring (acme 1.0) failed: KeyError: 'bell' (")

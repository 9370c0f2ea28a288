"""`config schema`: what it says of the sections of features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamctl.cli.config import schema_of
from streamctl.plugins import Catalogue, refuse
from tests.distributions import Site

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from streamctl.errors import PluginError


def sections(document: dict[str, Any]) -> dict[str, Any]:
    """The settings of each feature, by its name."""
    found = document["$defs"]["Features"]["properties"]
    return {name: document["$defs"][each["$ref"].rpartition("/")[2]]["properties"] for name, each in found.items()}


def test_the_schema_has_the_settings_of_every_feature_with_their_limits() -> None:
    found = sections(schema_of(refuse))

    assert found.keys() == set(Catalogue().names(Catalogue.FEATURES))
    assert found["retention"]["days"]["maximum"] == 3650
    assert found["anomaly_detection"]["window_seconds"]["default"] == 60


def test_a_broken_feature_is_told_and_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    Site(tmp_path).install("acme", {"streamctl.features:torn": "acme_torn_schema:Torn"}, acme_torn_schema="import nope")
    told: list[PluginError] = []

    found = sections(schema_of(told.append))

    assert "torn" not in found
    assert "acme 1.0" in told[0].message

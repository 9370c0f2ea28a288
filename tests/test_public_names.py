from __future__ import annotations

import pytest

import streamctl


def test_plugins_may_import_these_names_and_no_others() -> None:
    assert streamctl.__all__ == [
        "__version__",
        "Aws",
        "Block",
        "Call",
        "Check",
        "ConfigError",
        "Declaration",
        "Feature",
        "FeatureSettings",
        "Generator",
        "Live",
        "Nested",
        "Package",
        "Pipeline",
        "PluginError",
        "Question",
        "Resource",
        "Series",
        "Session",
        "Situation",
        "StreamctlError",
        "command",
        "or_none",
        "pack",
    ]


@pytest.mark.parametrize("name", streamctl.__all__)
def test_every_public_name_is_there_and_explained(name: str) -> None:
    value = getattr(streamctl, name)

    assert isinstance(value, str) or value.__doc__


def test_another_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Kinesis'"):
        _ = streamctl.Kinesis

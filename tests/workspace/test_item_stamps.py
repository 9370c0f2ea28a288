"""What a run notes of how long items are kept is what the function does, and not what is only configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamctl.aws import Aws
from streamctl.config import load
from streamctl.engine.state import Record, StateFile, Target
from streamctl.functions.processor.stamps import NO_STAMPS, Stamps
from streamctl.plugins import Catalogue
from streamctl.workspace import Home, Workspace

if TYPE_CHECKING:
    from pathlib import Path

DEPLOYED = {"EXPIRY_ATTRIBUTE": "goneAt", "EXPIRY_SECONDS": "60"}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Configured to keep items for two days; nothing is deployed from here."""
    (tmp_path / "streamctl.toml").write_text("[features.retention]\ndays = 2\n", encoding="utf-8")
    home, target = Home(tmp_path), Target("123456789012", "eu-west-1")
    state = StateFile.new(home.state_file("shop"), "shop", target)
    return Workspace(load(tmp_path), home, Aws(region="eu-west-1"), state, Catalogue())


def test_of_a_pipeline_that_was_made_elsewhere_the_configuration_tells(workspace: Workspace) -> None:
    assert workspace.item_stamps == Stamps("expiresAt", 2 * 86_400)


@pytest.mark.parametrize(("environment", "stamps"), [(DEPLOYED, Stamps("goneAt", 60)), ({}, NO_STAMPS)])
def test_what_was_deployed_last_counts_until_another_is(
    environment: dict[str, str], stamps: Stamps, workspace: Workspace
) -> None:
    workspace.state.intend("function", Record("lambda_function", {"environment": environment}))

    assert workspace.item_stamps == stamps

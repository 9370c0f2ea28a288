from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from streamctl.config import Config, Project
from streamctl.engine.state import StateFile, Target
from streamctl.errors import CredentialsError
from streamctl.workspace import Home, region_ahead

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def nowhere(tmp_path: Path) -> dict[str, str]:
    """An environment that knows no region: its AWS files do not exist."""
    return {"AWS_CONFIG_FILE": str(tmp_path / "none"), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none")}


def remember(folder: Path, name: str, region: str) -> None:
    StateFile.new(Home(folder).state_file(name), name, Target("123456789012", region)).save()


def test_no_region_is_known_where_nothing_says_one(tmp_path: Path, nowhere: dict[str, str]) -> None:
    assert region_ahead(Project(tmp_path, Config()), nowhere) is None


def test_the_configured_region_wins_over_all(tmp_path: Path, nowhere: dict[str, str]) -> None:
    remember(tmp_path, "shop", "eu-west-1")
    project = Project(tmp_path, Config(name="shop", region="us-west-2"))

    assert region_ahead(project, nowhere | {"AWS_REGION": "us-east-2"}) == "us-west-2"


def test_a_pipeline_that_is_there_remembers_its_region(tmp_path: Path, nowhere: dict[str, str]) -> None:
    remember(tmp_path, "shop", "eu-west-1")

    assert region_ahead(Project(tmp_path, Config()), nowhere | {"AWS_REGION": "us-east-2"}) == "eu-west-1"
    assert region_ahead(Project(tmp_path, Config(name="shop")), nowhere) == "eu-west-1"
    assert region_ahead(Project(tmp_path, Config(name="other")), nowhere) is None


def test_of_several_pipelines_none_is_meant(tmp_path: Path, nowhere: dict[str, str]) -> None:
    remember(tmp_path, "shop", "eu-west-1")
    remember(tmp_path, "stall", "eu-west-1")

    assert region_ahead(Project(tmp_path, Config()), nowhere | {"AWS_DEFAULT_REGION": "us-east-2"}) == "us-east-2"


def test_the_profile_says_where_nothing_else_does(
    tmp_path: Path, nowhere: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config"
    file.write_text("[profile work]\nregion = eu-central-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    environment = nowhere | {"AWS_CONFIG_FILE": str(file)}

    assert region_ahead(Project(tmp_path, Config(profile="work")), environment) == "eu-central-1"
    assert region_ahead(Project(tmp_path, Config()), environment) is None
    with pytest.raises(CredentialsError, match="absent"):
        region_ahead(Project(tmp_path, Config(profile="absent")), environment)

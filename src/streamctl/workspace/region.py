"""The region of a project's pipeline, without asking AWS."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamctl.config import Project

VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")
FILES = {"AWS_CONFIG_FILE": "~/.aws/config", "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/credentials"}
"""Where the SDK looks for profiles, by the variable that says another place."""


def region_ahead(project: Project, environment: Mapping[str, str]) -> str | None:
    """Where the pipeline is, or would be made; None where nothing says so. Raises CredentialsError for a profile that
    is not there.
    """
    variables = (environment[name] for name in VARIABLES if environment.get(name))
    return project.config.region or _remembered(project) or next(variables, None) or _of_profile(project, environment)


def _remembered(project: Project) -> str | None:
    """That of the pipeline that is meant, where one was made or planned from here."""
    from streamctl.engine.state import StateFile
    from streamctl.workspace.home import Home

    home = Home(project.folder)
    known = [project.config.name] if project.config.name else home.pipelines()
    if len(known) != 1 or not home.state_file(known[0]).exists():
        return None
    return StateFile.load(home.state_file(known[0])).state.target.region


def _of_profile(project: Project, environment: Mapping[str, str]) -> str | None:
    """What the AWS configuration says. The SDK takes long to import, and knows no region where there is no file."""
    files = (Path(environment.get(name, usual)).expanduser() for name, usual in FILES.items())
    if not project.config.profile and not any(file.exists() for file in files):
        return None
    from streamctl.aws import Aws

    return Aws(profile=project.config.profile).region_if_set

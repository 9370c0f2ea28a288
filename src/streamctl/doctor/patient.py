"""What is looked at: a project and its target, as far as they can be made out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from streamctl.aws import Aws
from streamctl.config import Config, Project, load
from streamctl.errors import ConfigError, CredentialsError
from streamctl.workspace import Home, Request, connect_here, sketch_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from streamctl.workspace import Workspace


@dataclass(frozen=True)
class Patient:
    """`start` is where the command was given. What raises here, raises in every look that needs it."""

    start: Path
    request: Request

    @cached_property
    def project(self) -> Project:
        """The project; with the defaults where its configuration is broken, which has a look of its own."""
        try:
            return load(self.start, self.request.overrides())
        except ConfigError:
            return Project(self.start, Config())

    @cached_property
    def home(self) -> Home:
        return Home(self.project.folder)

    @cached_property
    def aws(self) -> Aws:
        """The clients for the target. Raises StreamctlError where there is none."""
        try:
            return connect_here(self.start, self.request)
        except ConfigError:
            asked = self.request
            return Aws(region=asked.region, profile=asked.profile, endpoint_url=asked.endpoint_url)

    @property
    def has_region(self) -> bool:
        try:
            return bool(self.aws.region)
        except CredentialsError:
            return False

    def sketch(self) -> Workspace:
        """The pipeline as it is configured, without the plugins that cannot be used, which the look at the
        configuration names. Raises UsageError where none is named.
        """
        return sketch_workspace(self.start, self.request, self.aws.account, lambda _: None)

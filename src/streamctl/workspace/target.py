"""Where a pipeline is, and the way there: what is asked for, what is remembered, and that the two agree."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamctl.aws import Aws
from streamctl.emulator import process
from streamctl.engine.state import LOCAL, StateFile, Target
from streamctl.errors import EmulatorError, TargetError, UsageError

if TYPE_CHECKING:
    from streamctl.config import Config
    from streamctl.workspace.home import Home

DEFAULT_LOCAL_REGION = "us-east-1"
ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL"
"""Where the SDK, the aws CLI and Terraform send everything, unless they are told otherwise."""


@dataclass(frozen=True)
class Request:
    """What the command line asks for; None where it says nothing."""

    name: str | None = None
    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None
    local: bool = False

    def overrides(self) -> dict[str, str | None]:
        """What it says instead of the configuration."""
        return {key: value for key, value in vars(self).items() if key != "local"}


def connect(
    config: Config, home: Home, request: Request, remembered: StateFile | None, *, wake: bool
) -> tuple[Aws, str | None]:
    """The clients, and the endpoint as the state should remember it."""
    own = remembered.state.target if remembered else None
    endpoint = own.endpoint_url if own else LOCAL if request.local else endpoint_asked(config)
    region = own.region if own else config.region
    profile = config.profile or (own.profile if own else None)
    if request.local and request.endpoint_url:
        raise UsageError("--local is this machine's emulator, --endpoint-url another place.", "Choose one of them.")
    if endpoint == LOCAL:
        url = _emulator(home, wake=wake)
        return Aws(region=region or DEFAULT_LOCAL_REGION, endpoint_url=url, credentials=process.CREDENTIALS), LOCAL
    return Aws(region=region, profile=profile, endpoint_url=endpoint), endpoint


def endpoint_asked(config: Config) -> str | None:
    """As configured or typed, or as the environment says to every tool of AWS; None is AWS itself."""
    return config.endpoint_url or _of_environment()


def _of_environment() -> str | None:
    is_ignored = os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true"
    return None if is_ignored else os.environ.get(ENDPOINT_VARIABLE) or None


def _emulator(home: Home, *, wake: bool) -> str:
    running = process.running(home.emulator)
    if running is None and wake:
        home.prepare()
        running = process.start(home.emulator)
    if running:
        return running.endpoint_url
    if home.emulator.exists():
        raise EmulatorError(
            "The local emulator is not running.",
            "Start it with `streamctl local start`: what was in it is still there.",
        )
    raise EmulatorError(
        "There is no local emulator here yet.",
        "Make a pipeline on one with `streamctl up --local`; or start one with `streamctl local start`.",
    )


def refuse_another_target(own: Target, endpoint: str | None, region: str | None, name: str) -> None:
    """Raises TargetError unless the pipeline lives where it is looked for; None is anywhere."""
    if own.endpoint_url is None and (said := _of_environment()):
        raise TargetError(
            f"The pipeline {name} lives at AWS, and {ENDPOINT_VARIABLE} sends everything to {said}.",
            f"Unset {ENDPOINT_VARIABLE} to work on {name}, or choose another --name for a pipeline there.",
        )
    for what, wanted, is_at in (("region", region, own.region), ("endpoint", endpoint, own.endpoint_url)):
        if wanted is not None and wanted != is_at:
            raise TargetError(
                f"The pipeline {name} lives at {what} {is_at or 'AWS'}, not {wanted}.",
                f"Leave that setting out to work on {name}, or choose another --name for a pipeline there.",
            )

"""Opening a project: which pipeline is meant, and whether it is where it is looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamctl.aws import Aws
from streamctl.config import Config, Project, load
from streamctl.emulator import process
from streamctl.engine.state import LOCAL, StateFile, Target
from streamctl.errors import CredentialsError, DeniedError, TargetError, UsageError
from streamctl.pipeline.names import draw_name
from streamctl.plugins import Broken, Catalogue, refuse
from streamctl.workspace.home import Home
from streamctl.workspace.target import DEFAULT_LOCAL_REGION, Request, connect, endpoint_asked, refuse_another_target
from streamctl.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def open_workspace(
    start: Path,
    request: Request,
    *,
    create: bool = False,
    wake: bool = False,
    broken: Broken = refuse,
    connect: Callable[..., tuple[Aws, str | None]] = connect,
) -> Workspace:
    """The project at `start`, its target checked: account, region and endpoint are the pipeline's own.

    `create` begins a new pipeline where there is none; `wake` starts the local emulator where it is needed; `broken`
    hears of plugins that cannot be used. `connect` is for tests that bring clients of their own.
    """
    project = load(start, request.overrides())
    home = Home(project.folder)
    name = _name(project.config, home, create=create)
    path = home.state_file(name)
    remembered = StateFile.load(path) if path.exists() else None
    if remembered and create and not remembered.state.resources:
        remembered = None  # planned, but nothing was made: its target is not settled
    if remembered:
        wanted = LOCAL if request.local else project.config.endpoint_url
        refuse_another_target(remembered.state.target, wanted, project.config.region, name)
    elif not create:
        _refuse_unknown(project, home, request, name)
    aws, endpoint = connect(project.config, home, request, remembered, wake=wake)
    target = Target(aws.account, aws.region, endpoint, aws.profile)
    if remembered and remembered.state.target.account != target.account:
        raise TargetError(
            f"The pipeline {name} lives in account {remembered.state.target.account}; "
            f"these credentials are for {target.account}.",
            "Choose the right credentials with --profile.",
        )
    if not remembered and not create:
        _refuse_absent(aws, name)
    return Workspace(project, home, aws, remembered or StateFile.new(path, name, target), Catalogue(), broken)


def sketch_workspace(start: Path, request: Request, account: str | None = None, broken: Broken = refuse) -> Workspace:
    """The project at `start` as it is configured, without a look at what is there.

    AWS is asked for the account, and only where that is neither given nor remembered.
    """
    project = load(start, request.overrides())
    home = Home(project.folder)
    name = _name(project.config, home, create=False)
    path = home.state_file(name)
    state = StateFile.load(path) if path.exists() else None
    if state and state.state.resources:
        target = state.state.target
        wanted = LOCAL if request.local else project.config.endpoint_url
        refuse_another_target(target, wanted, project.config.region, name)
        if account not in {None, target.account}:
            raise TargetError(f"The pipeline {name} lives in account {target.account}, not {account}.")
    else:
        state = StateFile.new(path, name, _target_ahead(project.config, request, account))
    return Workspace(project, home, Aws(region=state.state.target.region), state, Catalogue(), broken)


def _target_ahead(config: Config, request: Request, account: str | None) -> Target:
    """Where a pipeline would be made."""
    if request.local:
        return Target(account or process.ACCOUNT, config.region or DEFAULT_LOCAL_REGION, LOCAL)
    endpoint = endpoint_asked(config)
    aws = Aws(region=config.region, profile=config.profile, endpoint_url=endpoint)
    try:
        return Target(account or aws.account, aws.region, endpoint, config.profile)
    except CredentialsError as error:
        raise CredentialsError(error.message, "With --account and --region no credentials are needed.") from error


def _refuse_unknown(project: Project, home: Home, request: Request, name: str) -> None:
    """Where pipelines are known here and nothing says that another place is meant, a strange name is a mistake."""
    known = home.pipelines()
    elsewhere = request.local or endpoint_asked(project.config) or project.config.region or project.config.profile
    if known and not elsewhere:
        raise UsageError(
            f"There is no pipeline {name} here; there is {', '.join(known)}.",
            "Name one of them, or say where the other one is: --region, --profile, --endpoint-url or --local.",
        )


def _refuse_absent(aws: Aws, name: str) -> None:
    """A pipeline that nothing is remembered of must at least be there: a wrong name or region is seen at once."""
    from streamctl.observe.inventory import inventory

    try:
        found = inventory(aws, name)
    except DeniedError:  # whoever only sends or reads need not list everything: the command itself will tell
        return
    if not found:
        raise UsageError(
            f"There is no pipeline {name} in account {aws.account}, region {aws.region}.",
            "`streamctl ls` lists those that are there; `streamctl up` makes one.",
        )


def connect_here(start: Path, request: Request) -> Aws:
    """The clients for the target that is asked for, without any pipeline; the only one known here when none is."""
    project = load(start, request.overrides() | {"name": None})
    home = Home(project.folder)
    known = [StateFile.load(home.state_file(name)) for name in home.pipelines()]
    regions = {state.state.target.region for state in known} | ({project.config.region} - {None})
    asked = request.local or endpoint_asked(project.config) or project.config.profile or len(regions) > 1
    remembered = known[0] if len({state.state.target for state in known}) == 1 and not asked else None
    return connect(project.config, home, request, remembered, wake=False)[0]


def name_meant(config: Config, home: Home) -> str | None:
    """What the pipeline is called: as configured, or the only one known here; None where neither says."""
    if config.name:
        return config.name
    known = home.pipelines()
    return known[0] if len(known) == 1 else None


def _name(config: Config, home: Home, *, create: bool) -> str:
    if name := name_meant(config, home):
        return name
    if known := home.pipelines():
        raise UsageError(f"There are several pipelines here: {', '.join(known)}.", "Choose one with --name.")
    if create:
        return draw_name()
    raise UsageError(
        "There is no pipeline here yet.",
        "Make one with `streamctl up`, or `streamctl up --local` without an AWS account. "
        "One made elsewhere is found with --name; `streamctl ls` lists them.",
    )

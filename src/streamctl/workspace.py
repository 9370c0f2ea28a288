"""An opened project: configuration, plugins, target, state and blueprint. Every command starts from one."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from streamctl.aws import Aws
from streamctl.aws.failures import explained, or_none
from streamctl.config import Config, Project, load
from streamctl.config.load import HOME
from streamctl.emulator import process
from streamctl.engine.graph import Graph
from streamctl.engine.plan import Plan, make_plan
from streamctl.engine.state import LOCAL, Record, StateFile, Target
from streamctl.errors import EmulatorError, PluginError, StreamctlError, TargetError, UsageError
from streamctl.files import write_atomically
from streamctl.pipeline.names import Names, draw_name
from streamctl.plugins import Catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamctl.engine.resource import Resource
    from streamctl.pipeline.builder import Pipeline
    from streamctl.pipeline.package import Package

DEFAULT_LOCAL_REGION = "us-east-1"


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


class Home:
    """The folder `.streamctl` of a project: state, runs and the local emulator. It keeps itself out of git."""

    def __init__(self, project_folder: Path) -> None:
        self.folder = project_folder / HOME
        self.emulator = self.folder / "emulator"
        self.unsent = self.folder / "unsent"
        self._pipelines = self.folder / "pipelines"

    def pipelines(self) -> list[str]:
        """The names of the pipelines made from here; of those only planned, where there is no other."""
        names = sorted(path.parent.name for path in self._pipelines.glob("*/state.json"))
        made = [name for name in names if StateFile.load(self.state_file(name)).state.resources]
        return made or names

    def pipeline(self, name: str) -> Path:
        return self._pipelines / name

    def state_file(self, name: str) -> Path:
        return self.pipeline(name) / "state.json"

    def prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        ignore = self.folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")


class Workspace:
    def __init__(self, project: Project, home: Home, aws: Aws, state: StateFile, catalogue: Catalogue) -> None:
        self.project = project
        self.home = home
        self.aws = aws
        self.state = state
        self.catalogue = catalogue
        self.names = Names(state.state.name)

    @property
    def config(self) -> Config:
        return self.project.config

    @property
    def name(self) -> str:
        return self.names.suffix

    @property
    def target(self) -> Target:
        return self.state.state.target

    @property
    def created_at(self) -> str | None:
        """When `up` or `plan` was first run for it, ISO 8601; None for a pipeline made elsewhere."""
        return self.state.state.created_at if self.state.path.exists() else None

    @property
    def folder(self) -> Path:
        """Where everything of this pipeline lies on this machine."""
        return self.home.pipeline(self.name)

    @property
    def runs(self) -> Path:
        return self.folder / "runs"

    @cached_property
    def _package(self) -> Package:
        from streamctl.pipeline.package import package

        return package("processor")

    @property
    def _package_file(self) -> Path:
        return self.folder / "processor.zip"

    def save_package(self) -> None:
        """Write the zip that the blueprint names; only for whoever deploys it."""
        write_atomically(self._package_file, self._package.content)

    @cached_property
    def pipeline(self) -> Pipeline:
        """The blueprint: the recipe with every feature that is on."""
        from streamctl.pipeline.recipe import recipe

        pipeline = recipe(self.config, self.names, self._package, self._package_file)
        for feature, settings in self.catalogue.features(self.config, self.project.source).values():
            feature.apply(pipeline, settings)
        self.catalogue.generator(self.config.producer.generator)  # a wrong name is better said before `produce`
        return pipeline

    @cached_property
    def graph(self) -> Graph:
        return self.pipeline.graph()

    def leftovers(self) -> list[Resource]:
        """What the state remembers and the blueprint no longer has: a feature was turned off, say."""
        return [
            _remembered(resource_id, record)
            for resource_id, record in self.state.state.resources.items()
            if resource_id not in self.graph.resources
        ]

    def everything(self) -> Graph:
        """The blueprint and the leftovers, for taking all of it down."""
        return Graph([*self.graph.resources.values(), *self.leftovers()])

    def plan(self) -> Plan:
        return make_plan(self.graph, self.aws, self.state, self.leftovers())

    def queue_url(self, name: str) -> str | None:
        """Where a queue of the pipeline is, or None where it is not."""
        with explained(f"find the queue {name}"):
            answer = or_none(self.aws.client("sqs").get_queue_url, QueueName=name)
        return str(answer["QueueUrl"]) if answer else None

    def has_open_claims(self) -> bool:
        """An earlier change was interrupted between asking and seeing."""
        return any(not record.made for record in self.state.state.resources.values())

    def discard(self) -> list[Path]:
        """Forget the pipeline on this machine, but for events that were never sent; returns where those are now."""
        kept = []
        for file in self.runs.glob("*/unsent.jsonl"):
            self.home.unsent.mkdir(exist_ok=True)
            kept.append(file.replace(self.home.unsent / f"{file.parent.name}.jsonl"))
        shutil.rmtree(self.folder, ignore_errors=True)
        return kept

    def stop_idle_emulator(self) -> bool:
        """Stop the emulator where no pipeline is left on it, unless it was started to stay."""
        running = process.running(self.home.emulator) if self.target.is_local else None
        if running is None or running.keep or self.home.pipelines():
            return False
        return process.stop(self.home.emulator)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other streamctl processes on this machine from changing the same pipeline. Raises UsageError.

        The state is read anew inside, since another may have changed it, or begun.
        """
        from filelock import FileLock, Timeout

        self.home.prepare()
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise UsageError(
                f"Another streamctl is changing the pipeline {self.name} right now.", "Wait until it is done."
            ) from None
        try:
            self._read_state_anew()
            yield
        finally:
            lock.release()

    def _read_state_anew(self) -> None:
        path = self.state.path
        found = StateFile.load(path) if path.exists() else None
        if found and found.state.resources:
            _refuse_another_target(found.state.target, self.target.endpoint_url, self.target.region, self.name)
            self.state = found
        else:
            self.state.save()


def _remembered(resource_id: str, record: Record) -> Resource:
    """A resource as it was last asked for. Raises PluginError where nobody knows its kind any more."""
    from streamctl.resources import KINDS

    try:
        return KINDS[record.kind](**(dict(record.fields) | {"after": ()}))
    except (KeyError, TypeError) as error:
        raise PluginError(
            f"The state remembers {record.kind} {record.fields.get('name', resource_id)}, which this streamctl and its "
            "plugins cannot handle.",
            "Use the versions of streamctl and its plugins that made it.",
        ) from error


def open_workspace(start: Path, request: Request, *, create: bool = False, wake: bool = False) -> Workspace:
    """The project at `start`, its target checked: account, region and endpoint are the pipeline's own.

    `create` begins a new pipeline where there is none; `wake` starts the local emulator where it is needed.
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
        _refuse_another_target(remembered.state.target, wanted, project.config.region, name)
    elif not create:
        _refuse_unknown(project, home, request, name)
    aws, endpoint = _connect(project.config, home, request, remembered, wake=wake or create)
    target = Target(aws.account, aws.region, endpoint, aws.profile)
    if remembered and remembered.state.target.account != target.account:
        raise TargetError(
            f"The pipeline {name} lives in account {remembered.state.target.account}; "
            f"these credentials are for {target.account}.",
            "Choose the right credentials with --profile.",
        )
    if not remembered and not create:
        _refuse_absent(aws, name)
    return Workspace(project, home, aws, remembered or StateFile.new(path, name, target), Catalogue())


def _refuse_unknown(project: Project, home: Home, request: Request, name: str) -> None:
    """Where pipelines are known here and nothing says that another place is meant, a strange name is a mistake."""
    known = home.pipelines()
    elsewhere = request.local or project.config.endpoint_url or project.config.region or project.config.profile
    if known and not elsewhere:
        raise UsageError(
            f"There is no pipeline {name} here; there is {', '.join(known)}.",
            "Name one of them, or say where the other one is: --region, --profile, --endpoint-url or --local.",
        )


def _refuse_absent(aws: Aws, name: str) -> None:
    """A pipeline that nothing is remembered of must at least be there: a wrong name or region is seen at once."""
    from streamctl.observe.inventory import inventory

    if not inventory(aws, name):
        raise UsageError(
            f"There is no pipeline {name} in account {aws.account}, region {aws.region}.",
            "`streamctl ls` lists those that are there; `streamctl up` makes one.",
        )


def connect_here(start: Path, request: Request) -> Aws:
    """The clients for the target that is asked for, without any pipeline; the only one known here when none is."""
    project = load(start, request.overrides() | {"name": None})
    home = Home(project.folder)
    known = [StateFile.load(home.state_file(name)) for name in home.pipelines()]
    asked = request.local or project.config.endpoint_url or project.config.profile or project.config.region
    remembered = known[0] if len({state.state.target for state in known}) == 1 and not asked else None
    return _connect(project.config, home, request, remembered, wake=False)[0]


def _name(config: Config, home: Home, *, create: bool) -> str:
    if config.name:
        return config.name
    known = home.pipelines()
    if len(known) == 1:
        return known[0]
    if known:
        raise UsageError(f"There are several pipelines here: {', '.join(known)}.", "Choose one with --name.")
    if create:
        return draw_name()
    raise UsageError(
        "There is no pipeline here yet.",
        "Make one with `streamctl up`, or `streamctl up --local` without an AWS account. "
        "One made elsewhere is found with --name; `streamctl ls` lists them.",
    )


def _refuse_another_target(own: Target, endpoint: str | None, region: str | None, name: str) -> None:
    for what, wanted, is_at in (("region", region, own.region), ("endpoint", endpoint, own.endpoint_url)):
        if wanted is not None and wanted != is_at:
            raise TargetError(
                f"The pipeline {name} lives at {what} {is_at or 'AWS'}, not {wanted}.",
                f"Leave that setting out to work on {name}, or choose another --name for a pipeline there.",
            )


def _connect(
    config: Config, home: Home, request: Request, remembered: StateFile | None, *, wake: bool
) -> tuple[Aws, str | None]:
    """The clients, and the endpoint as the state should remember it."""
    own = remembered.state.target if remembered else None
    endpoint = own.endpoint_url if own else LOCAL if request.local else config.endpoint_url
    region = own.region if own else config.region
    profile = config.profile or (own.profile if own else None)
    if request.local and request.endpoint_url:
        raise UsageError("--local is this machine's emulator, --endpoint-url another place.", "Choose one of them.")
    if endpoint == LOCAL:
        url = _emulator(home, wake=wake)
        return Aws(region=region or DEFAULT_LOCAL_REGION, endpoint_url=url, credentials=process.CREDENTIALS), LOCAL
    return Aws(region=region, profile=profile, endpoint_url=endpoint), endpoint


def _emulator(home: Home, *, wake: bool) -> str:
    running = process.running(home.emulator)
    if running is None and wake:
        home.prepare()
        running = process.start(home.emulator)
    if running is None:
        raise EmulatorError(
            "The local emulator is not running.",
            "Start it with `streamctl local start`: what was in it is still there.",
        )
    return running.endpoint_url


def current_folder() -> Path:
    """Where the command was given. Raises StreamctlError where that folder is gone."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise StreamctlError("The current folder does not exist any more.", "Change to another one.") from None

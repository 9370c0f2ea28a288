"""The workspace itself: what a command may ask of a project."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from streamctl.aws.failures import explained, or_none
from streamctl.blueprint import blueprint
from streamctl.emulator import process
from streamctl.engine.graph import Graph
from streamctl.engine.plan import Plan, make_plan
from streamctl.engine.references import fill
from streamctl.engine.state import StateFile, Target
from streamctl.engine.survey import surroundings
from streamctl.errors import PluginError, UsageError
from streamctl.files import write_atomically
from streamctl.pipeline.names import Names
from streamctl.plugins import Broken, refuse
from streamctl.resources.lambda_function import LambdaFunction
from streamctl.workspace.target import refuse_another_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamctl.aws import Aws
    from streamctl.config import Config, Project
    from streamctl.engine.resource import Resource
    from streamctl.functions.processor.stamps import Stamps
    from streamctl.pipeline.builder import Pipeline
    from streamctl.pipeline.package import Package
    from streamctl.plugins import Catalogue
    from streamctl.workspace.home import Home

PERMISSIONS = {
    "rejected": ("sqs:GetQueueUrl",),
    "failures": ("sqs:GetQueueUrl",),
    "failures_bucket": ("s3:ListBucket",),
}
"""To find a queue or a bucket by its name."""


@dataclass(frozen=True)
class Stranded:
    """A remembered resource whose kind cannot be used any more, and why: a sentence to its full stop."""

    id: str
    kind: str
    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}, which this streamctl and its plugins cannot handle: {self.reason}"


class Workspace:
    """`broken` hears of each plugin that is on and cannot be used; unless it raises, the blueprint is without it."""

    def __init__(
        self,
        project: Project,
        home: Home,
        aws: Aws,
        state: StateFile,
        catalogue: Catalogue,
        broken: Broken = refuse,
    ) -> None:
        self.project = project
        self.home = home
        self.aws = aws
        self.state = state
        self.catalogue = catalogue
        self.names = Names(state.state.name)
        self._broken = broken
        self.is_whole = True
        """No plugin that is on is missing in the blueprint, as far as that has been drawn up."""

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
    def is_remembered(self) -> bool:
        """It was made, planned or taken over from here."""
        return self.state.path.exists()

    @property
    def created_at(self) -> str | None:
        """When `up` or `plan` was first run for it, ISO 8601; None for a pipeline made elsewhere."""
        return self.state.state.created_at if self.is_remembered else None

    @property
    def folder(self) -> Path:
        """Where everything of this pipeline lies on this machine."""
        return self.home.pipeline(self.name)

    @property
    def runs(self) -> Path:
        return self.folder / "runs"

    @cached_property
    def packages(self) -> dict[Path, Package]:
        """The code as it would be deployed, packed; only for whoever deploys it or compares it with what is there."""
        return self.pipeline.pack()

    def save_packages(self) -> None:
        """Write the zips that the blueprint names."""
        for file, package in self.packages.items():
            write_atomically(file, package.content)

    @cached_property
    def pipeline(self) -> Pipeline:
        """The blueprint: the recipe with every feature that is on."""
        return blueprint(self.project, self.catalogue, self.names, self.folder, self._go_without)

    def _go_without(self, error: PluginError) -> None:
        self._broken(error)
        self.is_whole = False

    @property
    def item_stamps(self) -> Stamps:
        """What the function puts on items: as it was last deployed from here, or else as it is configured."""
        from streamctl.functions.processor.stamps import Stamps
        from streamctl.resources.lambda_function import LambdaFunction

        deployed = self.state.state.resources.get("function")
        if deployed:
            return Stamps.from_environment(deployed.fields["environment"])
        return Stamps.from_environment(self.pipeline.get("function", LambdaFunction).environment)

    @property
    def graph(self) -> Graph:
        return self.pipeline.graph()

    def leftovers(self) -> list[Resource]:
        """What the state remembers and the blueprint no longer has: a feature was turned off, say."""
        wanted = self.pipeline.resources
        return [resource for resource in self._remembered()[0] if resource.id not in wanted]

    def stranded(self) -> list[Stranded]:
        """What the state remembers and nobody can handle any more: its plugin is gone, or broken."""
        wanted = self.pipeline.resources
        return [stranded for stranded in self._remembered()[1] if stranded.id not in wanted]

    def _remembered(self) -> tuple[list[Resource], list[Stranded]]:
        """Every resource as it was last asked for, its holes filled; and those whose kind cannot be used.

        It waits for those remembered before it, so that what several configurations made never waits in a circle.
        """
        known: dict[str, Resource] = {}
        stranded = []
        for resource_id, record in self.state.state.resources.items():
            after = tuple(name for name in record.fields.get("after", ()) if name in known)
            try:
                known[resource_id] = self.catalogue.kind(record.kind)(**(dict(record.fields) | {"after": after}))
            except (PluginError, TypeError) as error:
                name = str(record.fields.get("name", resource_id))
                stranded.append(Stranded(resource_id, record.kind, name, str(error)))
        return list(known.values()), stranded

    def everything(self) -> Graph:
        """The blueprint and the leftovers, for taking all of it down."""
        return Graph([*self.graph.resources.values(), *self.leftovers()])

    def expected(self) -> Graph:
        """What should be there, code included: `everything`, or where a plugin is broken, what was last asked for."""
        try:
            _ = self.packages
        except PluginError as error:
            self._go_without(error)
        found = self.everything()
        if self.is_whole:
            return found
        return Graph((found.resources | {each.id: each for each in self._remembered()[0]}).values())

    def plan(self) -> Plan:
        """What would change. Code of the user's is tried before AWS is asked; raises PluginError where it is broken, or
        where something is left over that nobody can take down.
        """
        _ = self.packages
        self._try_own_code()
        for stranded in self.stranded():
            raise PluginError(f"The state remembers {stranded}", "Install what made it, as it was then.")
        return make_plan(self.graph, self.aws, self.state, self.leftovers())

    def _try_own_code(self) -> None:
        """What cannot be loaded would stop every batch, or `produce`."""
        if self.config.generator.path:
            from streamctl.traffic.makers import Maker

            Maker.configured(self.project).load()
        if self.config.processor.adds_anything:
            from streamctl.trial.trial import try_processor

            function = self.pipeline.get("function", LambdaFunction)
            try_processor(self.pipeline, self.packages[Path(function.package)])

    def queue_url(self, name: str) -> str | None:
        """Where a queue of the pipeline is, or None where it is not."""
        with explained(f"find the queue {name}"):
            answer = or_none(self.aws.client("sqs").get_queue_url, QueueName=name)
        return str(answer["QueueUrl"]) if answer else None

    def failures_bucket(self) -> str | None:
        """The bucket of what Lambda gave up on; None where the pipeline has none, and was never given one."""
        wanted = self.config.event_source.on_failure == "s3"
        if not wanted and "failures_bucket" not in self.state.state.resources:
            return None
        name = str(fill(self.names.failures_bucket, surroundings(self.aws)))
        with explained(f"find the bucket {name}"):
            return name if or_none(self.aws.client("s3").head_bucket, Bucket=name) else None

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
        """Stop the emulator where no pipeline is left on it, of ours or an export's, unless it was started to stay."""
        from streamctl.observe.inventory import exported

        running = process.running(self.home.emulator) if self.target.is_local else None
        if running is None or running.keep or self.home.has_local_pipelines() or exported(self.aws):
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
            refuse_another_target(found.state.target, self.target.endpoint_url, self.target.region, self.name)
            self.state = found
        else:
            self.state.save()

"""`up`, its canary, `deploy` and `down` as the command line runs them, without the talk."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

from botocore.retries import standard

from streamctl.aws import Aws
from streamctl.aws.session import ATTEMPTS
from streamctl.aws.waiting import wait_for
from streamctl.emulator.process import CREDENTIALS
from streamctl.engine.apply import Applier
from streamctl.engine.plan import Action
from streamctl.errors import UsageError
from streamctl.observe.inventory import inventory
from streamctl.resources import KINDS
from streamctl.traffic.canary import prove_delivery
from streamctl.workspace import Home, Request, open_workspace

from ..foreign import settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from streamctl.engine.plan import Plan, Step
    from streamctl.errors import StreamctlError
    from streamctl.workspace import Workspace

    from .faults import Wire

REGION = "us-east-1"
CANARY_SECONDS = 20
LONGEST_PAUSE_SECONDS = 0.05  # the emulator takes as long over a function: shorter looks only cost
SDK_PAUSE_SECONDS = 0.01
AT_ONCE = "event_source.batch_size = 10\nevent_source.batching_window_seconds = 0\n"
"""A mapping that does not wait for more records than the canary."""


def pause(seconds: float) -> None:
    """Wait, but not as long as AWS would deserve."""
    time.sleep(min(seconds, LONGEST_PAUSE_SECONDS))


class Commands(Protocol):
    """One pipeline called `name`; each command is a process of its own. It may have a `prove`, which `up` ends with."""

    name: str

    @property
    def disk(self) -> Path:
        """The file that what one process learns is handed to the next in."""

    def up(self) -> None: ...
    def deploy(self) -> None: ...
    def down(self) -> None: ...


class Clients:
    """The clients of one target, on the wire. They outlive a process: to make them takes longer than a command."""

    def __init__(self, endpoint_url: str, wire: Wire) -> None:
        self.endpoint_url = endpoint_url
        self.aws = Aws(region=REGION, endpoint_url=endpoint_url, credentials=CREDENTIALS)
        self._wire = wire
        self._attached: set[int] = set()
        self._lock = threading.Lock()

    def client(self, service: str) -> Any:
        return self._attach(self.aws.client(service), retrying=True)

    def once(self, service: str) -> Any:
        return self._attach(self.aws.once(service), retrying=False)

    def _attach(self, client: Any, *, retrying: bool) -> Any:
        with self._lock:
            if id(client) not in self._attached:
                self._attached.add(id(client))
                self._wire.attach(client)
                if retrying:
                    _shorten_pauses(client)
        return client


def _shorten_pauses(client: Any) -> None:
    """The SDK's own decisions on what to retry, without its seconds between."""
    service = client.meta.service_model.service_id.hyphenize()
    handler = standard.register_retry_handler(client, ATTEMPTS)
    client.meta.events.unregister(f"needs-retry.{service}", unique_id=f"retry-config-{service}")
    client.meta.events.register(
        f"needs-retry.{service}",
        lambda **answer: None if handler.needs_retry(**answer) is None else SDK_PAUSE_SECONDS,
    )


class ProcessAws(Aws):
    """What one process knows of AWS: kept clients, but its own question who it is."""

    def __init__(self, clients: Clients) -> None:
        super().__init__(region=REGION, endpoint_url=clients.endpoint_url, credentials=CREDENTIALS)
        self._kept = clients

    def client(self, service: str) -> Any:
        return self._kept.client(service)

    def once(self, service: str) -> Any:
        return self._kept.once(service)


class Silent:
    """An observer with nothing to say."""

    def started(self, step: Step) -> None: ...
    def finished(self, step: Step, seconds: float) -> None: ...
    def failed(self, step: Step, error: StreamctlError) -> None: ...
    def skipped(self, step: Step, because: str) -> None: ...
    def noted(self, step: Step, remark: str) -> None: ...


def _refuse_deletions(planned: Plan) -> None:
    losing = [step for step in planned.changes if step.action in {Action.REPLACE, Action.DELETE} and step.live]
    if losing:
        raise UsageError(f"An interruption made the plan delete {', '.join(s.resource.name for s in losing)}.")


class Streamctl:
    """streamctl itself, in a user's folder."""

    def __init__(self, folder: Path, name: str, clients: Clients) -> None:
        self.name = name
        self._folder = folder
        self._clients = clients
        folder.mkdir(parents=True, exist_ok=True)
        self.configure()

    def configure(self, more: str = "") -> None:
        (self._folder / "streamctl.toml").write_text(AT_ONCE + settings(KINDS) + more, encoding="utf-8")

    @property
    def disk(self) -> Path:
        return Home(self._folder).state_file(self.name)

    def up(self) -> None:
        self._build(None)

    def prove(self) -> None:
        """What `up` ends with: a canary."""
        workspace = self._open(create=True)
        with workspace.locked():
            if workspace.state.state.proved:
                return
            names, source = workspace.names, workspace.config.event_source
            window, deadline = source.batching_window_seconds, CANARY_SECONDS
            prove_delivery(
                workspace.aws, names.stream, names.table, window_seconds=window, deadline_seconds=deadline, sleep=pause
            )
            workspace.state.prove(True)

    def deploy(self) -> None:
        self._build("deploy")

    def down(self) -> None:
        try:
            workspace = self._open(create=False)
        except UsageError:  # nothing is remembered, and nothing there: the kill came before the first call
            if inventory(self._clients.aws, self.name):
                raise
            return
        with workspace.locked():
            self._applier(workspace).destroy(workspace.everything()).raise_if_partial("down")
            wait_for(
                lambda: None if inventory(workspace.aws, self.name) else True,
                what="the last resources to be gone",
                timeout_seconds=10,
                sleep=pause,
            )
            workspace.discard()

    def _build(self, stage: str | None, refuse: Callable[[Plan], None] = _refuse_deletions) -> None:
        workspace = self._open(create=True)
        with workspace.locked():
            planned = workspace.plan()
            refuse(planned)
            workspace.save_packages()
            chosen = [step for step in planned.steps.values() if stage is None or step.resource.stage == stage]
            changes = [step for step in planned.changes if stage is None or step.resource.stage == stage]
            if not changes and not workspace.has_open_claims():
                return
            workspace.state.prove(False)
            ids = {step.resource.id for step in chosen}
            outcome = self._applier(workspace).apply(planned, ids, leftovers=stage is None)
            outcome.raise_if_partial(stage or "up")

    def _open(self, *, create: bool) -> Workspace:
        """A new process: everything is read from the folder."""
        request = Request(name=self.name, endpoint_url=self._clients.endpoint_url, region=REGION)
        aws = ProcessAws(self._clients)
        reached = aws, aws.endpoint_url
        return open_workspace(self._folder, request, create=create, connect=lambda *_, **__: reached)

    def _applier(self, workspace: Workspace) -> Applier:
        return Applier(workspace.aws, workspace.state, Silent(), sleep=pause)

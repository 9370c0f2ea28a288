"""What streamctl remembers of a pipeline on this machine, so that an interruption can be continued.

AWS is the truth; this file only says where to look: the name, the target, and for every resource what we set out to
make, written down *before* the call. Losing the file costs nothing but the target: `--name` finds everything by tag.
"""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from streamctl.errors import UsageError
from streamctl.files import load_document, save_document

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

VERSION = 1


@dataclass(frozen=True)
class Target:
    """Where a pipeline lives. `endpoint_url` is None for AWS itself, `local` for this machine's emulator."""

    account: str
    region: str
    endpoint_url: str | None = None
    profile: str | None = None

    @property
    def is_local(self) -> bool:
        return self.endpoint_url == LOCAL


LOCAL = "local"


@dataclass(frozen=True)
class Record:
    """One resource as last asked for."""

    kind: str
    fields: Mapping[str, Any]
    made: bool = False
    """It was seen to be there. False from before the create on: it may be there."""
    deleting: bool = False
    """True from before the delete on: it may be gone, or on its way."""


@dataclass(frozen=True)
class State:
    name: str
    target: Target
    created_at: str
    resources: Mapping[str, Record] = field(default_factory=dict)
    proved: bool = False
    """A record has come through since the last change."""
    version: int = VERSION


class StateFile:
    """The state of one pipeline, on disk at every moment. Safe to share between threads."""

    def __init__(self, path: Path, state: State) -> None:
        self.path = path
        self.state = state
        self._lock = threading.Lock()

    @classmethod
    def new(cls, path: Path, name: str, target: Target) -> StateFile:
        """A pipeline that nothing is remembered of; nothing is written until `save`."""
        return cls(path, State(name, target, datetime.now(UTC).isoformat(timespec="seconds")))

    @classmethod
    def load(cls, path: Path) -> StateFile:
        """Raises StreamctlError when the file is not what we wrote."""
        try:
            raw = load_document(path)
            state = State(**(raw | {"target": Target(**raw["target"]), "resources": _records(raw["resources"])}))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise UsageError(
                f"The state file {path} is damaged: {error}.",
                "Delete it and name the pipeline with --name: everything is found again by its tags.",
            ) from error
        if state.version != VERSION:
            raise UsageError(
                f"The state file {path} has version {state.version}; this streamctl reads version {VERSION}.",
                "Use the streamctl that wrote it, or delete it and name the pipeline with --name.",
            )
        return cls(path, state)

    def intend(self, resource_id: str, record: Record) -> None:
        """Remember what is about to be made or changed."""
        self._change_resources(lambda resources: {**resources, resource_id: record})

    def made(self, resource_id: str) -> None:
        """Remember that it is there."""
        self._change_resources(lambda known: {**known, resource_id: replace(known[resource_id], made=True)})

    def deleting(self, resource_id: str) -> None:
        """Remember that it is about to be deleted."""
        if resource_id in self.state.resources:
            self._change_resources(lambda known: {**known, resource_id: replace(known[resource_id], deleting=True)})

    def forget(self, resource_id: str) -> None:
        """Remember that it is gone."""
        self._change_resources(lambda known: {name: record for name, record in known.items() if name != resource_id})

    def prove(self, proved: bool) -> None:
        """Remember whether a record has come through since the last change."""
        with self._lock:
            self.state = replace(self.state, proved=proved)
            self.save()

    def is_claimed(self, resource_id: str) -> bool:
        """We set out to make it and never saw whether that worked."""
        record = self.state.resources.get(resource_id)
        return record is not None and not record.made

    def is_deleting(self, resource_id: str) -> bool:
        """We set out to delete it and never saw it gone."""
        record = self.state.resources.get(resource_id)
        return record is not None and record.deleting

    def unsettled(self) -> set[str]:
        """Those of which we never saw what became of our last call."""
        return {name for name, record in self.state.resources.items() if record.deleting or not record.made}

    def _change_resources(self, change: Callable[[Mapping[str, Record]], Mapping[str, Record]]) -> None:
        with self._lock:
            self.state = replace(self.state, resources=change(self.state.resources))
            self.save()

    def save(self) -> None:
        """Write it down."""
        save_document(self.path, asdict(self.state), list)


def _records(raw: Mapping[str, Any]) -> dict[str, Record]:
    return {name: Record(**record) for name, record in raw.items()}

"""What a kind's `create`, `update` and `delete` send to AWS, written down and not sent.

So an export that is a list of calls cannot differ from a deployment: both are made by the same methods.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn, cast

from streamctl.engine.resource import Live, plain
from streamctl.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamctl.aws import Aws
    from streamctl.engine.resource import Resource

ANSWER = "answer_"
"""The id in a hole that stands for a part of the answer to a call before; no resource can have it."""
_READS = re.compile(r"(describe|get|head|list)_")
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class File:
    """The content of a file of the export."""

    path: str


@dataclass(frozen=True)
class Call:
    """One request. Its texts may have holes; `File` stands for bytes."""

    service: str
    operation: str
    """As a client calls it: `create_stream`."""
    parameters: Mapping[str, Any]
    number: int = 0
    """How many calls were made before it, for the same resource."""
    taken: dict[str, str] = field(default_factory=dict)
    """What later calls need of the answer: attribute of a hole to JMESPath."""


def creation(resource: Resource) -> Iterator[list[Call]]:
    """What makes the resource, then for each setting that a create leaves to an update what sets it: AWS has to be
    ready with the one before it takes the next. Raises PluginError for a kind that looks before it acts.
    """
    yield _recorded(resource, resource.create)
    for setting, there in resource.created.items():
        live = _live(resource, setting, there)
        if resource.differing(live):
            yield _recorded(resource, partial(_update, resource, live))


def deletion(resource: Resource) -> list[Call]:
    """What deletes the resource as its creation left it. Raises PluginError."""
    return _recorded(resource, partial(_delete, resource, _live(resource)))


def _update(resource: Resource, live: Live, aws: Aws) -> None:
    resource.update(aws, live)


def _delete(resource: Resource, live: Live, aws: Aws) -> None:
    resource.delete(aws, live)


def _live(resource: Resource, setting: str = "", there: Any = None) -> Live:
    """The resource as it is wanted, but for the one setting."""
    settings = {each.name: getattr(resource, each.name) for each in fields(resource)}
    live = Live(
        attributes={name: resource.ref(name) for name in resource.attributes}, settings=settings, tags=resource.tags
    )
    if setting == "tags":
        return replace(live, tags=there)
    return replace(live, settings={**settings, setting: there}) if setting else live


def _recorded(resource: Resource, act: Callable[[Aws], None]) -> list[Call]:
    recorder = Recorder(resource)
    act(cast("Aws", recorder))
    return recorder.calls


class Recorder:
    """Stands for an `Aws` whose account and region are not known yet. What a kind reads, it is told by the kind itself:
    how it finds things as they were deployed."""

    region = "${aws.region}"
    account = "${aws.account}"
    identity = SimpleNamespace(account="${aws.account}", partition="${aws.partition}")

    def __init__(self, resource: Resource) -> None:
        self.calls: list[Call] = []
        self.resource = resource

    def client(self, service: str) -> _Client:
        return _Client(self, service)

    once = client

    def content(self, path: str) -> File:
        return File(path)


class _Client:
    def __init__(self, recorder: Recorder, service: str) -> None:
        self._recorder = recorder
        self._service = service

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**parameters: Any) -> Any:
            if _READS.match(operation):
                return self._told(operation)
            made = Call(self._service, operation, _written(parameters), len(self._recorder.calls))
            self._recorder.calls.append(made)
            return Answer(made, self._recorder.resource)

        return call

    def get_paginator(self, operation: str) -> Any:
        return SimpleNamespace(paginate=lambda **_: _Pages(self._told(operation)))

    def _told(self, operation: str) -> Any:
        resource = self._recorder.resource
        try:
            return resource.as_deployed()[operation]
        except KeyError:
            raise PluginError(
                f"No list of calls makes or deletes {resource.id}: the resource kind {resource.kind} looks at what "
                f"{self._service}:{operation} answers before it acts.",
                f"Let {type(resource).__name__}.as_deployed() tell the answer, or turn the feature off that adds it.",
            ) from None


class _Pages:
    """The one page of a list."""

    def __init__(self, page: Mapping[str, Any]) -> None:
        self._page = page

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        yield self._page

    def build_full_result(self) -> Mapping[str, Any]:
        return self._page


class Answer:
    """A part of an answer that is not there yet: it can be sent on, and nothing can be decided by it."""

    def __init__(self, call: Call, resource: Resource, path: str = "") -> None:
        self._call, self._resource, self._path = call, resource, path

    def __getitem__(self, key: str) -> Answer:
        return Answer(self._call, self._resource, f"{self._path}.{key}".lstrip("."))

    def __str__(self) -> str:
        """Its hole: `KeyMetadata.KeyId` → `${answer_.key_id}`, or `key_id_2` of the third call."""
        last = _WORD.sub("_", self._path.rpartition(".")[2]).lower()
        attribute = f"{last}_{self._call.number}" if self._call.number else last
        if self._call.taken.setdefault(attribute, self._path) != self._path:
            self._refuse()
        return f"${{{ANSWER}.{attribute}}}"

    def _refuse(self, *_: object) -> NoReturn:
        raise PluginError(
            f"No list of calls makes {self._resource.id}: the resource kind {self._resource.kind} decides by what "
            f"{self._call.service}:{self._call.operation} answers."
        )

    __bool__ = __eq__ = __iter__ = __len__ = __contains__ = _refuse
    __hash__ = None  # type: ignore[assignment]


def _written(value: Any) -> Any:
    """The value as it is sent, its answers as holes."""
    if isinstance(value, Answer):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _written(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_written(inner) for inner in value]
    return value if isinstance(value, File) else plain(value)

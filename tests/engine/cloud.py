"""An AWS of one service, in memory, with a way to make its calls fail: what the engine's tests talk to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

from botocore.exceptions import ClientError, ReadTimeoutError

from streamctl.engine.resource import OWNER_TAG, Live, Resource

if TYPE_CHECKING:
    from collections.abc import Mapping

OURS = {OWNER_TAG: "demo01"}


def refused(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Call")


def no_answer() -> ReadTimeoutError:
    return ReadTimeoutError(endpoint_url="https://nowhere")


@dataclass
class Fault:
    """Raise `error` at the next calls of one operation, before or after they take effect."""

    operation: str
    error: Exception
    after: bool = False
    times: int = 1


@dataclass
class Cloud:
    things: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    slow_looks: int = 0
    """How many looks a new thing needs until it is ready."""
    account: str = "000000000000"
    region: str = "eu-central-1"
    identity: Any = field(default_factory=lambda: SimpleNamespace(partition="aws"))

    @property
    def writes(self) -> list[str]:
        return [call for call in self.calls if not call.startswith("read ")]

    def call(self, operation: str, name: str, effect: Any) -> None:
        self.calls.append(f"{operation} {name}")
        fault = next((fault for fault in self.faults if fault.operation == operation and fault.times), None)
        if fault:
            fault.times -= 1
        if fault and not fault.after:
            raise fault.error
        effect()
        if fault:
            raise fault.error


@dataclass(frozen=True, kw_only=True)
class Thing(Resource):
    kind: ClassVar[str] = "thing"
    stage = "provision"
    fixed: ClassVar[frozenset[str]] = frozenset({"shape"})
    attributes: ClassVar[frozenset[str]] = frozenset({"name", "arn"})
    permissions: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    arn_format: ClassVar[str] = "things:${aws.region}:${aws.account}:{name}"
    timeout_seconds: ClassVar[float] = 5
    tags: Mapping[str, str] = field(default_factory=lambda: OURS)
    size: int = 1
    shape: str = "round"
    note: str = ""

    def read(self, aws: Any) -> Live | None:
        aws.calls.append(f"read {self.name}")
        thing = aws.things.get(self.name)
        if thing is None:
            return None
        thing["looks"] = thing.get("looks", 0) + 1
        return Live(
            attributes={"name": self.name, "arn": f"arn:aws:things:{aws.region}:{aws.account}:{self.name}"},
            settings={"size": thing["size"], "shape": thing["shape"], "note": thing["note"]},
            tags=thing["tags"],
            state=thing.get("state", "ACTIVE"),
            ready=thing["looks"] > aws.slow_looks,
            failure=thing.get("failure", ""),
            protection=thing.get("protection", ""),
            elsewhere=thing.get("elsewhere", False),
        )

    def create(self, aws: Any) -> None:
        def make() -> None:
            if self.name in aws.things:
                raise refused("ResourceInUseException", "it exists")
            aws.things[self.name] = {"size": self.size, "shape": self.shape, "note": "", "tags": dict(self.tags)}

        aws.call("create", self.name, make)

    def update(self, aws: Any, live: Live) -> None:
        wanted = {name: becomes for name, (_, becomes) in self.differing(live).items()}
        changes = {**wanted, "tags": {**live.tags, **self.tags}}
        aws.call("update", self.name, lambda: aws.things[self.name].update(changes))

    def delete(self, aws: Any, live: Live) -> None:
        def remove() -> None:
            if self.name not in aws.things:
                raise refused("ResourceNotFoundException")
            del aws.things[self.name]

        aws.call("delete", self.name, remove)


@dataclass(frozen=True, kw_only=True)
class Edition(Thing):
    """A thing with an edition that is another one after each change of its size."""

    attributes: ClassVar[frozenset[str]] = frozenset({"name", "arn", "edition"})
    renews: ClassVar[Mapping[str, frozenset[str]]] = {"size": frozenset({"edition"})}

    def read(self, aws: Any) -> Live | None:
        live = super().read(aws)
        return live and replace(live, attributes={**live.attributes, "edition": f"of size {live.settings['size']}"})


def thing(name: str, **settings: Any) -> Thing:
    return Thing(id=name, name=f"{name}-demo01", **settings)


@dataclass
class Listener:
    """An observer that remembers."""

    heard: list[str] = field(default_factory=list)

    def started(self, step: Any) -> None:
        self.heard.append(f"started {step.resource.id}")

    def finished(self, step: Any, seconds: float) -> None:
        self.heard.append(f"finished {step.resource.id}")

    def failed(self, step: Any, error: Exception) -> None:
        self.heard.append(f"failed {step.resource.id}")

    def skipped(self, step: Any, because: str) -> None:
        self.heard.append(f"skipped {step.resource.id} because of {because}")

    def noted(self, step: Any, remark: str) -> None:
        self.heard.append(f"noted {step.resource.id}: {remark}")

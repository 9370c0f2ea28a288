"""For whoever writes a resource: the contract of `streamctl.engine.resource` as one check to run in a test.

Knows no test framework and no service: it takes a resource through its life on whatever `Aws` it is handed.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

from streamctl.aws.failures import Failure, classify, is_missing, is_taken
from streamctl.aws.waiting import wait_for
from streamctl.engine.apply import ROUNDS
from streamctl.engine.plan import surroundings
from streamctl.engine.references import fill, is_open
from streamctl.engine.resource import OWNER_TAG, Live, Resource

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from streamctl.aws import Aws

T = TypeVar("T")

PREFIXES = {"sesv2": "ses", "stepfunctions": "states"}
"""Services that IAM knows under another name than the SDK."""
ACTIONS = {
    "cloudwatch:PutMetricAlarm": ("cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"),
    "dynamodb:CreateTable": ("dynamodb:CreateTable", "dynamodb:TagResource"),
    "iam:CreateRole": ("iam:CreateRole", "iam:TagRole"),
    "kinesis:CreateStream": ("kinesis:CreateStream", "kinesis:AddTagsToStream"),
    "lambda:CreateEventSourceMapping": ("lambda:CreateEventSourceMapping", "lambda:TagResource"),
    "lambda:CreateFunction": ("lambda:CreateFunction", "lambda:TagResource", "iam:PassRole"),
    "lambda:GetFunction": ("lambda:GetFunction", "lambda:ListTags"),
    "lambda:UpdateFunctionConfiguration": ("lambda:UpdateFunctionConfiguration", "iam:PassRole"),
    "logs:CreateLogGroup": ("logs:CreateLogGroup", "logs:TagResource"),
    "sqs:CreateQueue": ("sqs:CreateQueue", "sqs:TagQueue"),
    "sts:GetCallerIdentity": (),
}
"""What a call needs where that is not just the action of its name. Source: the Service Authorization Reference."""

_COMMON_FIELDS = frozenset(field.name for field in fields(Resource))
_SOMEBODY_ELSE = "somebody-else"


def check_resource(
    aws: Aws,
    resource: Resource,
    changes: Sequence[Mapping[str, Any]],
    *,
    unchanged: Mapping[str, str] | None = None,
    unseen: Collection[str] = (),
    timeout_seconds: float = 60,
) -> None:
    """Take a resource through its whole life; AssertionError says where it breaks the contract.

    It must not exist yet, carry OWNER_TAG and have no holes. Each of `changes` (field to new value) is made on top of
    those before; together they change every field but the fixed ones and those in `unchanged` (field to the reason).
    `unseen` names IAM actions that this life gives no occasion for. `aws` must not have made any client yet: the calls
    are compared with `permissions`.
    """
    _check_declarations(resource, changes, unchanged or {})
    life = _Life(aws, timeout_seconds)
    _expect(life.read(resource) is None, resource, "is there before it was made")
    _expect(bool(life.seen["read"]), resource, "was read without a call: hand in an Aws that has made no client yet")
    life.create(resource)
    _check_live(resource, life.settle(resource), fill(resource.arn, surroundings(aws)))
    for change in changes:
        resource = _changed(life, resource, change)
    live = _check_foreign(life, resource)
    _check_delete(life, resource, live)
    _check_permissions(resource, life.seen, unseen)


class _Life:
    """Makes the calls as the engine does, and notes which AWS operations each of the four methods used."""

    def __init__(self, aws: Aws, timeout_seconds: float) -> None:
        self._aws = aws
        self._timeout_seconds = timeout_seconds
        self._phase = ""
        self.seen: dict[str, set[str]] = defaultdict(set)
        aws.watch(self._note)

    def read(self, resource: Resource) -> Live | None:
        with self._during("read"):
            return resource.read(self._aws)

    def create(self, resource: Resource) -> None:
        with self._during("create"):
            self._patiently(lambda: resource.create(self._aws), resource, busy=False)

    def update(self, resource: Resource, live: Live) -> None:
        with self._during("update"):
            self._patiently(lambda: resource.update(self._aws, live), resource)

    def delete(self, resource: Resource, live: Live) -> None:
        with self._during("delete"):
            self._patiently(lambda: resource.delete(self._aws, live), resource)

    def settle(self, resource: Resource) -> Live:
        """Update until nothing differs."""
        live = self._ready(resource)
        for _ in range(ROUNDS):
            if not resource.differing(live):
                break
            self.update(resource, live)
            live = self._ready(resource)
        _expect(not live.failure, resource, f"failed: {live.failure}")
        _expect(not resource.differing(live), resource, f"still differs after updates: {resource.differing(live)}")
        return live

    def wait_until_gone(self, resource: Resource) -> None:
        self._wait(lambda: None if self.read(resource) else True, f"{resource.kind} to be gone")

    def _ready(self, resource: Resource) -> Live:
        def look() -> Live | None:
            live = self.read(resource)
            return live if live and live.ready else None

        return self._wait(look, f"{resource.kind} to be ready")

    def _patiently(self, call: Callable[[], None], resource: Resource, *, busy: bool = True) -> None:
        """Repeat a call that AWS refuses for a passing reason; `busy` also while an earlier change is in progress."""

        def attempt() -> bool | None:
            try:
                call()
            except Exception as error:
                if classify(error) is Failure.NO_EFFECT or (busy and is_taken(error)):
                    return None
                raise
            return True

        self._wait(attempt, f"AWS to accept a call for {resource.kind}")

    def _wait(self, look: Callable[[], T | None], what: str) -> T:
        return wait_for(look, what=what, timeout_seconds=self._timeout_seconds)

    @contextmanager
    def _during(self, phase: str) -> Iterator[None]:
        self._phase = phase
        try:
            yield
        finally:
            self._phase = ""

    def _note(self, service: str, operation: str) -> None:
        if self._phase:
            self.seen[self._phase].add(f"{PREFIXES.get(service, service)}:{operation}")


def _check_declarations(resource: Resource, changes: Sequence[Mapping[str, Any]], unchanged: Mapping[str, str]) -> None:
    settings = {field.name for field in fields(resource)} - _COMMON_FIELDS
    changed = {name for change in changes for name in change}
    left = settings - resource.fixed - changed - unchanged.keys()
    _expect(resource.fixed <= settings, resource, f"fixed names no settings: {sorted(resource.fixed - settings)}")
    _expect(not left, resource, f"no change is given for {sorted(left)}")
    _expect(
        changed <= settings - resource.fixed,
        resource,
        f"cannot change {sorted(changed - settings | changed & resource.fixed)}",
    )
    _expect(OWNER_TAG in resource.tags, resource, f"needs the tag {OWNER_TAG} for this check")
    _expect(not is_open(resource), resource, "has holes that nobody fills here")
    phases = {"read", "create", "update", "delete"}
    _expect(set(resource.permissions) == phases, resource, "must give permissions for read, create, update and delete")


def _check_live(resource: Resource, live: Live, arn: str) -> None:
    names = {field.name for field in fields(resource)}
    _expect(
        set(live.attributes) == resource.attributes,
        resource,
        f"has attributes {sorted(live.attributes)} but declares {sorted(resource.attributes)}",
    )
    _expect(all(live.attributes.values()), resource, f"has an empty attribute: {dict(live.attributes)}")
    _expect(not arn or live.attributes.get("arn") == arn, resource, f"has not the ARN that arn_format says: {arn}")
    _expect(set(live.settings) <= names, resource, f"reports settings without a field: {set(live.settings) - names}")
    _expect(resource.fixed <= set(live.settings), resource, "must report its fixed settings, or no change is noticed")


def _changed(life: _Life, resource: Resource, change: Mapping[str, Any]) -> Resource:
    """The resource after one change, which must be seen before the update and gone after it."""
    wanted = replace(resource, **change)
    live = life.settle(resource)
    _expect(bool(change.keys() & wanted.differing(live).keys()), resource, f"does not see that {dict(change)} differs")
    life.settle(wanted)
    return wanted


def _check_foreign(life: _Life, resource: Resource) -> Live:
    """A resource of the same name that carries another owner's tag is recognised as not ours."""
    stranger = replace(resource, tags={**resource.tags, OWNER_TAG: _SOMEBODY_ELSE})
    life.settle(stranger)
    live = life.read(resource)
    if live is None:
        raise AssertionError(f"{resource.kind} is gone after an update of its tags")
    _expect(live.tags.get(OWNER_TAG) == _SOMEBODY_ELSE, resource, f"does not show another owner's tag: {live.tags}")
    _expect("tags" in resource.differing(live), resource, "does not see that another owner's tag differs")
    return live


def _check_delete(life: _Life, resource: Resource, live: Live) -> None:
    life.delete(resource, live)
    life.wait_until_gone(resource)
    try:
        life.delete(resource, live)
    except Exception as error:
        if not is_missing(error):
            raise AssertionError(
                f"{resource.kind}: deleting what is gone must not be an error, but: {error}"
            ) from error
    _expect(life.read(resource) is None, resource, "is back after a second delete")


def _check_permissions(resource: Resource, seen: Mapping[str, set[str]], unseen: Collection[str]) -> None:
    """Declared and needed actions are the same; what `read` declares need not be said again."""
    reading = set(resource.permissions["read"])
    for phase, declared in resource.permissions.items():
        needed = {action for call in seen.get(phase, ()) for action in ACTIONS.get(call, (call,))}
        missing = needed - set(declared) - (reading if phase != "read" else set())
        idle = set(declared) - needed - set(unseen)
        _expect(not missing, resource, f"{phase} needs {sorted(missing)}, which its permissions leave out")
        _expect(not idle, resource, f"{phase} declares {sorted(idle)}, which no call needs")


def _expect(holds: bool, resource: Resource, otherwise: str) -> None:
    if not holds:
        raise AssertionError(f"{resource.kind} {otherwise}")

"""For whoever writes a plugin: a pipeline with a feature in it, and the contract of a resource as one check.

Knows no test framework and no service: the engine takes a resource through its life on whatever `Aws` it is handed.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from streamctl.aws.failures import is_missing
from streamctl.blueprint import blueprint, examine
from streamctl.config import Config, Project
from streamctl.config.load import check
from streamctl.engine.apply import Applier
from streamctl.engine.graph import Graph
from streamctl.engine.plan import Plan, compare, make_plan
from streamctl.engine.references import fill, is_open
from streamctl.engine.resource import OWNER_TAG, Live, Resource, plain
from streamctl.engine.state import StateFile, Target
from streamctl.engine.survey import surroundings
from streamctl.errors import OwnershipError
from streamctl.pipeline.names import Names
from streamctl.plugins import Catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from streamctl.aws import Aws
    from streamctl.engine.outcome import Outcome
    from streamctl.engine.plan import Step
    from streamctl.errors import StreamctlError
    from streamctl.pipeline.builder import Pipeline
    from streamctl.plugins import Feature

PHASES = ("read", "create", "update", "delete")
PREFIXES = {"resourcegroupstaggingapi": "tag", "sesv2": "ses", "stepfunctions": "states"}
"""Services that IAM knows under another name than the SDK."""
ACTIONS = {
    "cloudwatch:PutDashboard": ("cloudwatch:PutDashboard", "cloudwatch:TagResource"),
    "cloudwatch:PutMetricAlarm": ("cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"),
    "dynamodb:CreateTable": ("dynamodb:CreateTable", "dynamodb:TagResource"),
    "iam:CreateRole": ("iam:CreateRole", "iam:TagRole"),
    "kinesis:CreateStream": ("kinesis:CreateStream", "kinesis:AddTagsToStream"),
    "kms:CreateKey": ("kms:CreateKey", "kms:TagResource"),
    "lambda:CreateEventSourceMapping": ("lambda:CreateEventSourceMapping", "lambda:TagResource"),
    "lambda:CreateFunction": ("lambda:CreateFunction", "lambda:TagResource", "iam:PassRole"),
    "lambda:GetFunction": ("lambda:GetFunction", "lambda:ListTags"),
    "lambda:UpdateFunctionConfiguration": ("lambda:UpdateFunctionConfiguration", "iam:PassRole"),
    "logs:CreateLogGroup": ("logs:CreateLogGroup", "logs:TagResource"),
    "s3:DeleteObjects": ("s3:DeleteObject", "s3:DeleteObjectVersion"),
    "s3:GetBucketEncryption": ("s3:GetEncryptionConfiguration",),
    "s3:GetBucketLifecycleConfiguration": ("s3:GetLifecycleConfiguration",),
    "s3:GetPublicAccessBlock": ("s3:GetBucketPublicAccessBlock",),
    "s3:HeadBucket": ("s3:ListBucket",),
    "s3:ListBuckets": ("s3:ListAllMyBuckets",),
    "s3:ListObjectVersions": ("s3:ListBucketVersions",),
    "s3:ListObjectsV2": ("s3:ListBucket",),
    "s3:PutBucketEncryption": ("s3:PutEncryptionConfiguration",),
    "s3:PutBucketLifecycleConfiguration": ("s3:PutLifecycleConfiguration",),
    "s3:PutPublicAccessBlock": ("s3:PutBucketPublicAccessBlock",),
    "sns:CreateTopic": ("sns:CreateTopic", "sns:TagResource"),
    "sqs:ChangeMessageVisibilityBatch": ("sqs:ChangeMessageVisibility",),
    "sqs:CreateQueue": ("sqs:CreateQueue", "sqs:TagQueue"),
    "sqs:DeleteMessageBatch": ("sqs:DeleteMessage",),
    "sts:GetCallerIdentity": (),
}
"""What a call needs where that is not just the action of its name: what the Service Authorization Reference says, and
what AWS names when it refuses the call (`iam:PassRole` even where the role stays the same)."""

_COMMON_FIELDS = frozenset(field.name for field in fields(Resource))
_SOMEBODY_ELSE = "somebody-else"
_HOLE = "${nobody.knows}"


def pipeline_with(
    feature: Feature[Any],
    settings: Mapping[str, Any] = MappingProxyType({}),
    *,
    name: str = "a1b2c3",
    config: Config | None = None,
) -> Pipeline:
    """The pipeline called `name` with a feature in it, as `up` draws it up: the recipe, what is on by default, then it.

    `settings` are those of its section. Raises PluginError and ConfigError where `up` does.
    """
    project = Project(Path(), config or Config())
    catalogue = Catalogue()
    pipeline = blueprint(project, catalogue, Names(name), project.folder)
    feature.apply(pipeline, check(feature.settings, settings, "the test"))
    pipeline.complete()
    examine(pipeline, catalogue)
    return pipeline


def check_resource(
    aws: Aws,
    resource: Resource,
    changes: Sequence[Mapping[str, Any]],
    *,
    unchanged: Mapping[str, str] | None = None,
    unseen: Collection[str] = (),
    forgotten: Collection[str] = (),
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Let the engine take a resource through its life; AssertionError says where it breaks the contract.

    It must not exist yet, carry OWNER_TAG and have no holes. Each of `changes` (field to new value) is made on top of
    those before; together they change every field but the fixed ones and those in `unchanged` (field to the reason).
    `unseen` names IAM actions that this life gives no occasion for; `forgotten` the settings, or `tags`, that a create
    sends and the server, unlike AWS, drops. `aws` must not have made any client yet: the calls are compared with
    `permissions`.
    """
    _check_declarations(resource, changes, unchanged or {})
    with TemporaryDirectory() as folder:
        target = Target(account=aws.account, region=aws.region)
        state = StateFile.new(Path(folder, "state.json"), resource.tags[OWNER_TAG], target)
        life = _Life(aws, state, clock, sleep)
        resource = life.watched(resource)
        _expect(resource.read(aws) is None, resource, "is there before it was made")
        _expect(
            bool(life.seen["read"]), resource, "was read without a call: hand in an Aws that has made no client yet"
        )
        _check_live(resource, life.become(resource), aws)
        _check_created(resource, life.updated, forgotten)
        _check_together(life, resource)
        _check_found_by(life, resource)
        for change in changes:
            resource = _changed(life, resource, change)
        _check_foreign(life, resource)
        _check_permissions(resource, life.seen, unseen)


class _Life:
    """The engine at work on one resource; notes which AWS operations each of the resource's four methods used."""

    def __init__(self, aws: Aws, state: StateFile, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self.aws = aws
        self.seen: dict[str, set[str]] = defaultdict(set)
        self.updated: list[Live] = []
        """What each update found there."""
        self._state = state
        self._phase = ""
        self._remarks: list[str] = []
        self._applier = Applier(aws, state, self, clock=clock, sleep=sleep)
        aws.watch(self._note)

    def watched(self, resource: Resource) -> Resource:
        """The same resource, of a kind that tells which of its methods is at work."""
        kind = type(resource)
        methods = {phase: self._watched(phase, getattr(kind, phase)) for phase in PHASES}
        settings = {field.name: getattr(resource, field.name) for field in fields(resource)}
        watched: Resource = type(kind.__name__, (kind,), methods)(**settings)
        return watched

    def read_many(self, resource: Resource) -> Live | None:
        lives: list[Live | None] = self._watched("read", resource.read_many)(self.aws, [resource])
        return lives[0]

    def plan(self, resource: Resource) -> Plan:
        """Raises OwnershipError when what is there belongs to somebody else."""
        return make_plan(Graph([resource]), self.aws, self._state)

    def become(self, resource: Resource) -> Live:
        """Whatever is there and whoever owns it: made equal to the resource."""
        step = compare(resource, resource.read(self.aws))
        self._expect_done(resource, self._applier.apply(Plan(Graph([resource]), {resource.id: step}), [resource.id]))
        live = resource.read(self.aws)
        if live is None:
            raise AssertionError(f"{resource.kind} is gone after a create or an update")
        return live

    def destroy(self, resource: Resource) -> None:
        self._expect_done(resource, self._applier.destroy(Graph([resource])))

    # As the engine's observer it only keeps remarks: the outcome tells the rest.
    def started(self, step: Step) -> None: ...
    def finished(self, step: Step, seconds: float) -> None: ...
    def failed(self, step: Step, error: StreamctlError) -> None: ...
    def skipped(self, step: Step, because: str) -> None: ...
    def noted(self, step: Step, remark: str) -> None:
        self._remarks.append(remark)

    def _expect_done(self, resource: Resource, outcome: Outcome) -> None:
        complaints = [*(error.message for error in outcome.failed.values()), *self._remarks]
        _expect(not complaints, resource, "; ".join(complaints))

    def _watched(self, phase: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any) -> Any:
            before, self._phase = self._phase, phase
            if phase == "update":
                self.updated.append(arguments[-1])
            try:
                return method(*arguments)
            finally:
                self._phase = before

        return watched

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
    _expect(set(resource.permissions) == set(PHASES), resource, f"must give permissions for {', '.join(PHASES)}")


def _check_live(resource: Resource, live: Live, aws: Aws) -> None:
    names = {field.name for field in fields(resource)}
    arn = fill(resource.arn, surroundings(aws))
    _expect(
        set(live.attributes) == resource.provided,
        resource,
        f"has attributes {sorted(live.attributes)} but declares {sorted(resource.provided)}",
    )
    _expect(all(live.attributes.values()), resource, f"has an empty attribute: {dict(live.attributes)}")
    _expect(not arn or live.attributes.get("arn") == arn, resource, f"has not the ARN that arn_format says: {arn}")
    _expect(set(live.settings) <= names, resource, f"reports settings without a field: {set(live.settings) - names}")
    _expect(resource.fixed <= set(live.settings), resource, "must report its fixed settings, or no change is noticed")


def _check_created(resource: Resource, updated: Sequence[Live], forgotten: Collection[str]) -> None:
    """Once it is created, nothing is left to update but what `created` says: an exported script makes no other."""
    for live in updated:
        for setting, (there, _) in resource.differing(live).items():
            said = setting in resource.created and plain(resource.created[setting]) == plain(there)
            _expect(
                said or setting in forgotten,
                resource,
                f"is created with {setting}={there!r}, which created does not say",
            )


def _check_together(life: _Life, resource: Resource) -> None:
    """Looked at with others it is the same, but for tags that are not told yet."""
    alone, together = resource.read(life.aws), life.read_many(resource)
    _expect(
        alone is not None and together in (alone, replace(alone, tags={})),
        resource,
        f"is another when it is looked at together with others: {together} instead of {alone}",
    )


def _check_found_by(life: _Life, resource: Resource) -> None:
    """It is found without the fields that `found_by` leaves out: what they refer to may not be there yet."""
    others = {field.name for field in fields(resource)} - _COMMON_FIELDS - resource.found_by
    unknown: dict[str, Any] = dict.fromkeys(others, _HOLE)
    there = resource.read(life.aws)
    try:
        found = replace(resource, **unknown).read(life.aws)
    except Exception as error:
        raise AssertionError(f"{resource.kind} cannot be read without what found_by leaves out: {error!r}") from error
    _expect(
        found is not None and there is not None and found.attributes == there.attributes,
        resource,
        "is not found without what found_by leaves out",
    )


def _changed(life: _Life, resource: Resource, change: Mapping[str, Any]) -> Resource:
    """The resource after one change, which must be seen before it is made."""
    wanted = replace(resource, **change)
    planned = life.plan(wanted).steps[wanted.id]
    before: Mapping[str, str] = planned.live.attributes if planned.live else {}
    _expect(bool(change.keys() & planned.differences.keys()), resource, f"does not see that {dict(change)} differs")
    live = life.become(wanted)
    _check_live(wanted, live, life.aws)
    others = {name for name, value in live.attributes.items() if before.get(name, value) != value}
    renewed = {name for setting in change for name in resource.renews.get(setting, ())}
    _expect(
        others <= renewed,
        resource,
        f"has another {sorted(others - renewed)} and does not say that {dict(change)} renews it",
    )
    return wanted


def _check_foreign(life: _Life, resource: Resource) -> None:
    """With another owner's tag it is refused to us; it goes when that owner deletes it, and may be deleted twice.

    What cannot be tagged stays ours, and somebody else is refused.
    """
    theirs = replace(resource, tags={**resource.tags, OWNER_TAG: _SOMEBODY_ELSE})
    stranger = resource
    if not resource.can_be_tagged:
        theirs, stranger = resource, theirs
    live = life.become(theirs)
    try:
        life.plan(stranger)
    except OwnershipError:
        pass
    else:
        raise AssertionError(f"{resource.kind} does not show another owner's tag: {live.tags}")
    life.destroy(theirs)
    try:
        theirs.delete(life.aws, live)
    except Exception as error:
        if not is_missing(error):
            raise AssertionError(
                f"{resource.kind}: deleting what is gone must not be an error, but: {error}"
            ) from error
    _expect(theirs.read(life.aws) is None, resource, "is back after a second delete")
    _expect(life.read_many(theirs) is None, resource, "is gone, but not when it is looked at together with others")


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

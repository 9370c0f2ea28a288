"""The contract check must fail for a resource that breaks the contract; a log group is the simplest to break."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from moto import mock_aws

from streamctl.aws import Aws
from streamctl.engine.resource import OWNER_TAG, Live
from streamctl.resources.log_group import LogGroup
from streamctl.testing import check_resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CHANGES = [{"retention_days": 30}, {"retention_days": None}]


@pytest.fixture
def aws() -> Iterator[Aws]:
    with mock_aws():
        yield Aws(region="eu-west-1", credentials=("testing", "testing"))


def group(kind: type[LogGroup] = LogGroup, **fields: Any) -> LogGroup:
    return kind(**{"id": "logs", "name": "group", "retention_days": 14, "tags": {OWNER_TAG: "a1b2c3"}} | fields)


def test_a_kind_that_keeps_the_contract_passes(aws: Aws) -> None:
    check_resource(aws, group(), CHANGES)


class NeedsMoreThanItSays(LogGroup):
    permissions: ClassVar[dict[str, tuple[str, ...]]] = LogGroup.permissions | {"create": ("logs:CreateLogGroup",)}


class SaysMoreThanItNeeds(LogGroup):
    permissions: ClassVar[dict[str, tuple[str, ...]]] = LogGroup.permissions | {
        "delete": ("logs:DeleteLogGroup", "logs:DeleteLogStream")
    }


class IgnoresAChange(LogGroup):
    def read(self, aws: Aws) -> Live | None:
        live = super().read(aws)
        return live and replace(live, settings={})


class DoesNotSayWhatItLeavesToAnUpdate(LogGroup):
    created: ClassVar[dict[str, Any]] = {}


class SaysAnotherValueThanItLeaves(LogGroup):
    created: ClassVar[dict[str, Any]] = {"retention_days": 1}


class UpdatesNothing(LogGroup):
    def update(self, aws: Aws, live: Live) -> None:
        aws.client("logs").tag_resource(resourceArn=live.attributes["arn"], tags=dict(self.tags))


class TellsTooLittle(LogGroup):
    def read(self, aws: Aws) -> Live | None:
        live = super().read(aws)
        return live and replace(live, attributes={"name": self.name})


class HidesWhoseItIs(LogGroup):
    def read(self, aws: Aws) -> Live | None:
        live = super().read(aws)
        return live and replace(live, tags=self.tags)


class PromisesAnotherArn(LogGroup):
    arn_format: ClassVar[str] = "logs:${aws.region}:${aws.account}:group/{name}"


class ReportsWhatIsNoSetting(LogGroup):
    def read(self, aws: Aws) -> Live | None:
        live = super().read(aws)
        if live:
            object.__setattr__(self, "size", 0)  # comparable, and still no field
            return replace(live, settings={**live.settings, "size": 0})
        return None


class CannotBeDeletedTwice(LogGroup):
    def delete(self, aws: Aws, live: Live) -> None:
        if self.read(aws) is None:
            raise LookupError("no such group")
        super().delete(aws, live)


class Fails(LogGroup):
    def read(self, aws: Aws) -> Live | None:
        live = super().read(aws)
        return live and replace(live, failure="The key is disabled.")


class IsAnotherAmongMany(LogGroup):
    @classmethod
    def read_many(cls, aws: Aws, resources: Sequence[LogGroup]) -> list[Live | None]:
        lives = [resource.read(aws) for resource in resources]
        return [live and replace(live, settings={"retention_days": 1}) for live in lives]


class StaysAmongMany(LogGroup):
    @classmethod
    def read_many(cls, aws: Aws, resources: Sequence[LogGroup]) -> list[Live | None]:
        gone = Live(attributes={}, settings={})
        return [resource.read(aws) or gone for resource in resources]


@dataclass(frozen=True, kw_only=True)
class HasAnotherSetting(LogGroup):
    encryption: bool = True


class IsFoundByASettingItDoesNotDeclare(LogGroup):
    def read(self, aws: Aws) -> Live | None:
        return super().read(aws) if isinstance(self.retention_days, int | None) else None


class NeedsASettingToBeRead(LogGroup):
    def read(self, aws: Aws) -> Live | None:
        return super().read(aws) if (self.retention_days or 0) < 10_000 else None


class IsAnotherAfterAChange(LogGroup):
    attributes: ClassVar[frozenset[str]] = LogGroup.attributes | {"edition"}

    def read(self, aws: Aws) -> Live | None:
        live = super().read(aws)
        return live and replace(live, attributes={**live.attributes, "edition": f"{live.settings['retention_days']}"})


class SaysThatItIsAnotherAfterAChange(IsAnotherAfterAChange):
    renews: ClassVar[dict[str, frozenset[str]]] = {"retention_days": frozenset({"edition"})}


def test_a_change_may_renew_an_attribute_that_is_declared(aws: Aws) -> None:
    check_resource(aws, group(SaysThatItIsAnotherAfterAChange), CHANGES)


@pytest.mark.parametrize(
    ("kind", "complaint"),
    [
        (DoesNotSayWhatItLeavesToAnUpdate, "created with retention_days=None, which created does not say"),
        (SaysAnotherValueThanItLeaves, "created with retention_days=None, which created does not say"),
        (IsFoundByASettingItDoesNotDeclare, "is not found without what found_by leaves out"),
        (NeedsASettingToBeRead, "cannot be read without what found_by leaves out: TypeError"),
        (IsAnotherAfterAChange, r"has another \['edition'\]"),
        (NeedsMoreThanItSays, r"create needs \['logs:TagResource'\]"),
        (SaysMoreThanItNeeds, r"delete declares \['logs:DeleteLogStream'\]"),
        (IgnoresAChange, "does not see that .*30.* differs"),
        (UpdatesNothing, "was asked to change retention_days, but still reports the old value"),
        (TellsTooLittle, r"has attributes \['name'\]"),
        (HidesWhoseItIs, "another owner's tag"),
        (PromisesAnotherArn, "not the ARN that arn_format says"),
        (ReportsWhatIsNoSetting, "settings without a field"),
        (CannotBeDeletedTwice, "deleting what is gone must not be an error"),
        (Fails, "gave up on log_group group: The key is disabled."),
        (IsAnotherAmongMany, "is another when it is looked at together with others"),
        (StaysAmongMany, "is gone, but not when it is looked at together with others"),
        (HasAnotherSetting, r"no change is given for \['encryption'\]"),
    ],
)
def test_a_kind_that_breaks_the_contract_is_told_where(kind: type[LogGroup], complaint: str, aws: Aws) -> None:
    seconds = count()
    with pytest.raises(AssertionError, match=complaint):
        check_resource(aws, group(kind), CHANGES, clock=lambda: next(seconds), sleep=lambda _: None)


def test_what_is_there_already_is_no_subject_for_the_check(aws: Aws) -> None:
    group().create(Aws(region="eu-west-1", credentials=("testing", "testing")))
    with pytest.raises(AssertionError, match="there before it was made"):
        check_resource(aws, group(), CHANGES)


def test_an_aws_whose_calls_cannot_be_watched_any_more_is_refused(aws: Aws) -> None:
    aws.client("logs")
    with pytest.raises(AssertionError, match="has made no client yet"):
        check_resource(aws, group(), CHANGES)


def test_a_setting_that_a_server_cannot_change_is_left_out_with_its_reason(aws: Aws) -> None:
    check_resource(
        aws,
        group(),
        [],
        unchanged={"retention_days": "never changes here"},
        unseen={"logs:DeleteRetentionPolicy"},
    )


def test_a_fixed_setting_cannot_be_among_the_changes(aws: Aws) -> None:
    class NeverChanges(LogGroup):
        fixed: ClassVar[frozenset[str]] = frozenset({"retention_days"})

    with pytest.raises(AssertionError, match=r"cannot change \['retention_days'\]"):
        check_resource(aws, group(NeverChanges), CHANGES)

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from streamctl.adoption.refusals import refuse
from streamctl.adoption.report import Report, Whose, report_on
from streamctl.adoption.stacks import Stack
from streamctl.engine.graph import Graph
from streamctl.engine.plan import Action
from streamctl.engine.state import StateFile, Target
from streamctl.errors import OwnershipError, UsageError
from streamctl.observe.inventory import Found

from ..engine.cloud import OURS, Cloud, Thing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from streamctl.engine.resource import Resource

STACK_ID = "arn:aws:cloudformation:eu-central-1:000000000000:stack/theirs/0a1b"
STACK = {"aws:cloudformation:stack-id": STACK_ID}


@dataclass
class Account(Cloud):
    """With CloudFormation in it."""

    stacks: dict[str, str] = field(default_factory=lambda: {STACK_ID: "UPDATE_COMPLETE"})
    """The state of each, by id."""
    held: tuple[str, ...] = ()
    """What each says that it manages."""

    def client(self, service: str) -> Any:
        return getattr(self, service)

    @property
    def cloudformation(self) -> Any:
        held = [{"PhysicalResourceId": each} for each in self.held]
        pages = SimpleNamespace(paginate=lambda **_: [{"StackResourceSummaries": held}])
        return SimpleNamespace(
            describe_stacks=lambda StackName: {"Stacks": [{"StackStatus": self.stacks[StackName]}]},
            get_paginator=lambda _: pages,
        )


@dataclass(frozen=True, kw_only=True)
class Store(Thing):
    """A thing with the user's data."""

    holds_data: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class Role(Thing):
    kind: ClassVar[str] = "iam_role"


def thing(name: str, **settings: Any) -> Thing:
    return Store(id=name, name=f"{name}-demo01", **settings)


def there(tags: Mapping[str, str], **settings: Any) -> dict[str, Any]:
    return {"size": 1, "shape": "round", "note": "", "tags": dict(tags), **settings}


class Site:
    """Looks at resources in a cloud; `listed` is all that has the pipeline's names."""

    def __init__(self, folder: Path) -> None:
        self.cloud = Account()
        self.listed: list[Found] = []
        self._state = StateFile.new(folder / "state.json", "demo01", Target("000000000000", "eu-central-1"))

    def look(self, *resources: Resource) -> Report:
        return report_on(Graph(resources), self.cloud, self._state, self.listed)  # type: ignore[arg-type]

    def refuse(self, *resources: Resource) -> None:
        refuse(self.look(*resources), self.cloud, "demo01")  # type: ignore[arg-type]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.mark.parametrize(
    ("tags", "whose"),
    [
        (OURS, Whose.OURS),
        ({**STACK, **OURS}, Whose.OURS),
        ({"streamctl:pipeline": "other"}, Whose.ANOTHER),
        ({"streamctl:export": "demo01"}, Whose.EXPORT),
        ({"streamctl:export": "demo01", **STACK}, Whose.STACK),
        ({"team": "blue"}, Whose.NOBODY),
    ],
)
def test_the_tags_tell_whose_it_is(site: Site, tags: Mapping[str, str], whose: Whose) -> None:
    site.cloud.things["a-demo01"] = there(tags)

    (finding,) = site.look(thing("a")).findings

    assert finding.whose is whose


@pytest.mark.parametrize(
    ("settings", "action"),
    [({}, Action.KEEP), ({"size": 2}, Action.UPDATE), ({"shape": "square"}, Action.REPLACE)],
)
def test_what_up_would_do_is_told_as_if_it_were_ours(site: Site, settings: dict[str, Any], action: Action) -> None:
    site.cloud.things["a-demo01"] = there({})

    (finding,) = site.look(thing("a", **settings)).findings

    assert (finding.step.action, finding.step.differences.keys()) == (action, settings.keys())


@pytest.mark.parametrize("leaving", [{}, {"b-demo01": there({}, state="DELETING")}])
def test_what_is_not_there_or_not_for_long_is_not_taken_over(site: Site, leaving: dict[str, Any]) -> None:
    site.cloud.things |= {"a-demo01": there({}), **leaving}

    report = site.look(thing("a"), thing("b"))

    assert [(finding.whose, finding.step.action) for finding in report.findings] == [
        (Whose.NOBODY, Action.KEEP),
        (None, Action.CREATE),
    ]
    assert report.steps.keys() == {"a"}


def test_what_is_ours_already_is_only_remembered(site: Site) -> None:
    site.cloud.things |= {"a-demo01": there(OURS), "b-demo01": there({})}

    report = site.look(thing("a"), thing("b"))

    assert {name: step.action for name, step in report.steps.items()} == {"a": Action.KEEP, "b": Action.ADOPT}
    assert [finding.step.resource.id for finding in report.to_take_over] == ["b"]


def test_stacks_are_named_with_what_they_manage_also_once_it_is_ours(site: Site) -> None:
    site.cloud.things |= {"a-demo01": there(STACK), "b-demo01": there({**STACK, **OURS}), "c-demo01": there({})}

    assert site.look(thing("a"), thing("b"), thing("c")).stacks == {Stack("theirs"): 2}


def test_what_a_stack_holds_is_the_stacks_with_or_without_its_tag(site: Site) -> None:
    exported = {"streamctl:export": "demo01"}
    site.cloud.things |= {"a-demo01": there({**STACK, **exported}), "b-demo01": there(exported), "c-demo01": there({})}
    site.cloud.held = ("a-demo01", "arn:aws:things:eu-central-1:000000000000:b-demo01")

    report = site.look(thing("a"), thing("b"), thing("c"))

    assert [finding.whose for finding in report.findings] == [Whose.STACK, Whose.STACK, Whose.NOBODY]
    assert report.stacks == {Stack("theirs"): 2}


@pytest.mark.parametrize(("tags", "whose"), [({"streamctl:export": "demo01"}, Whose.EXPORT), ({}, Whose.NOBODY)])
def test_what_a_deleted_stack_let_go_of_is_no_stacks(site: Site, tags: Mapping[str, str], whose: Whose) -> None:
    site.cloud.things["a-demo01"] = there({**STACK, **tags})
    site.cloud.stacks[STACK_ID] = "DELETE_COMPLETE"

    report = site.look(thing("a"))

    assert ([finding.whose for finding in report.findings], report.stacks) == ([whose], {})


def test_what_has_the_names_and_is_not_configured_is_a_stranger(site: Site) -> None:
    """A listing tells a thing by its name, by something it is known by, or by what it is made of."""
    site.cloud.things["a-demo01"] = there({})
    arn = "arn:aws:things:eu-central-1:000000000000:a-demo01"
    strangers = (
        Found("log_group", "/aws/lambda/anomaly-detector-demo01", "demo01"),
        Found("kms_key", "a-demo01", "demo01"),
    )
    site.listed = [
        Found("thing", "a-demo01", "demo01"),
        Found("tagged", arn, "demo01"),
        Found("thing", "email a-demo01", "demo01"),
        *strangers,
    ]

    assert site.look(thing("a")).strangers == strangers


def test_what_is_another_pipelines_is_refused_with_its_name(site: Site) -> None:
    site.cloud.things |= {"a-demo01": there({"streamctl:pipeline": "other"}), "b-demo01": there({})}

    with pytest.raises(OwnershipError, match=r"thing a-demo01 \(of other\)"):
        site.refuse(thing("a"), thing("b"))


def test_where_nothing_is_there_nothing_is_taken_over(site: Site) -> None:
    site.listed = [Found("sqs_queue", "analytics-rejected-demo01", "demo01")]

    with pytest.raises(UsageError, match=r"nothing of a pipeline demo01.* sqs_queue analytics-rejected-demo01"):
        site.refuse(thing("a"))


def test_what_another_region_made_is_not_taken_for_a_pipeline_of_this_one(site: Site) -> None:
    """All regions share the roles, and a bucket's name is taken in all of them."""
    site.cloud.things |= {"role-demo01": there({}), "bucket-demo01": there({}, elsewhere=True)}

    with pytest.raises(UsageError, match=r"another region .*: iam_role role-demo01, thing bucket-demo01") as raised:
        site.refuse(Role(id="role", name="role-demo01"), thing("bucket"), thing("stream"))

    assert "--region" in str(raised.value.hint)


def test_what_is_in_another_region_is_refused_though_the_rest_is_here(site: Site) -> None:
    site.cloud.things |= {"stream-demo01": there({}), "bucket-demo01": there({}, elsewhere=True)}

    with pytest.raises(OwnershipError, match=r"it is in another region: thing bucket-demo01"):
        site.refuse(thing("bucket"), thing("stream"))


def test_what_up_could_only_replace_is_refused_with_the_setting_where_it_holds_data(site: Site) -> None:
    site.cloud.things["a-demo01"] = there({}, protection="take it off")

    with pytest.raises(UsageError, match=r"thing a-demo01 \(shape is round, not square\)"):
        site.refuse(thing("a", shape="square", size=3))


@pytest.mark.parametrize("wanted", [{}, {"size": 3}])
def test_protection_against_deletion_is_no_obstacle(site: Site, wanted: dict[str, Any]) -> None:
    site.cloud.things["a-demo01"] = there({}, protection="take it off")

    site.refuse(thing("a", **wanted))


def test_what_holds_no_data_may_be_replaced(site: Site) -> None:
    site.cloud.things["a-demo01"] = there({})

    site.refuse(Thing(id="a", name="a-demo01", shape="square"))

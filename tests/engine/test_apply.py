from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from streamctl.engine.graph import Graph
from streamctl.engine.outcome import Outcome
from streamctl.engine.plan import make_plan
from streamctl.errors import AwsError, DeadlineError, OwnershipError, PartialError, UsageError

from .cloud import OURS, Edition, Fault, Thing, no_answer, refused, thing

if TYPE_CHECKING:
    from streamctl.engine.resource import Live, Resource

    from .site import Site

PAIR = (thing("a", note="first"), thing("b", note="${a.arn}"))


def test_everything_is_made_in_order_and_updated_to_what_a_create_cannot_set(site: Site) -> None:
    outcome = site.up(*PAIR)

    assert outcome.done == {"a", "b"}
    assert site.cloud.writes == ["create a-demo01", "update a-demo01", "create b-demo01", "update b-demo01"]
    assert site.cloud.things["b-demo01"]["note"] == "arn:aws:things:eu-central-1:000000000000:a-demo01"


def test_a_second_time_nothing_is_written(site: Site) -> None:
    site.up(*PAIR)
    site.cloud.calls.clear()

    site.up(*PAIR)

    assert site.cloud.writes == []


def test_what_a_change_renews_reaches_whoever_refers_to_it_at_once(site: Site) -> None:
    def pair(size: int) -> tuple[Resource, ...]:
        return Edition(id="a", name="a-demo01", size=size), thing("b", note="${a.edition}")

    site.up(*pair(1))
    site.up(*pair(2))

    assert site.cloud.things["b-demo01"]["note"] == "of size 2"


@dataclass(frozen=True, kw_only=True)
class Forgetful(Edition):
    def read(self, aws: Any) -> Live | None:
        live = super().read(aws)
        return live and replace(live, attributes={"name": self.name})


def test_who_refers_to_what_aws_does_not_tell_is_not_sent_with_a_hole(site: Site) -> None:
    outcome = site.up(Forgetful(id="a", name="a-demo01"), thing("b", note="${a.edition}"))

    assert outcome.done == {"a"}
    assert outcome.failed["b"].message == "thing b-demo01 needs the edition of a, and AWS tells of none."
    assert "b" not in site.state.state.resources


def test_a_slow_creation_is_waited_for(site: Site) -> None:
    site.cloud.slow_looks = 4

    assert site.up(thing("a")).done == {"a"}


def test_a_look_that_is_throttled_while_waiting_is_only_missed(site: Site) -> None:
    throttled = iter([refused("ThrottlingException"), refused("LimitExceededException")])

    class Popular(Thing):
        def read(self, aws: Any) -> Any:
            if self.name in aws.things and (error := next(throttled, None)):
                raise error
            return super().read(aws)

    assert site.up(Popular(id="a", name="a-demo01")).done == {"a"}


def test_a_creation_that_never_ends_is_given_up_at_its_deadline(site: Site) -> None:
    site.cloud.slow_looks = 10_000

    outcome = site.up(thing("a"))

    assert isinstance(outcome.failed["a"], DeadlineError)


def test_a_failure_skips_only_what_needs_it(site: Site) -> None:
    site.cloud.faults = [Fault("create", refused("ValidationException", "bad size"))]

    outcome = site.up(thing("a"), thing("b", note="${a.arn}"), thing("c", after=("b",)))
    alone = site.up(thing("d"))

    assert (set(outcome.failed), outcome.skipped, alone.done) == ({"a"}, {"b", "c"}, {"d"})
    assert "skipped b because of a" in site.listener.heard


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize(
    ("error", "after"),
    [
        (no_answer(), False),
        (no_answer(), True),
        (refused("Throttling"), False),
        (refused("InvalidParameterValueException", "The role cannot be assumed by Lambda."), False),
    ],
)
def test_a_passing_failure_of_a_create_is_absorbed(site: Site, error: Exception, after: bool, times: int) -> None:
    site.cloud.faults = [Fault("create", error, after=after, times=times)]

    assert site.up(*PAIR).failed == {}
    assert site.cloud.things.keys() == {"a-demo01", "b-demo01"}


@pytest.mark.parametrize("operation", ["update", "delete"])
@pytest.mark.parametrize("after", [False, True])
def test_a_lost_answer_of_an_update_or_a_delete_is_absorbed(site: Site, operation: str, after: bool) -> None:
    site.cloud.faults = [Fault(operation, no_answer(), after=after, times=2)]

    site.up(*PAIR)
    site.down(*PAIR)

    assert site.cloud.things == {}


def test_an_update_of_what_is_not_consistently_there_yet_is_sent_again(site: Site) -> None:
    site.cloud.faults = [Fault("update", refused("NoSuchEntity"), times=2)]

    site.up(thing("a", note="x"))

    assert site.cloud.things["a-demo01"]["note"] == "x"


def test_a_mistake_is_reported_at_once(site: Site) -> None:
    site.cloud.faults = [Fault("create", refused("ValidationException", "size must be even"))]

    outcome = site.up(thing("a"))

    assert "size must be even" in outcome.failed["a"].message
    assert site.cloud.writes == ["create a-demo01"]


def test_a_kill_between_create_and_answer_is_continued_even_where_the_tag_was_dropped(site: Site) -> None:
    site.cloud.faults = [Fault("create", KeyboardInterrupt(), after=True)]  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        site.up(*PAIR)
    site.cloud.things["a-demo01"]["tags"] = {}

    outcome = site.up(*PAIR)

    assert outcome.done == {"a", "b"}
    assert site.cloud.things["a-demo01"]["tags"] == OURS


def test_what_appears_under_our_name_at_the_last_moment_is_not_taken_over(site: Site) -> None:
    plan = make_plan(Graph([thing("a")]), site.cloud, site.state)
    site.cloud.things["a-demo01"] = {"size": 1, "shape": "round", "note": "", "tags": {}}

    outcome = site.applier().apply(plan, {"a"})

    assert isinstance(outcome.failed["a"], OwnershipError)
    assert not site.state.is_claimed("a")


def test_what_aws_gave_up_on_is_reported_with_its_reason(site: Site) -> None:
    site.up(thing("a"))
    site.cloud.things["a-demo01"] |= {"failure": "image too large"}

    outcome = site.up(thing("a", size=2))

    assert "image too large" in outcome.failed["a"].message


def test_a_replacement_deletes_before_it_creates(site: Site) -> None:
    site.up(thing("a"))
    site.cloud.calls.clear()

    site.up(thing("a", shape="square"))

    assert site.cloud.writes == ["delete a-demo01", "create a-demo01"]


def test_a_delete_that_was_interrupted_is_done_again_before_the_thing_is_made_anew(site: Site) -> None:
    site.up(thing("a"))
    site.cloud.faults = [Fault("delete", KeyboardInterrupt(), after=False)]  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        site.down(thing("a"))
    site.cloud.calls.clear()

    site.up(thing("a"))

    assert site.cloud.writes == ["delete a-demo01", "create a-demo01"]
    assert site.state.state.resources["a"].made


def test_a_change_that_needs_more_rounds_than_allowed_is_no_success(site: Site) -> None:
    class Endless(Thing):
        def update(self, aws: Any, live: Any) -> None:
            aws.things[self.name]["size"] += 1

    outcome = site.up(Endless(id="a", name="a-demo01", size=1, note="x"))

    assert "not there after 12 changes" in outcome.failed["a"].message


def test_a_setting_that_aws_does_not_take_is_noted_and_not_tried_for_ever(site: Site) -> None:
    class Stubborn(Thing):
        def update(self, aws: Any, live: Any) -> None:
            aws.calls.append("update ignored")

    site.up(Stubborn(id="a", name="a-demo01", size=1, note="never"))

    assert site.cloud.calls.count("update ignored") == 1
    assert any("still reports the old value" in line for line in site.listener.heard)


def test_what_is_no_longer_wanted_is_deleted(site: Site) -> None:
    site.up(*PAIR)

    site.up(PAIR[0], leftovers=(thing("b"),))

    assert site.cloud.things.keys() == {"a-demo01"}
    assert site.state.state.resources.keys() == {"a"}


def test_what_is_no_longer_wanted_is_deleted_before_what_it_needed(site: Site) -> None:
    site.up(thing("a"), thing("b", note="${a.arn}"), thing("c", after=("b",)))
    site.cloud.calls.clear()
    assert {name: record.fields["after"] for name, record in site.state.state.resources.items()} == {
        "a": (),
        "b": ("a",),
        "c": ("b",),
    }

    site.up(leftovers=(thing("a"), thing("b", after=("a",)), thing("c", after=("b",))))

    assert site.cloud.writes == ["delete c-demo01", "delete b-demo01", "delete a-demo01"]


def test_what_is_no_longer_wanted_stays_while_what_needs_it_cannot_be_deleted(site: Site) -> None:
    site.up(thing("a"), thing("b", after=("a",)))
    site.cloud.faults.append(Fault("delete", refused("AccessDeniedException")))

    outcome = site.up(leftovers=(thing("a"), thing("b", after=("a",))))

    assert (outcome.failed.keys(), outcome.skipped) == ({"b"}, {"a"})
    assert site.cloud.things.keys() == {"a-demo01", "b-demo01"}


def test_down_deletes_in_reverse_and_forgets(site: Site) -> None:
    site.up(*PAIR)
    site.cloud.calls.clear()

    site.down(*PAIR)

    assert site.cloud.writes == ["delete b-demo01", "delete a-demo01"]
    assert site.state.state.resources == {}


def test_down_touches_nothing_when_one_thing_is_foreign(site: Site) -> None:
    site.up(*PAIR)
    site.cloud.things["a-demo01"]["tags"] = {"streamctl:pipeline": "other"}
    site.cloud.calls.clear()

    with pytest.raises(OwnershipError, match="thing a-demo01"):
        site.down(*PAIR)
    assert site.cloud.writes == []


def test_down_finds_what_is_known_only_by_what_it_refers_to(site: Site) -> None:
    """An event source mapping has no name: it is found by the stream and the function it joins."""

    class Joint(Thing):
        def read(self, aws: Any) -> Any:
            assert "$" not in self.note
            return super().read(aws)

    joint = Joint(id="b", name="b-demo01", note="${a.arn}")
    site.up(thing("a"), joint)

    site.down(thing("a"), joint)

    assert site.cloud.things == {}


def test_down_of_what_is_gone_already_is_no_failure(site: Site) -> None:
    assert site.down(*PAIR).failed == {}


def test_a_failed_delete_keeps_what_the_failed_one_needs(site: Site) -> None:
    site.up(*PAIR)
    site.cloud.faults = [Fault("delete", refused("AccessDeniedException", "things:Delete on b"))]

    outcome = site.down(*PAIR)

    assert (set(outcome.failed), outcome.skipped) == ({"b"}, {"a"})
    assert site.cloud.things.keys() == {"a-demo01", "b-demo01"}


def test_one_failure_alone_is_raised_as_it_is_and_several_as_partly_done() -> None:
    alone = Outcome(failed={"a": AwsError("no")})
    several = Outcome(done={"c"}, failed={"a": AwsError("no")})

    with pytest.raises(AwsError, match="no"):
        alone.raise_if_partial("up")
    with pytest.raises(PartialError, match="a failed") as partial:
        several.raise_if_partial("up")
    assert "streamctl up" in (partial.value.hint or "")


def test_nothing_is_deleted_where_one_thing_is_protected(site: Site) -> None:
    site.up(*PAIR)
    site.cloud.things["a-demo01"]["protection"] = "Take it off."
    site.cloud.calls.clear()

    with pytest.raises(UsageError, match="thing a-demo01") as refusal:
        site.down(*PAIR)
    assert (refusal.value.hint, site.cloud.writes) == ("Take it off.", [])
    assert site.state.state.resources.keys() == {"a", "b"}

"""What somebody else made becomes ours by the owner's tag alone, wherever that is cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from streamctl.errors import OwnershipError

from .cloud import OURS, Fault, no_answer, refused, thing

if TYPE_CHECKING:
    from .site import Site


def theirs(**settings: Any) -> dict[str, Any]:
    return {"size": 1, "shape": "round", "note": "", "tags": {"team": "blue"}, **settings}


def test_what_is_taken_over_gets_the_owners_tag_alone_and_is_remembered_as_it_is(site: Site) -> None:
    site.cloud.things["a-demo01"] = theirs()

    outcome = site.adopt(thing("a", size=3, tags={**OURS, "team": "red"}))

    assert (outcome.done, site.cloud.writes) == ({"a"}, ["update a-demo01"])
    assert {name: site.cloud.things["a-demo01"][name] for name in ("size", "tags")} == {
        "size": 1,
        "tags": {"team": "blue", **OURS},
    }
    record = site.state.state.resources["a"]
    assert (record.made, record.fields["size"]) == (True, 1)


def test_taking_over_twice_sends_nothing_the_second_time(site: Site) -> None:
    site.cloud.things["a-demo01"] = theirs()
    site.adopt(thing("a"))
    site.state.forget("a")

    site.adopt(thing("a"))

    assert site.cloud.writes == ["update a-demo01"]
    assert site.state.state.resources["a"].made


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("error", [no_answer(), refused("ThrottlingException"), refused("ResourceInUseException")])
def test_a_tag_that_got_no_answer_or_came_too_early_is_put_on_in_the_end(
    site: Site, error: Exception, after: bool
) -> None:
    site.cloud.things["a-demo01"] = theirs()
    site.cloud.faults.append(Fault("update", error, after=after))

    assert site.adopt(thing("a")).done == {"a"}
    assert site.cloud.things["a-demo01"]["tags"] == {"team": "blue", **OURS}


def test_what_cannot_be_tagged_is_not_remembered_and_the_rest_is_taken_over(site: Site) -> None:
    site.cloud.things |= {"a-demo01": theirs(), "b-demo01": theirs()}
    site.cloud.faults.append(Fault("update", refused("AccessDenied"), times=1))

    outcome = site.adopt(thing("a"), thing("b"))
    again = site.adopt(thing("a"), thing("b"))

    assert (len(outcome.done), len(outcome.failed)) == (1, 1)
    assert again.done == {"a", "b"}
    assert site.state.state.resources.keys() == {"a", "b"}


@pytest.mark.parametrize("now", [{}, {"a-demo01": theirs(tags={"streamctl:pipeline": "other"})}])
def test_what_is_gone_or_another_pipelines_by_now_is_not_taken_over(site: Site, now: dict[str, Any]) -> None:
    site.cloud.things |= now

    outcome = site.adopt(thing("a"))

    assert isinstance(outcome.failed["a"], OwnershipError)
    assert (site.cloud.writes, site.state.state.resources) == ([], {})


@pytest.mark.parametrize("after", [False, True])
def test_a_kill_while_the_tag_is_put_on_is_continued(site: Site, after: bool) -> None:
    site.cloud.things |= {"a-demo01": theirs(), "b-demo01": theirs()}
    site.cloud.faults = [Fault("update", KeyboardInterrupt(), after=after)]  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        site.adopt(thing("a"), thing("b"))

    assert site.adopt(thing("a"), thing("b")).done == {"a", "b"}
    assert all(each["tags"] == {"team": "blue", **OURS} for each in site.cloud.things.values())
    assert site.state.unsettled() == set()

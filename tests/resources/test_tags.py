from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streamctl.resources.tags import from_pairs, to_pairs


@given(st.dictionaries(st.text(), st.text()))
def test_tags_come_back_from_pairs_as_they_went(tags: dict[str, str]) -> None:
    assert from_pairs(to_pairs(tags)) == tags


def test_a_tag_without_a_value_has_an_empty_one() -> None:
    assert from_pairs([{"Key": "team"}]) == {"team": ""}

from __future__ import annotations

import pytest

from streamctl.cli.trace import document, length, raise_unless_found
from streamctl.errors import CheckError
from streamctl.tracing.way import Outcome, Way


@pytest.mark.parametrize(
    ("ms", "words"),
    [(0, "+0 ms"), (-3, "-3 ms"), (9_999, "+9,999 ms"), (12_340, "+12.3 s"), (36_000_000, "+10.0 h"),
     (2_591_999_000, "+30.0 d")],
)  # fmt: skip
def test_a_length_of_time_is_told_in_a_unit_that_fits(ms: int, words: str) -> None:
    assert length(ms) == words


@pytest.mark.parametrize("outcome", Outcome)
def test_only_an_event_that_nothing_accounts_for_is_a_failure(outcome: Outcome) -> None:
    way = Way("e", outcome, ())

    assert document(way) == {"event_id": "e", "outcome": outcome.value, "steps": []}
    if outcome.is_accounted_for:
        raise_unless_found(way)
    else:
        with pytest.raises(CheckError, match=r"^e was|of e:"):
            raise_unless_found(way)

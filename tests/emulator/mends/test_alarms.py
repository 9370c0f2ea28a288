from __future__ import annotations

import pytest

from streamctl.emulator.mends.alarms import state_of


@pytest.mark.parametrize(
    ("breaching", "needed", "treat_missing", "expected"),
    [
        ([True], 1, "missing", "ALARM"),
        ([False], 1, "missing", "OK"),
        ([True, False, True], 2, "missing", "ALARM"),
        ([True, False, False], 2, "missing", "OK"),
        ([None], 1, "missing", "INSUFFICIENT_DATA"),
        ([None], 1, "notBreaching", "OK"),
        ([None], 1, "breaching", "ALARM"),
        ([None], 1, "ignore", None),
        ([True, None, None], 2, "breaching", "ALARM"),
        ([True, None, None], 2, "notBreaching", "OK"),
        ([True, None, None], 1, "ignore", "ALARM"),
    ],
)
def test_the_state_that_the_periods_call_for(
    breaching: list[bool | None], needed: int, treat_missing: str, expected: str | None
) -> None:
    assert state_of(breaching, needed, treat_missing) == expected

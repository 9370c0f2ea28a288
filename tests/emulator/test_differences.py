from __future__ import annotations

from streamctl.emulator import DIFFERENCES


def test_each_difference_is_one_or_two_short_sentences() -> None:
    assert all(each.endswith(".") and len(each) <= 220 for each in DIFFERENCES)

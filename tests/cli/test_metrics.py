from __future__ import annotations

from datetime import timedelta

import pytest

from streamctl.cli.durations import duration
from streamctl.cli.metrics import sparkline
from streamctl.errors import UsageError


def test_a_sparkline_spans_from_the_lowest_to_the_highest_with_dots_for_gaps() -> None:
    assert sparkline((0.0, None, 50.0, 100.0)) == "▁·▅█"


def test_a_sparkline_of_equal_values_is_flat() -> None:
    assert sparkline((0.0, 0.0)) == "▁▁"
    assert sparkline((None, None)) == "··"
    assert sparkline((7.0,)) == "█"


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("30m", 1800), ("2h", 7200), ("1d", 86_400), ("45", 45)])
def test_lengths_of_time_are_read_as_people_type_them(text: str, seconds: int) -> None:
    assert duration(text, "--since") == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "0", "soon", "-5m", "1w", "1.5h"])
def test_anything_else_is_refused_with_examples(text: str) -> None:
    with pytest.raises(UsageError, match="--since"):
        duration(text, "--since")

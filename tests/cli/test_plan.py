"""What `plan` says of a setting that changes."""

from __future__ import annotations

from streamctl.cli.plan import differing


def test_a_short_value_is_shown_whole() -> None:
    assert [*differing("shards", 2, 4)] == ["shards: 2 → 4"]


def test_of_a_mapping_only_what_differs_is_shown() -> None:
    there = {"DYNAMODB_TABLE": "analytics-results-shop", "LOG_LEVEL": "INFO"}
    wanted = {"DYNAMODB_TABLE": "analytics-results-shop", "LOG_LEVEL": "INFO", "EXPIRES": "86400"}

    assert [*differing("environment", there, wanted)] == ["environment.EXPIRES: null → 86400"]


def test_long_values_are_shown_where_they_part() -> None:
    start = "the same in both " * 10
    (line,) = differing("body", f"{start}one{start}", f"{start}two{start}")

    there, wanted = line.removeprefix("body: ").split(" → ")
    assert "one" in there
    assert "two" in wanted
    assert max(len(there), len(wanted)) <= 60


def test_a_value_that_was_not_there_is_shown_from_its_beginning() -> None:
    assert [*differing("policies", {}, {"p": "x" * 80})] == [f'policies: {{}} → {{"p": "{"x" * 52}…']
